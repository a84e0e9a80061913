// The host's side of one worker process: its life, and the conversation with it. Whatever comes
// from it is hostile input. All on the loop's thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "core/plugin/channel.hpp"
#include "core/plugin/death.hpp"
#include "core/plugin/output.hpp"
#include "core/plugin/plugins.hpp"
#include "core/plugin/spawn.hpp"

namespace triage::plugin {

class WorkerProcess;

class WorkerOwner {
public:
    virtual ~WorkerOwner() = default;
    // Once, first: what the plugin declares (from a worker of this program's protocol; not yet
    // judged), or why it could not be opened.
    virtual void on_described(WorkerProcess& worker, model::PluginInfo info) = 0;
    virtual void on_failed(WorkerProcess& worker, base::Error reason) = 0;
    virtual void on_outcome(WorkerProcess& worker, OutcomeMessage message) = 0;
    virtual void on_http_start(WorkerProcess& worker, RequestMessage message) = 0;
    // ended, http_cancel, http_consumed, secret.
    virtual void on_call(WorkerProcess& worker, FrameType type, const CallMessage& message) = 0;
    // The last call. The worker may be destroyed afterwards, not within.
    virtual void on_death(WorkerProcess& worker, const Death& death) = 0;
    virtual std::string label_of(CallId call) const = 0;
};

// In place of an answer that no frame can hold.
net::Response too_large_answer();

class WorkerProcess final : private FrameHandler {
public:
    // `loop` and `owner` must outlive this. Watches over callbacks and the start as the options
    // say.
    WorkerProcess(loop::Loop& loop, std::shared_ptr<FlushList> flushes, const Options& options,
                  Spawned spawned, WorkerOwner& owner);
    // Ends the process, its group and the conversation.
    ~WorkerProcess() override;
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    // False if the call's arguments are too large for a frame.
    bool start(CallId id, std::size_t check_index, const Call& call);
    void cancel(CallId id);
    // False if it is too large for a frame: the plugin waits in vain.
    bool http_head(CallId call, OpId op, const net::Response& head);
    bool http_data(CallId call, OpId op, std::string_view chunk);
    // What is too large becomes a failure that says so.
    void http_done(CallId call, OpId op, const net::Response& response);

    // How many requests of it are under way: above a limit nothing more is read from it.
    void set_requests(std::size_t count);
    // A frame about a call that is not known: a few are natural (it crosses a cancel), many are a
    // flood.
    void count_stray_frame();
    std::uint64_t calls_sent() const { return calls_sent_; }

    // Ends it; on_death() follows, which says `because`. `its_fault`: it counts as a crash.
    void kill(std::string because, bool its_fault);
    // Lets it end by itself; wait_for_end() gives it until `until`, then it is killed.
    void shut_down();
    void wait_for_end(std::chrono::steady_clock::time_point until);

    Output& output() { return output_; }

private:
    void on_frame(FrameType type, std::string_view payload) override;
    void on_closed(const std::string& problem) override;
    void on_described(std::string_view payload);
    void on_failed(std::string_view payload);
    void on_outcome(std::string_view payload);
    void on_http_start(std::string_view payload);
    void on_call(FrameType type, std::string_view payload);
    void on_output();
    void on_exit();
    void watch_over();
    void protocol_error(const std::string& what);
    void break_off(std::string because);
    template <class Write>
    bool send(Write write);
    // An argument that many calls have, unless it knows it. False if it could not be sent.
    bool tell(const std::shared_ptr<const CallArgument>& argument);

    loop::Loop& loop_;
    Options options_;
    WorkerOwner& owner_;
    Process process_;
    std::shared_ptr<Breadcrumbs> crumbs_;
    base::UniqueFd output_fd_;
    Output output_;
    Channel channel_;
    loop::TimePoint opened_by_;
    loop::TimerId watch_timer_{};
    loop::TimerId exit_timer_{};
    std::string killed_because_;
    bool ended_by_host_ = false;
    bool described_ = false;
    bool dead_ = false;
    std::uint64_t calls_sent_ = 0;
    std::unordered_map<std::shared_ptr<const CallArgument>, std::uint64_t> told_;  // their numbers
    std::uint64_t stray_frames_ = 0;
};

}  // namespace triage::plugin
