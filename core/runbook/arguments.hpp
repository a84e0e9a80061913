// A check's `with` table → its arguments, as the plugin has declared them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/runbook/argument_list.hpp"
#include "core/runbook/problems.hpp"
#include "core/runbook/schemas.hpp"
#include "core/runbook/values.hpp"

namespace triage::runbook {

struct Arguments {
    ArgumentList list;                 // in the plugin's order, defaults put in
    std::optional<base::Error> unmet;  // the first thing that is missing here
    // Where the facts in `list` stand, in the order in which they come in it.
    std::vector<Position> facts;
};

struct ArgumentContext {
    Position at;                        // of the check: for what is missing in it
    Scope scope;                        // ${each}
    std::chrono::microseconds attempt;  // how long an attempt may take
    ReadUrls& urls;
};

// `with` may be null. Everything wrong is reported. A duration `timeout` is how long the target may
// take to answer: more than an attempt makes no sense, and its default is no more than that.
Arguments read_arguments(const CheckSchema& schema, const Table* with,
                         const ArgumentContext& context, Values& values, Problems& problems);

}  // namespace triage::runbook
