#include "core/diagnose/diagnose.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "core/diagnose/evidence.hpp"
#include "core/diagnose/impact.hpp"
#include "core/diagnose/rank.hpp"

namespace triage::diagnose {
namespace {

using model::Answer;
using model::Verdict;

std::vector<model::Reference> references(const Evidence& evidence, const Numbers& numbers) {
    std::vector<model::Reference> out;
    for (const auto number : numbers)
        out.push_back(evidence.reference(number));
    return out;
}

std::vector<std::string> texts(const std::vector<Sign>& signs) {
    std::vector<std::string> out;
    for (const auto& sign : signs)
        out.push_back(to_string(sign));
    return out;
}

// What proves it first.
std::vector<model::Reference> supporting(const Ranked& ranked, const Evidence& evidence) {
    auto out = references(evidence, ranked.proving);
    for (const auto number : ranked.supporting)
        if (!ranked.proving.contains(number)) out.push_back(evidence.reference(number));
    return out;
}

model::Cause cause_of(const Ranked& ranked, const Evidence& evidence) {
    const auto& rule = *ranked.rule;
    model::Cause out{.id = rule.id,
                     .title = rule.title,
                     .target = {},
                     .component = rule.component,
                     .certainty = ranked.certainty,
                     .score = ranked.score,
                     .supporting = supporting(ranked, evidence),
                     .following = references(evidence, ranked.following),
                     .contradicting = texts(ranked.contradicting),
                     .unseen = texts(ranked.unseen),
                     .alternatives = {},
                     .fix = rule.fix,
                     .isolate = rule.isolate,
                     .doc = rule.doc};
    if (!ranked.target.empty() && !ranked.supporting.empty())
        out.target = evidence.finding(*ranked.supporting.begin()).subject;
    for (const auto* other : ranked.alternatives)
        out.alternatives.push_back(other->id);
    return out;
}

bool could_not_tell(const model::CheckResult& result) {
    return result.verdict == Verdict::error || result.verdict == Verdict::blocked ||
           result.verdict == Verdict::skip;
}

// Failures before warnings; the first of each check, then the second of each: one that has found
// much hides no other where not all are shown.
std::vector<model::Reference> by_weight_and_turn(const Evidence& evidence, const Numbers& numbers) {
    struct Place {
        bool warns;
        int turn;
        std::size_t number;
        auto operator<=>(const Place&) const = default;
    };
    std::map<std::pair<bool, const model::CheckResult*>, int> told;
    std::vector<Place> places;
    for (const auto number : numbers) {
        const bool warns = evidence.finding(number).weight != model::Weight::fail;
        places.push_back({warns, told[{warns, &evidence.result(number)}]++, number});
    }
    std::ranges::sort(places);
    std::vector<model::Reference> out;
    for (const auto& place : places)
        out.push_back(evidence.reference(place.number));
    return out;
}

bool is_failure(const model::Finding& finding) { return finding.weight == model::Weight::fail; }

// A cause of a warning is no answer to what failed.
Answer answer_of(const model::Diagnosis& diagnosis, const model::Run& run,
                 std::ptrdiff_t failures_left) {
    std::ptrdiff_t failures = 0;
    for (const auto& result : run.results)
        failures += std::ranges::count_if(result.findings, is_failure);
    if (failures > 0 && (diagnosis.causes.empty() || failures_left == failures))
        return Answer::no_known_cause;
    if (!diagnosis.causes.empty()) return Answer::broken;
    if (!diagnosis.unseen.empty() || run.results.empty()) return Answer::blind;
    return diagnosis.unexplained.empty() ? Answer::healthy : Answer::warned;
}

}  // namespace

model::Diagnosis diagnose(const model::Run& run, const model::Changes& changes, const Rules& rules,
                          const Declared& declared) {
    const Evidence evidence(run, changes);
    auto ranking = rank(rules, evidence);
    model::Diagnosis out;
    out.impact = impact(run, ranking.chosen);
    auto reach = reach_of(run, ranking.chosen, evidence);
    out.scope = reach.scope;
    out.affected = std::move(reach.affected);
    for (const auto& ranked : ranking.chosen)
        out.causes.push_back(cause_of(ranked, evidence));
    out.unexplained = by_weight_and_turn(evidence, ranking.unexplained);
    for (const auto& result : run.results)
        if (could_not_tell(result)) out.unseen.push_back({result.id, result.summary});
    out.next = next_steps(run, changes, ranking, declared, evidence);
    out.ruled_out = std::move(ranking.ruled_out);
    const auto failures_left = std::ranges::count_if(ranking.unexplained, [&](std::size_t number) {
        return is_failure(evidence.finding(number));
    });
    out.answer = answer_of(out, run, failures_left);
    return out;
}

}  // namespace triage::diagnose
