#include "core/runbook/durations.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/runbook/misfits.hpp"
#include "core/runbook/reader.hpp"

namespace triage::runbook {

Expected<std::chrono::microseconds> read_duration(const Node& node, std::string_view key,
                                                  const DurationRange& range, Values& values,
                                                  Problems& problems, Scope scope) {
    if (!std::holds_alternative<std::string>(node.value)) {
        problems.wrong(Rule::bad_duration, node.at,
                       fmt::format("'{}' is {}; expected a duration such as \"250ms\", \"3s\" or "
                                   "\"2m\"",
                                   key, describe(node)));
        return std::unexpected(Absent{});
    }
    const auto original = values.expand_original(node, scope);
    if (!original) return std::unexpected(original.error());
    const auto& [text, origin] = *original;
    const auto duration = base::parse_duration(text);
    if (!duration) {
        return std::unexpected(report_misfit(
            Rule::bad_duration, node.at, origin,
            fmt::format("'{}' is {}; expected a duration such as \"250ms\", \"3s\" or \"2m\"", key,
                        shown(text, origin)),
            problems));
    }
    if (*duration >= range.minimum && *duration <= range.maximum) return *duration;
    const bool low = *duration < range.minimum;
    return std::unexpected(report_misfit(
        Rule::out_of_bounds, node.at, origin,
        fmt::format("'{}' is {}: {} than {}{}", key, origin.hidden ? shown(text, origin) : text,
                    low ? "less" : "more",
                    base::format_duration(low ? range.minimum : range.maximum),
                    low || range.maximum_is.empty() ? std::string()
                                                    : fmt::format(", {}", range.maximum_is)),
        problems));
}

}  // namespace triage::runbook
