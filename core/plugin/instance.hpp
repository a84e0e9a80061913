// One check being run: from create() to destroy(), with the operations it waits for.
//
//   fresh ── create ─┬─ step … step ── finished ── destroy ── ended
//                    └─ run (pool) ──┘    └ waits here for blocking work that is under way
//
// All on the loop's thread, but what is marked [check] and [any]. The plugin keeps a pointer to it,
// so it lives until a blocking callback has returned, even when its runtime has gone before.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <triage/abi.h>

#include "core/plugin/breadcrumb.hpp"
#include "core/plugin/fd_waits.hpp"
#include "core/plugin/host_lock.hpp"
#include "core/plugin/http_abi.hpp"
#include "core/plugin/loop_link.hpp"
#include "core/plugin/outcome.hpp"
#include "core/plugin/pool.hpp"
#include "core/plugin/upstream.hpp"

namespace triage::plugin {
class Instance;
}

struct triage_ctx {
    triage::plugin::Instance* instance;
};

namespace triage::plugin {

// What the checks of one plugin share.
struct Surroundings {
    loop::Loop& loop;
    Upstream& upstream;
    std::shared_ptr<Pool> pool;
    std::shared_ptr<Breadcrumbs> crumbs;
    std::shared_ptr<LoopLink> link;
    std::shared_ptr<const model::PluginInfo> info;
    FdWaits fds;
    ResponseView response_view;
    HostLock* lock = nullptr;  // in-process, if somebody watches
    std::thread::id loop_thread = std::this_thread::get_id();
    void* plugin_state = nullptr;
};

class Instance final : public std::enable_shared_from_this<Instance> {
public:
    // `check` and element `check_index` of the info describe the same check.
    Instance(Surroundings& around, CallId id, const triage_check& check, std::size_t check_index,
             Call call);

    void start();
    void cancel();
    // The runtime goes: no callback of the loop comes any more. False if blocking work is still
    // under way; else the check is destroyed.
    bool abandon();

    void http_head(OpId op, const net::Response& head);
    void http_data(OpId op, std::string_view chunk);
    void http_done(OpId op, const net::Response& response);

    // ---- What the service functions of services.cpp do.

    // [check]
    const CallArgument* argument(std::string_view name) const;
    // [check] Calls report(OutcomeBuilder&), one thread at a time.
    template <class Report>
    void report(Report&& use) {
        const std::scoped_lock lock(mutex_);
        use(outcome_);
    }
    const std::string* revealed(std::int64_t handle) const;  // [check] NULL: not for this plugin
    void learn_secret(std::string_view text);                // [check]
    loop::TimePoint now() const { return link_->now(); }     // [any]
    loop::TimePoint deadline() const { return call_.deadline; }
    bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }  // [any]

    // [loop] Operations; 0 if the plugin may not start one now, which is its error.
    triage_op sleep(std::int64_t duration_us);
    triage_op wait_fd(int fd, std::uint32_t interest);
    triage_op work(void (*fn)(void*), void* arg);
    triage_op http(const triage_http_request* request);
    void http_consumed(OpId op, std::size_t bytes);
    void cancel_operation(OpId op);

private:
    enum class Stage : std::uint8_t { fresh, waiting, in_callback, running, finished, ended };
    enum class Kind : std::uint8_t { timer, fd, work, http };
    struct Operation {
        OpId id;
        Kind kind;
        std::uint64_t handle;  // the timer's or wait's number
    };

    // Calls into the plugin; nothing if it threw.
    template <class Function>
    auto call_plugin(Crumb& crumb, Callback callback, Function function)
        -> std::optional<decltype(function())>;
    Crumb& loop_crumb() { return crumbs_->threads[0]; }

    bool create();
    void deliver(const triage_event& event);
    void deliver(std::uint32_t kind, OpId op, std::uint32_t ready = 0);
    void after_step(std::optional<std::int32_t> result);
    void start_run();
    void run_on_pool();
    void finish();
    void end_if_idle();
    void destroy();

    bool may_start(const char* what);
    bool on_loop() const { return std::this_thread::get_id() == loop_thread_; }
    OpId add_operation(Kind kind, std::uint64_t handle = 0);
    std::optional<Operation> take_operation(OpId op);
    bool has_operation(OpId op) const;
    void drop(const Operation& operation);
    void drop_operations();

    Surroundings& around_;  // not from a pool thread: may have gone
    std::shared_ptr<Breadcrumbs> crumbs_;
    std::shared_ptr<LoopLink> link_;
    std::shared_ptr<const model::PluginInfo> info_;
    std::thread::id loop_thread_;
    CallId id_;
    const triage_check& check_;
    Call call_;
    triage_ctx ctx_{this};
    void* state_ = nullptr;
    bool created_ = false;
    Stage stage_ = Stage::fresh;
    std::vector<Operation> operations_;
    std::uint64_t last_operation_ = 0;
    unsigned blocking_ = 0;  // callbacks under way on pool threads
    std::atomic<bool> cancelled_ = false;
    std::mutex mutex_;  // for outcome_ and secrets_
    OutcomeBuilder outcome_;
    std::vector<std::string> secrets_;  // learned, not yet told
};

}  // namespace triage::plugin
