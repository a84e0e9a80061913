// Collects what one check reports and holds it to its contract: only declared codes and facts, and
// no more than the limits of call.hpp. Used where a plugin reports, and once more by the host on
// what a worker says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/schema.hpp"
#include "core/plugin/call.hpp"

namespace triage::plugin {

inline constexpr std::size_t max_outcome_bytes = std::size_t{8} << 20;
inline constexpr std::size_t max_metrics = 1000;
inline constexpr std::size_t max_log_line_bytes = 4096;

class OutcomeBuilder {
public:
    using FactValue = decltype(RawFact::value);

    // `check` must outlive this.
    explicit OutcomeBuilder(const model::CheckInfo& check) : check_(check) {}

    void evaluated(std::string_view code);
    void evaluated(std::uint32_t code_index);
    // Without a weight of its own, a finding has its code's. `finding.weight` is ignored.
    void finding(RawFinding finding, std::optional<model::Weight> weight);
    void fact(std::string_view name, FactValue value);
    void metric(std::string_view name, double value, std::string_view unit);
    void summary(std::string_view text);
    // The first reason counts.
    void error(std::string_view reason, std::string_view remedy = {});
    void log(unsigned level, std::string_view text);
    // The check did what the ABI does not allow: the outcome becomes an error that says so.
    void violation(const std::string& what);

    // What was collected, in order. Leaves nothing behind.
    Outcome take();

private:
    bool admit(std::size_t bytes);
    std::string bounded(std::string_view text);
    void mark_evaluated(std::size_t index);
    std::optional<std::size_t> find_code(std::string_view name, const char* doing);

    const model::CheckInfo& check_;
    Outcome outcome_;
    std::vector<bool> evaluated_;  // by the code's index
    std::size_t bytes_ = 0;
    std::size_t lost_log_lines_ = 0;
};

}  // namespace triage::plugin
