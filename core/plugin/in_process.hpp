// A plugin in this very process: trusted, and easy to debug.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "core/plugin/backend.hpp"
#include "core/plugin/runtime.hpp"

namespace triage::plugin {

class InProcess final : public Backend, private Upstream {
public:
    // `loop`, `services` and `lock` must outlive this. `path` is the absolute path of the library.
    InProcess(loop::Loop& loop, HostServices& services, std::shared_ptr<Pool> pool,
              std::shared_ptr<Breadcrumbs> crumbs, HostLock* lock, std::string path);

    void open(Opened opened) override;
    void start(CallId id, std::size_t check_index, Call call, CallSink& sink) override;
    void cancel(CallId id) override;

private:
    base::Result<std::shared_ptr<const model::PluginInfo>> load();
    template <class Task>
    void later(Task task);  // unless this has gone by then

    void http_start(CallId call, OpId op, net::Request request) override;
    void http_cancel(CallId call, OpId op) override;
    void http_consumed(CallId call, OpId op, std::size_t bytes) override;
    void secret_learned(CallId call, std::string text) override;
    void finished(CallId call, Outcome outcome) override;
    void ended(CallId call) override;

    loop::Loop& loop_;
    HostServices& services_;
    std::shared_ptr<Pool> pool_;
    std::shared_ptr<Breadcrumbs> crumbs_;
    HostLock* lock_;
    std::string path_;
    std::unordered_map<std::uint64_t, CallSink*> sinks_;  // calls without an outcome so far
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
    std::unique_ptr<Runtime> runtime_;
};

}  // namespace triage::plugin
