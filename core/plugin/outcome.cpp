#include "core/plugin/outcome.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/plugin/names.hpp"

namespace triage::plugin {
namespace {

using model::ParamType;

// At most `limit` bytes, not cut within a UTF-8 sequence.
std::string_view cut(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0U) == 0x80U)
        --limit;
    return text.substr(0, limit);
}

ParamType type_of(const OutcomeBuilder::FactValue& value) {
    constexpr ParamType types[] = {ParamType::boolean, ParamType::integer, ParamType::floating,
                                   ParamType::string};
    return types[value.index()];
}

// As model::name(), which the worker does without: see CMakeLists.txt.
const char* type_name(ParamType type) {
    switch (type) {
        case ParamType::boolean:
            return "bool";
        case ParamType::integer:
            return "int";
        case ParamType::floating:
            return "float";
        default:
            return "string";
    }
}

}  // namespace

bool OutcomeBuilder::admit(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ <= max_outcome_bytes) return true;
    violation("it reported more than 8 MiB; what came after is not kept");
    return false;
}

std::string OutcomeBuilder::bounded(std::string_view text) {
    if (text.size() <= max_string_bytes) return std::string(text);
    return std::string(cut(text, max_string_bytes - 32)) + " ... (cut at 64 KiB)";
}

std::optional<std::size_t> OutcomeBuilder::find_code(std::string_view name, const char* doing) {
    const auto found = std::ranges::find(check_.codes, name, &model::CodeInfo::name);
    if (found != check_.codes.end()) return static_cast<std::size_t>(found - check_.codes.begin());
    violation(std::string("it ") + doing + " the code '" + quotable(name) +
              "', which it does not declare");
    return std::nullopt;
}

void OutcomeBuilder::evaluated(std::string_view code) {
    if (const auto index = find_code(code, "evaluated")) mark_evaluated(*index);
}

void OutcomeBuilder::evaluated(std::uint32_t code_index) {
    if (code_index < check_.codes.size()) return mark_evaluated(code_index);
    violation("it evaluated its code number " + std::to_string(code_index + 1) + " of " +
              std::to_string(check_.codes.size()));
}

void OutcomeBuilder::mark_evaluated(std::size_t index) {
    evaluated_.resize(check_.codes.size());
    evaluated_[index] = true;
}

void OutcomeBuilder::finding(RawFinding finding, std::optional<model::Weight> weight) {
    const auto index = find_code(finding.code, "reported");
    if (!index) return;
    mark_evaluated(*index);
    if (outcome_.findings.size() >= max_findings) {
        violation("it reported more than 1000 findings");
        return;
    }
    const auto& code = check_.codes[*index];
    finding.weight = weight.value_or(code.weight);
    finding.subject = bounded(finding.subject);
    finding.message = bounded(finding.message);
    finding.remedy = finding.remedy.empty() ? code.remedy : bounded(finding.remedy);
    if (finding.evidence.size() > max_evidence) finding.evidence.resize(max_evidence);
    std::size_t bytes = finding.subject.size() + finding.message.size() + finding.remedy.size();
    for (auto& [name, value] : finding.evidence) {
        name = bounded(name);
        value = bounded(value);
        bytes += name.size() + value.size();
    }
    if (admit(bytes)) outcome_.findings.push_back(std::move(finding));
}

void OutcomeBuilder::fact(std::string_view name, FactValue value) {
    const auto declared = std::ranges::find(check_.facts, unkeyed(name), &model::FactInfo::name);
    if (declared == check_.facts.end()) {
        violation("it reported the fact '" + quotable(name) + "', which it does not declare");
        return;
    }
    if (type_of(value) != declared->type) {
        violation("it reported the fact '" + declared->name + "' as " + type_name(type_of(value)) +
                  ", declared is " + type_name(declared->type));
        return;
    }
    if (auto* text = std::get_if<std::string>(&value)) {
        *text = bounded(*text);
        if (!admit(text->size())) return;
    }
    const auto known = std::ranges::find(outcome_.facts, name, &RawFact::key);
    if (known != outcome_.facts.end()) {
        known->value = std::move(value);
    } else if (outcome_.facts.size() >= max_findings) {
        violation("it reported more than 1000 facts");
    } else {
        outcome_.facts.push_back({std::string(name), std::move(value)});
    }
}

void OutcomeBuilder::metric(std::string_view name, double value, std::string_view unit) {
    if (outcome_.metrics.size() >= max_metrics) {
        violation("it reported more than 1000 metrics");
    } else if (!std::isfinite(value)) {
        violation("it reported the metric '" + quotable(name) + "', which is no finite number");
    } else if (admit(name.size() + unit.size())) {
        outcome_.metrics.push_back({bounded(name), value, bounded(unit)});
    }
}

void OutcomeBuilder::summary(std::string_view text) {
    if (admit(std::min(text.size(), max_string_bytes))) outcome_.summary = bounded(text);
}

void OutcomeBuilder::error(std::string_view reason, std::string_view remedy) {
    if (!outcome_.error.empty()) return;
    outcome_.error =
        reason.empty() ? "the check could not tell, and did not say why" : bounded(reason);
    outcome_.error_remedy = bounded(remedy);
}

void OutcomeBuilder::log(unsigned level, std::string_view text) {
    if (outcome_.log.size() + 1 >= max_log_lines) {  // the last is for "more were dropped"
        ++lost_log_lines_;
        return;
    }
    const auto kept = std::min(level, 2U);
    outcome_.log.push_back(
        {static_cast<std::uint8_t>(kept), std::string(cut(text, max_log_line_bytes))});
}

void OutcomeBuilder::violation(const std::string& what) {
    error("the plugin broke its contract: " + what,
          "This is a bug of the plugin: tell its author.");
}

Outcome OutcomeBuilder::take() {
    outcome_.evaluated.reserve(evaluated_.size());
    for (std::size_t i = 0; i < evaluated_.size(); ++i)
        if (evaluated_[i]) outcome_.evaluated.push_back(static_cast<std::uint32_t>(i));
    std::ranges::sort(outcome_.facts, {}, &RawFact::key);
    if (lost_log_lines_ > 0)
        outcome_.log.push_back(
            {2, std::to_string(lost_log_lines_) + " more log lines were dropped"});
    evaluated_.clear();
    lost_log_lines_ = 0;
    bytes_ = 0;
    return std::exchange(outcome_, {});
}

}  // namespace triage::plugin
