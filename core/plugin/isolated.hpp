// A plugin in a process of its own, and what becomes of its checks when that process dies.
//
//  - The check whose callback was running gets the error.
//  - Calls that the worker had not begun yet start in a fresh one.
//  - Others that were under way run again, once, in a worker of their own, if their check is
//    repeatable and their deadline has not passed; else they get an error that names the culprit.
//  - After more than three crashes the plugin is given up.
//
// A cancelled check that does not end makes its worker retire: new calls go to a fresh one, and the
// old one is ended as soon as its other calls are through.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/plugin/backend.hpp"
#include "core/plugin/worker_process.hpp"

namespace triage::plugin {

class Isolated final : public Backend, private WorkerOwner, private HttpReplies {
public:
    // `loop`, `services` and `options` must outlive this. `path` is the absolute path of the
    // library.
    Isolated(loop::Loop& loop, HostServices& services, std::shared_ptr<FlushList> flushes,
             const Options& options, std::string id, std::string path);
    // at(): not to be opened again.
    Isolated(const Isolated& opened, std::shared_ptr<const net::Place> place);
    ~Isolated() override;

    void open(Opened opened) override;
    void start(CallId id, std::size_t check_index, Call call, CallSink& sink) override;
    void cancel(CallId id) override;
    std::unique_ptr<Backend> at(const std::shared_ptr<const net::Place>& place) override {
        return std::make_unique<Isolated>(*this, place);
    }
    void shut_down() override;

private:
    // A call from its start until nothing of it is left in its worker.
    struct Entry {
        CallSink* sink = nullptr;  // NULL: cancelled, or its outcome was delivered
        std::size_t check_index = 0;
        Call call;
        WorkerProcess* worker = nullptr;
        std::uint64_t order = 0;       // among the calls that were sent to this worker
        std::uint64_t generation = 0;  // how often it was started
        bool was_lost = false;         // it has been under way in a worker that died
        bool starts_later = false;     // its outcome or start is deferred
        std::vector<OpId> requests;    // under way at the host
        loop::TimerId grace{};         // after a cancel
    };
    using Entries = std::unordered_map<std::uint64_t, Entry>;

    void on_described(WorkerProcess& worker, model::PluginInfo info) override;
    void on_failed(WorkerProcess& worker, base::Error reason) override;
    void on_outcome(WorkerProcess& worker, OutcomeMessage message) override;
    void on_http_start(WorkerProcess& worker, RequestMessage message) override;
    void on_call(WorkerProcess& worker, FrameType type, const CallMessage& message) override;
    void on_death(WorkerProcess& worker, const Death& death) override;
    std::string label_of(CallId call) const override;

    void http_head(CallId call, OpId op, const net::Response& head) override;
    void http_data(CallId call, OpId op, std::string_view chunk) override;
    void http_done(CallId call, OpId op, net::Response response) override;

    template <class Task>
    void later(Task task);
    base::Result<std::unique_ptr<WorkerProcess>> make_worker();
    base::Result<WorkerProcess*> current_worker();
    void send(CallId id, Entry& entry, const base::Result<WorkerProcess*>& worker);
    void deliver(CallId id, Outcome outcome);
    void deliver_error(CallId id, std::string message, std::string remedy);
    Entry* find(CallId id);
    Entry* find(CallId id, const WorkerProcess& worker);
    void cancel_requests(CallId id, Entry& entry);
    void count_requests(WorkerProcess& worker, int change);
    std::vector<CallId> calls_of(const WorkerProcess& worker) const;
    void bury(const WorkerProcess& worker);
    void judge_death(const std::vector<CallId>& calls, const Death& death);
    void restart(const std::vector<CallId>& calls);
    base::Result<WorkerProcess*> rescue_worker();
    static bool is_under_way(const Entry& entry, OpId op);
    void give_up_request(CallId call, OpId op);
    std::string why_not_again(const Entry& entry) const;
    void forget(CallId id);
    void on_grace_over(CallId id);
    void retire(WorkerProcess& worker, const std::string& because);
    void end_if_unused(WorkerProcess& worker);

    loop::Loop& loop_;
    HostServices& services_;
    std::shared_ptr<FlushList> flushes_;
    const Options& options_;
    std::string id_;
    std::string path_;
    std::shared_ptr<const net::Place> place_;
    Opened opened_;
    std::shared_ptr<const model::PluginInfo> info_;  // from the first worker
    std::unique_ptr<WorkerProcess> current_;
    std::vector<std::unique_ptr<WorkerProcess>> retired_;             // those that get no new calls
    std::unordered_map<const WorkerProcess*, std::size_t> requests_;  // under way
    Entries entries_;
    unsigned crashes_ = 0;
    std::optional<base::Error> given_up_;
    std::chrono::steady_clock::time_point end_by_;  // when it is to end
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace triage::plugin
