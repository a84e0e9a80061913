// Why a worker has died, in words, and which call is to blame.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/plugin/breadcrumb.hpp"
#include "core/plugin/call.hpp"
#include "core/plugin/spawn.hpp"

namespace triage::plugin {

struct Death {
    std::string what;               // "crashed with SIGSEGV at address 0x10 in check 'api' (step)"
    std::optional<CallId> culprit;  // the call whose callback was running, if that can be told
    std::uint64_t begun = 0;        // so many calls had been begun by the worker, in their order
    bool ended_by_host = false;     // for a reason that is no crash of the plugin
};

// The check's id of a call, for the words; empty if it is not known any more.
using LabelOf = std::function<std::string(CallId)>;

// `killed_because` is the host's reason if it has ended the worker itself ("kept its event loop
// …").
Death explain_death(const ExitStatus& status, const Breadcrumbs& crumbs,
                    const std::string& killed_because, const LabelOf& label_of);

// " in check 'api' (step)" for what a thread is doing, or "" if it is in no callback.
std::string describe_place(const Crumb& crumb, const LabelOf& label_of);

// If the loop's thread is in a callback: for how long.
std::optional<std::chrono::microseconds> time_in_callback(const Breadcrumbs& crumbs);

}  // namespace triage::plugin
