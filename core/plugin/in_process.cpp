#include "core/plugin/in_process.hpp"

#include <utility>

namespace triage::plugin {

InProcess::InProcess(loop::Loop& loop, HostServices& services, std::shared_ptr<Pool> pool,
                     std::shared_ptr<Breadcrumbs> crumbs, HostLock* lock, std::string path)
    : loop_(loop),
      services_(services),
      pool_(std::move(pool)),
      crumbs_(std::move(crumbs)),
      lock_(lock),
      path_(std::move(path)) {}

template <class Task>
void InProcess::later(Task task) {
    loop_.defer([alive = std::weak_ptr(alive_), task = std::move(task)]() mutable {
        if (!alive.expired()) task();
    });
}

void InProcess::open(Opened opened) {
    later([this, opened = std::move(opened)] { opened(load()); });
}

base::Result<std::shared_ptr<const model::PluginInfo>> InProcess::load() {
    auto loaded = load_plugin(path_, *crumbs_, lock_);
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    auto info = loaded->info;
    Upstream& upstream = *this;
    runtime_ =
        std::make_unique<Runtime>(loop_, upstream, std::move(*loaded), pool_, crumbs_, lock_);
    if (auto opened = runtime_->open(); !opened) {
        runtime_.reset();
        return std::unexpected(std::move(opened.error()));
    }
    return info;
}

void InProcess::start(CallId id, std::size_t check_index, Call call, CallSink& sink) {
    sinks_.emplace(std::to_underlying(id), &sink);
    later([this, id, check_index, call = std::move(call)]() mutable {
        if (sinks_.contains(std::to_underlying(id)))
            runtime_->start(id, check_index, std::move(call));
    });
}

void InProcess::cancel(CallId id) {
    if (sinks_.erase(std::to_underlying(id)) > 0) runtime_->cancel(id);
}

void InProcess::http_start(CallId call, OpId op, net::Request request) {
    services_.http_start(call, op, std::move(request), *runtime_);
}

void InProcess::http_cancel(CallId call, OpId op) { services_.http_cancel(call, op); }

void InProcess::http_consumed(CallId call, OpId op, std::size_t bytes) {
    services_.http_consumed(call, op, bytes);
}

void InProcess::secret_learned(CallId call, std::string text) {
    services_.secret_learned(call, std::move(text));
}

void InProcess::finished(CallId call, Outcome outcome) {
    const auto found = sinks_.find(std::to_underlying(call));
    if (found == sinks_.end()) return;
    CallSink& sink = *found->second;
    sinks_.erase(found);
    sink.on_outcome(call, std::move(outcome));
}

void InProcess::ended(CallId call) { runtime_->forget(call); }

}  // namespace triage::plugin
