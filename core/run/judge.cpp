#include "core/run/judge.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace triage::run {
namespace {

using model::Verdict;
using model::Weight;

bool passes(Verdict verdict) { return verdict == Verdict::pass || verdict == Verdict::warn; }

// Which of several attempts is worth showing: the last failure; else the last that could not tell;
// else the last warning; else the last pass.
int rank(Verdict verdict) {
    switch (verdict) {
        case Verdict::fail:
            return 3;
        case Verdict::error:
            return 2;
        case Verdict::warn:
            return 1;
        default:
            return 0;
    }
}

const runbook::Waiver* waiver_for(const runbook::Check& check, const std::string& code) {
    const auto covers = [&](const runbook::Waiver& waiver) {
        return waiver.code.empty() || waiver.code == code;
    };
    const auto found = std::ranges::find_if(check.waivers, covers);
    return found == check.waivers.end() ? nullptr : &*found;
}

// Lowers what is accepted for now; says which promise made it so.
void apply_waivers(plugin::Outcome& outcome, const runbook::Check& check,
                   model::CheckResult& result, const redact::Redactor& redactor) {
    for (auto& finding : outcome.findings) {
        if (finding.weight != Weight::fail) continue;
        const auto* waiver = waiver_for(check, finding.code);
        if (waiver == nullptr) continue;
        finding.weight = Weight::warn;
        result.waived =
            redactor.redact(fmt::format("waived until {}: {}", waiver->until, waiver->reason));
    }
}

void lower_failures(plugin::Outcome& outcome) {
    for (auto& finding : outcome.findings)
        finding.weight = std::min(finding.weight, Weight::warn);
}

bool has_failure(const plugin::Outcome& outcome) {
    return std::ranges::any_of(outcome.findings,
                               [](const auto& finding) { return finding.weight == Weight::fail; });
}

std::string summary_of(const plugin::Outcome& outcome, Verdict verdict, const Tally& tally) {
    std::string text = outcome.summary;
    if (verdict == Verdict::error) text = outcome.error;
    if (text.empty() && !outcome.findings.empty()) text = outcome.findings.front().message;
    if (verdict != Verdict::error && !outcome.error.empty()) {
        text += fmt::format("; could not tell everything: {}", outcome.error);
    }
    if (tally.differs()) {
        return fmt::format("flapping, {} of {} attempts passed: {}", tally.passed(), tally.total(),
                           text);
    }
    return text;
}

model::Finding to_model(const plugin::RawFinding& raw, const redact::Redactor& redactor) {
    model::Finding finding{.code = raw.code,
                           .weight = raw.weight,
                           .subject = one_line(raw.subject, redactor),
                           .message = one_line(raw.message, redactor),
                           .remedy = one_line(raw.remedy, redactor),
                           .evidence = {}};
    for (const auto& [name, value] : raw.evidence) {
        finding.evidence.push_back({one_line(name, redactor), redactor.redact(value)});
    }
    return finding;
}

// Names and units are no place for secrets, but go to the terminal like everything else.
std::string shown(std::string name, const redact::Redactor& redactor) {
    if (std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7F; })) return name;
    return one_line(name, redactor).str();
}

model::Value to_model(const decltype(plugin::RawFact::value)& value,
                      const redact::Redactor& redactor) {
    if (const auto* text = std::get_if<std::string>(&value)) return redactor.redact(*text);
    if (const auto* flag = std::get_if<bool>(&value)) return *flag;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
    return std::get<double>(value);
}

}  // namespace

model::Text one_line(std::string_view raw, const redact::Redactor& redactor) {
    return redactor.redact(raw).on_one_line();  // in this order: a secret may have several lines
}

Verdict judge(plugin::Outcome& outcome, const model::CheckInfo& check) {
    auto worst = Weight::info;
    for (const auto& finding : outcome.findings)
        worst = std::max(worst, finding.weight);
    if (worst == Weight::fail) return Verdict::fail;
    if (outcome.error.empty() && outcome.evaluated.empty() && !check.codes.empty()) {
        outcome.error = "the check ended without having looked at anything";
        outcome.error_remedy =
            "This is a fault of the plugin: it must say which codes it has evaluated.";
    }
    if (!outcome.error.empty()) return Verdict::error;
    return worst == Weight::warn ? Verdict::warn : Verdict::pass;
}

void Tally::add(Verdict verdict, plugin::Outcome outcome) {
    if (passes(verdict)) {
        ++passed_;
        if (verdict == Verdict::warn) worst_passing_ = Verdict::warn;
    } else {
        ++bad_;
        failed_ = failed_ || verdict == Verdict::fail;
    }
    if (rank(verdict) >= shown_rank_) {
        shown_rank_ = rank(verdict);
        shown_ = std::move(outcome);
    }
}

bool Tally::decided() const {
    return passed_ >= attempts_.pass || bad_ > attempts_.count - attempts_.pass;
}

Verdict Tally::verdict() const {
    if (passed_ >= attempts_.pass) return bad_ > 0 ? Verdict::warn : worst_passing_;
    return failed_ ? Verdict::fail : Verdict::error;
}

void fill(model::CheckResult& result, Tally& tally, const runbook::Check& check,
          const redact::Redactor& redactor) {
    auto& outcome = tally.shown();
    result.verdict = tally.verdict();
    result.summary = one_line(summary_of(outcome, result.verdict, tally), redactor);
    if (!outcome.error.empty()) result.remedy = one_line(outcome.error_remedy, redactor);
    if (tally.flapping() || check.on_fail_warn) lower_failures(outcome);
    apply_waivers(outcome, check, result, redactor);
    if (result.verdict == Verdict::fail && !has_failure(outcome)) result.verdict = Verdict::warn;
    for (const auto& finding : outcome.findings)
        result.findings.push_back(to_model(finding, redactor));
    result.facts.reserve(outcome.facts.size());
    for (const auto& fact : outcome.facts) {
        // A key in brackets comes from the target.
        const bool is_keyed = fact.key.ends_with(']');
        result.facts.push_back({is_keyed ? redactor.redact(fact.key).str() : fact.key,
                                to_model(fact.value, redactor)});
    }
    result.metrics.reserve(outcome.metrics.size());
    for (auto& metric : outcome.metrics) {
        result.metrics.push_back({shown(std::move(metric.name), redactor), metric.value,
                                  shown(std::move(metric.unit), redactor)});
    }
    for (const auto& line : outcome.log)
        result.log.push_back({line.level, redactor.redact(line.text)});
}

}  // namespace triage::run
