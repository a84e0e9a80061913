#include <algorithm>
#include <stdexcept>

#include <triage/testing/result.hpp>

namespace triage::testing {
namespace {

std::string first(const std::vector<std::pair<std::string, std::string>>& pairs,
                  std::string_view name) {
    for (const auto& [key, value] : pairs) {
        if (same_ignoring_case(key, name)) return value;
    }
    return "";
}

void print(std::string& out, const ReportedFinding& finding) {
    out += text("finding ", finding.code, " ", finding.subject, ": ", finding.message, "\n");
    if (finding.weight) {
        out += text("  weight ", static_cast<std::uint32_t>(*finding.weight), "\n");
    }
    if (!finding.remedy.empty()) out += text("  remedy ", finding.remedy, "\n");
    for (const auto& [name, value] : finding.evidence) {
        out += text("  ", name, " = ", value, "\n");
    }
}

}  // namespace

std::string ReportedFinding::evidence_of(std::string_view name) const {
    return first(evidence, name);
}

std::string SeenRequest::header(std::string_view name) const { return first(headers, name); }

bool Result::found(std::string_view code) const {
    return std::any_of(findings.begin(), findings.end(),
                       [&](const ReportedFinding& finding) { return finding.code == code; });
}

bool Result::was_evaluated(std::string_view code) const {
    return std::find(evaluated.begin(), evaluated.end(), code) != evaluated.end();
}

const ReportedFinding& Result::finding(std::string_view code) const {
    for (const auto& finding : findings) {
        if (finding.code == code) return finding;
    }
    throw std::out_of_range(text("no finding ", code, " in:\n", to_string()));
}

std::optional<double> Result::metric(std::string_view name) const {
    for (const auto& metric : metrics) {
        if (metric.name == name) return metric.value;
    }
    return std::nullopt;
}

std::string Result::to_string() const {
    std::string out;
    if (summary) out += text("summary ", *summary, "\n");
    if (error) out += text("error ", *error, "\n");
    for (const auto& finding : findings) {
        print(out, finding);
    }
    for (const auto& code : evaluated) {
        out += text("evaluated ", code, "\n");
    }
    for (const auto& [name, value] : facts) {
        out += text("fact ", name, " = ", value, "\n");
    }
    for (const auto& metric : metrics) {
        out += text("metric ", metric.name, " = ", metric.value, " ", metric.unit, "\n");
    }
    for (const auto& line : logs) {
        out += text("log ", line, "\n");
    }
    for (const auto& violation : violations) {
        out += text("violation ", violation, "\n");
    }
    return out;
}

}  // namespace triage::testing
