#include "core/diagnose/evidence.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/url.hpp"

namespace triage::diagnose {
namespace {

using model::CheckResult;
using model::Weight;

bool contains(const model::Finding& finding, std::string_view text) {
    const auto has = [text](const model::Text& one) { return one.str().contains(text); };
    return has(finding.message) || has(finding.subject) ||
           std::ranges::any_of(finding.evidence, has, &model::Evidence::value);
}

}  // namespace

std::string target_of(std::string_view subject) {
    if (const auto url = base::parse_url(subject))
        return fmt::format("{}:{}", url->host, url->port);
    return std::string(subject.substr(0, subject.find('/', 1)));
}

Evidence::Evidence(const model::Run& run, const model::Changes& changes) {
    const CheckResult* last = nullptr;
    for (const auto& result : run.results) {
        // Neighbours have mostly looked for the same, of the same layer.
        const bool is_known = last != nullptr && last->layer == result.layer &&
                              last->evaluated.begin() == result.evaluated.begin();
        if (!is_known) {
            for (const auto& code : result.evaluated)
                evaluated_[code].insert(result.layer);
        }
        last = &result;
        for (const auto& finding : result.findings) {
            evaluated_[finding.code].insert(result.layer);
            if (finding.weight == Weight::info) continue;
            if (result.waived.empty()) open_.insert(found_.size());
            add(result, finding);
        }
    }
    changes_.id = model::Text("changes");
    for (const auto& change : changes.list) {
        if (change.timing == model::Change::Timing::after) continue;  // speaks for nothing
        changes_.findings.push_back({.code = fmt::format("change.{}", name(change.kind)),
                                     .weight = Weight::info,
                                     .subject = change.what,
                                     .message = change.what + model::Text(": ") + change.before +
                                                model::Text(" → ") + change.after,
                                     .remedy = {},
                                     .evidence = {}});
    }
    for (const auto& finding : changes_.findings)
        add(changes_, finding);
}

void Evidence::add(const CheckResult& result, const model::Finding& finding) {
    by_code_[finding.code].push_back(found_.size());
    found_.push_back({&result, &finding, target_of(finding.subject.str())});
}

bool Evidence::is(const Sign& sign, const Found& found) const {
    return (sign.layer.empty() || sign.layer == found.result->layer) &&
           (sign.text.empty() || contains(*found.finding, sign.text));
}

Numbers Evidence::matching(const Sign& sign) const {
    Numbers out;
    const auto all = by_code_.find(sign.code);
    if (all == by_code_.end()) return out;
    for (const auto number : all->second)
        if (is(sign, found_[number])) out.insert(number);
    return out;
}

Presence Evidence::of(const Sign& sign) const {
    if (!matching(sign).empty()) return Presence::present;
    // What was not compared is not known to have changed: no cause may build on it.
    if (sign.code.starts_with("change.")) return Presence::absent;
    const auto layers = evaluated_.find(sign.code);
    const bool looked =
        layers != evaluated_.end() && (sign.layer.empty() || layers->second.contains(sign.layer));
    return looked ? Presence::absent : Presence::unknown;
}

model::Reference Evidence::reference(std::size_t number) const {
    const auto& [result, finding, target] = found_[number];
    return {result->id, finding->code, finding->subject, finding->message};
}

}  // namespace triage::diagnose
