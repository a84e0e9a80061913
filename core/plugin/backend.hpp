// One plugin of a run, however it is executed. All on the loop's thread.
#pragma once

#include <functional>
#include <memory>

#include "core/base/error.hpp"
#include "core/plugin/call.hpp"

namespace triage::plugin {

class Backend {
public:
    using Opened = std::function<void(base::Result<std::shared_ptr<const model::PluginInfo>>)>;

    virtual ~Backend() = default;
    // Loads the plugin and asks what it declares (not yet judged by check_info). `opened` is called
    // once, after this has returned.
    virtual void open(Opened opened) = 0;
    // As Executor::start; check number `check_index` of the declared ones.
    virtual void start(CallId id, std::size_t check_index, Call call, CallSink& sink) = 0;
    // As Executor::cancel.
    virtual void cancel(CallId id) = 0;
    // The same plugin, once it is opened, looking from `place`; null if this way of running plugins
    // cannot.
    virtual std::unique_ptr<Backend> at(const std::shared_ptr<const net::Place>& /*place*/) {
        return nullptr;
    }
    // Asks whatever needs time to end; the destructor follows soon.
    virtual void shut_down() {}
};

}  // namespace triage::plugin
