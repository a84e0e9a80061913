// Durations of the runbook itself.
#pragma once

#include <chrono>
#include <expected>
#include <string_view>

#include "core/runbook/problems.hpp"
#include "core/runbook/values.hpp"

namespace triage::runbook {

struct DurationRange {
    std::chrono::microseconds minimum;
    std::chrono::microseconds maximum;
    std::string_view maximum_is;  // what the maximum is, for messages: "the deadline"; or empty
};

// Reads the string in `node`; everything wrong is reported. `key` is for messages.
Expected<std::chrono::microseconds> read_duration(const Node& node, std::string_view key,
                                                  const DurationRange& range, Values& values,
                                                  Problems& problems, Scope scope = {});

}  // namespace triage::runbook
