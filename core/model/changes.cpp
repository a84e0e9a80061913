#include "core/model/changes.hpp"

#include <array>

namespace triage::model {

std::string_view name(Change::Kind kind) {
    constexpr std::array<std::string_view, 11> names{
        "deploy",  "migration", "config", "certificate", "dns", "fact",
        "latency", "finding",   "lost",   "runbook",     "tool"};
    return names.at(static_cast<std::size_t>(kind));
}

std::string_view name(Change::Timing timing) {
    constexpr std::array<std::string_view, 4> names{"", "before", "late", "after"};
    return names.at(static_cast<std::size_t>(timing));
}

}  // namespace triage::model
