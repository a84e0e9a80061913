// The ABI adapter: a loaded plugin on an event loop, executing calls. The same in a worker and in
// the host. All on the loop's thread.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include <triage/abi.h>

#include "core/base/error.hpp"
#include "core/plugin/instance.hpp"

namespace triage::plugin {

struct Loaded {
    const triage_plugin* descriptor = nullptr;  // lives as long as the process
    std::shared_ptr<const model::PluginInfo> info;
};

// Loads the library, calls its entry and reads what it declares; see check_info() for the rest.
base::Result<Loaded> load_plugin(const std::string& path, Breadcrumbs& crumbs,
                                 HostLock* lock = nullptr);

class Runtime final : public HttpReplies {
public:
    // `upstream` and `lock` must outlive this.
    Runtime(loop::Loop& loop, Upstream& upstream, Loaded plugin, std::shared_ptr<Pool> pool,
            std::shared_ptr<Breadcrumbs> crumbs, HostLock* lock = nullptr);
    // Ends all calls without an outcome, then closes the plugin, unless a blocking callback is
    // still under way: that one may need what close() frees.
    ~Runtime() override;
    Runtime(const Runtime&) = delete;
    Runtime& operator=(const Runtime&) = delete;

    // Before the first call. Fails with the plugin's reason.
    base::Result<void> open();

    // Runs create and the first step at once, so finished() may come before this returns.
    void start(CallId id, std::size_t check_index, Call call);
    void cancel(CallId id);
    // After Upstream::ended(): forgets the call.
    void forget(CallId id) { instances_.erase(std::to_underlying(id)); }

    void http_head(CallId call, OpId op, const net::Response& head) override;
    void http_data(CallId call, OpId op, std::string_view chunk) override;
    void http_done(CallId call, OpId op, net::Response response) override;

private:
    std::shared_ptr<Instance> find(CallId call) const;

    const triage_plugin& plugin_;
    Surroundings around_;
    bool opened_ = false;
    std::unordered_map<std::uint64_t, std::shared_ptr<Instance>> instances_;
};

}  // namespace triage::plugin
