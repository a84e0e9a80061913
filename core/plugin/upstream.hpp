// What a runtime asks of the side that gave it the calls: the host itself, or the worker's end of
// the wire. All on the loop's thread.
#pragma once

#include <string>

#include "core/plugin/call.hpp"

namespace triage::plugin {

inline constexpr std::size_t max_operations = 1000;  // of one check at the same time

class Upstream {
public:
    virtual ~Upstream() = default;
    // As in HostServices; the answers come to the runtime's HttpReplies.
    virtual void http_start(CallId call, OpId op, net::Request request) = 0;
    virtual void http_cancel(CallId call, OpId op) = 0;
    virtual void http_consumed(CallId call, OpId op, std::size_t bytes) = 0;
    virtual void secret_learned(CallId call, std::string text) = 0;
    // Exactly once for each call that was not cancelled, before ended().
    virtual void finished(CallId call, Outcome outcome) = 0;
    // Exactly once for each call, also a cancelled one: nothing of it is left in the plugin.
    virtual void ended(CallId call) = 0;
};

}  // namespace triage::plugin
