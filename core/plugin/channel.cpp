#include "core/plugin/channel.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace triage::plugin {
namespace {

constexpr std::size_t read_bytes = 256UL * 1024;
constexpr std::size_t keep_bytes = 1024UL * 1024;  // of the out buffer's memory when it is empty

}  // namespace

std::shared_ptr<FlushList> FlushList::make(loop::Loop& loop) {
    auto list = std::make_shared<FlushList>();
    loop.at_turn_end([list] { list->flush(); });
    return list;
}

void FlushList::remove(const Channel& channel) { std::erase(channels_, &channel); }

// Flushing fails only into the buffer: handlers hear of a closed peer when they read.
void FlushList::flush() {
    for (auto* channel : std::exchange(channels_, {}))
        channel->flush();
}

Channel::Channel(loop::Loop& loop, std::shared_ptr<FlushList> flushes, base::UniqueFd socket,
                 FrameHandler& handler)
    : loop_(loop), flushes_(std::move(flushes)), socket_(std::move(socket)), handler_(handler) {
    ::fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
    loop_.watch(socket_.get(), loop::ready_read, [this](std::uint32_t ready) { on_ready(ready); });
}

Channel::~Channel() { close(); }

void Channel::close() {
    if (!socket_) return;
    loop_.unwatch(socket_.get());
    flushes_->remove(*this);
    socket_.reset();
}

bool Channel::admit(std::size_t before) {
    if (!socket_ || out_.size() - before > max_frame_bytes + sizeof(std::uint32_t)) {
        out_.resize(before);
        return false;
    }
    if (!std::exchange(flush_pending_, true)) flushes_->add(*this);
    return true;
}

void Channel::flush() {
    flush_pending_ = false;
    while (socket_ && unsent() > 0) {
        const auto sent =
            ::send(socket_.get(), out_.data() + sent_, unsent(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) break;  // the rest when the peer has read; an error shows when reading
        sent_ += static_cast<std::size_t>(sent);
    }
    if (unsent() == 0) {
        out_.clear();
        sent_ = 0;
        if (out_.capacity() > keep_bytes) out_.shrink_to_fit();
    } else if (sent_ > keep_bytes) {
        out_.erase(0, sent_);
        sent_ = 0;
    }
    if (socket_) update_interest();
}

void Channel::send_last() const noexcept {
    std::size_t sent = sent_;
    while (sent < out_.size()) {
        const auto more = ::send(socket_.get(), out_.data() + sent, out_.size() - sent,
                                 MSG_NOSIGNAL | MSG_DONTWAIT);
        if (more <= 0) return;
        sent += static_cast<std::size_t>(more);
    }
}

void Channel::update_interest() {
    const std::uint32_t interest =
        (paused_ ? 0U : std::uint32_t{loop::ready_read}) |
        (unsent() > 0 && !flush_pending_ ? std::uint32_t{loop::ready_write} : 0U);
    loop_.set_interest(socket_.get(), interest);
}

void Channel::pause(bool paused) {
    if (paused_ == paused || !socket_) return;
    paused_ = paused;
    update_interest();
}

void Channel::finish_sending() {
    if (!socket_) return;
    flush();
    if (socket_) ::shutdown(socket_.get(), SHUT_WR);
}

void Channel::on_ready(std::uint32_t ready) {
    if ((ready & loop::ready_write) != 0) flush();
    // A hang-up is told while paused, too; what was sent before it is then read to its end.
    if ((ready & (loop::ready_read | loop::ready_error)) != 0) receive();
}

// A child that it has left behind may still write: there is an end to it.
void Channel::drain() {
    for (int reads = 0; reads < 64 && receive(); ++reads) {
    }
}

bool Channel::receive() {
    if (!socket_) return false;
    if (in_capacity_ - in_end_ < read_bytes / 4) {
        const std::size_t kept = in_end_ - in_begin_;
        const std::size_t wanted = std::max(read_bytes, 2 * kept);
        if (wanted != in_capacity_) {
            auto larger = std::make_unique_for_overwrite<char[]>(wanted);
            if (kept > 0) std::memcpy(larger.get(), in_.get() + in_begin_, kept);
            in_ = std::move(larger);
            in_capacity_ = wanted;
        } else {
            std::memmove(in_.get(), in_.get() + in_begin_, kept);
        }
        in_begin_ = 0;
        in_end_ = kept;
    }
    const auto got =
        ::recv(socket_.get(), in_.get() + in_end_, in_capacity_ - in_end_, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (got <= 0) {
        fail("");
        return false;
    }
    in_end_ += static_cast<std::size_t>(got);
    take_frames();
    return is_open();
}

void Channel::take_frames() {
    while (socket_ && in_end_ - in_begin_ >= frame_head_bytes) {
        const std::string_view have(in_.get() + in_begin_, in_end_ - in_begin_);
        const auto head = read_head(have);
        if (!head) {
            fail(head.error().message);
            return;
        }
        if (have.size() - frame_head_bytes < head->payload_bytes) return;
        in_begin_ += frame_head_bytes + head->payload_bytes;
        handler_.on_frame(head->type, have.substr(frame_head_bytes, head->payload_bytes));
    }
    if (in_begin_ == in_end_) in_begin_ = in_end_ = 0;
}

void Channel::fail(const std::string& problem) {
    close();
    handler_.on_closed(problem);
}

}  // namespace triage::plugin
