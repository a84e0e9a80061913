// One end of the socket between host and worker: frames in, frames out, on the loop's thread.
//
// What is written collects in one contiguous buffer and goes out by one send() at the end of the
// loop's turn. What comes is read by one recv() a turn, so that a flood leaves the others their
// turn.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/unique_fd.hpp"
#include "core/loop/loop.hpp"
#include "core/plugin/wire.hpp"

namespace triage::plugin {

class Channel;

// Flushes the channels that have something to send. The loop keeps its hook for ever, so there is
// one of these for many channels that come and go.
class FlushList {
public:
    static std::shared_ptr<FlushList> make(loop::Loop& loop);

    void add(Channel& channel) { channels_.push_back(&channel); }
    void remove(const Channel& channel);

private:
    void flush();

    std::vector<Channel*> channels_;
};

class FrameHandler {
public:
    virtual ~FrameHandler() = default;
    // The payload is borrowed. May close or pause the channel; must not destroy it.
    virtual void on_frame(FrameType type, std::string_view payload) = 0;
    // The last call: the peer has gone (`problem` empty) or sent what is no frame. Closed already.
    virtual void on_closed(const std::string& problem) = 0;
};

class Channel {
public:
    // `loop` and `handler` must outlive this. Owns the socket, which is made non-blocking.
    Channel(loop::Loop& loop, std::shared_ptr<FlushList> flushes, base::UniqueFd socket,
            FrameHandler& handler);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    // Calls write(std::string&), which appends one frame. Is it larger than a frame may be, it is
    // taken back, and false returned. After close() nothing is written.
    template <class Write>
    bool send(Write write) {
        const std::size_t before = out_.size();
        write(out_);
        return admit(before);
    }

    // Bytes that the peer has not taken yet.
    std::size_t unsent() const { return out_.size() - sent_; }
    // While paused nothing is read, so that the peer must wait.
    void pause(bool paused);
    // Sends what it can, then says end-of-file to the peer, whose frames still come.
    void finish_sending();
    // Reads what is there without waiting: for a peer that has ended.
    void drain();
    // For a process that is about to die, also from within a signal handler: sends what waits and
    // changes nothing.
    void send_last() const noexcept;
    void close();
    bool is_open() const { return static_cast<bool>(socket_); }

    void flush();  // for FlushList

private:
    bool admit(std::size_t before);
    void on_ready(std::uint32_t ready);
    bool receive();  // false when there is nothing more for now
    void take_frames();
    void fail(const std::string& problem);
    void update_interest();

    loop::Loop& loop_;
    std::shared_ptr<FlushList> flushes_;
    base::UniqueFd socket_;
    FrameHandler& handler_;
    std::string out_;
    std::size_t sent_ = 0;
    bool flush_pending_ = false;
    bool paused_ = false;
    std::unique_ptr<char[]> in_;
    std::size_t in_capacity_ = 0;
    std::size_t in_begin_ = 0;
    std::size_t in_end_ = 0;
};

}  // namespace triage::plugin
