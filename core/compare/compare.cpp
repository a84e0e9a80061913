#include "core/compare/compare.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <iterator>
#include <set>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include "core/base/fingerprint.hpp"
#include "core/base/text.hpp"

namespace triage::compare {
namespace {

using model::Change;
using model::CheckResult;
using model::Text;
using model::Value;
using model::Verdict;
using Kind = Change::Kind;

// With fewer runs nobody knows what is usual.
constexpr std::size_t least_runs = 5;
constexpr double deviations = 6;  // of a normal distribution, 4 standard deviations
constexpr double least_excess_ms = 50;
constexpr double least_factor = 1.5;

bool is_comparable(const Value& value) {
    return std::holds_alternative<Text>(value) || std::holds_alternative<bool>(value);
}

Text text_of(const Value& value) {
    if (const auto* text = std::get_if<Text>(&value)) return *text;
    const auto* flag = std::get_if<bool>(&value);
    return flag != nullptr && *flag ? Text("true") : Text("false");
}

// What a fact is about, by the custom that docs/plugins.md describes.
Kind kind_of(std::string_view fact) {
    fact = fact.substr(0, fact.find('['));  // "image" of "image[backend]"
    const auto ends = [fact](auto... words) { return (fact.ends_with(words) || ...); };
    if (ends("revision")) return Kind::migration;
    if (ends("version", "image", "commit", "deployed_at")) return Kind::deploy;
    if (ends("address")) return Kind::dns;
    if (fact.starts_with("certificate")) return Kind::certificate;
    return Kind::fact;
}

Kind kind_of_setting(std::string_view key) {
    if (key == "runbook") return Kind::runbook;
    if (key == "triage" || key.starts_with("plugin ")) return Kind::tool;
    return Kind::config;
}

// A message without what differs each time: its numbers, and what it adds in brackets.
std::string likeness(std::string_view message) {
    std::string out;
    for (const char c : message.substr(0, message.find(" ("))) {
        const bool digit = c >= '0' && c <= '9';
        if (!digit) out += c;
        if (digit && !out.ends_with('#')) out += '#';
    }
    return out;
}

bool told(Verdict verdict) {
    return verdict == Verdict::pass || verdict == Verdict::warn || verdict == Verdict::fail;
}

// "2026-11-23 10:21:05 UTC", or as RFC 3339 with a Z, in microseconds since 1970.
std::optional<std::int64_t> time_of(std::string_view text) {
    const std::string terminated(text);
    std::tm time{};
    const char* rest = ::strptime(terminated.c_str(), "%Y-%m-%d", &time);
    if (rest == nullptr || (*rest != ' ' && *rest != 'T')) return std::nullopt;
    rest = ::strptime(rest + 1, "%H:%M:%S", &time);
    if (rest == nullptr) return std::nullopt;
    const std::string_view zone(rest);
    if (zone != " UTC" && !zone.ends_with('Z')) return std::nullopt;
    return std::int64_t{::timegm(&time)} * 1'000'000;
}

// When "image[web]" was made: "[web]" is what both are of, or nothing.
std::optional<std::int64_t> time_of_fact(const std::vector<model::Fact>& facts,
                                         std::string_view key) {
    const auto bracket = std::min(key.find('['), key.size());
    const auto started = fmt::format("started_at{}", key.substr(bracket));
    const auto found = std::ranges::find(facts, started, &model::Fact::key);
    if (found == facts.end()) return std::nullopt;
    const auto* text = std::get_if<Text>(&found->value);
    return text == nullptr ? std::nullopt : time_of(text->str());
}

// The results of a run by their ids, which a run has once each.
class ById {
public:
    explicit ById(const model::Run& run) {
        for (const auto& result : run.results)
            by_id_.emplace(result.id.str(), &result);
    }
    const CheckResult* find(const Text& id) const {
        const auto found = by_id_.find(id.str());
        return found == by_id_.end() ? nullptr : found->second;
    }

private:
    std::unordered_map<std::string_view, const CheckResult*> by_id_;
};

void append(std::vector<Change>& to, std::vector<Change> some) {
    std::ranges::move(some, std::back_inserter(to));
}

Text milliseconds(double value, const redact::Redactor& redactor) {
    const auto us = std::chrono::microseconds(std::llround(value * 1000));
    return redactor.redact(base::format_duration(us));
}

// Those of one check that are beyond what is usual.
std::vector<Change> durations(const CheckResult& now, const Usual& usual,
                              const redact::Redactor& redactor) {
    std::vector<Change> out;
    if (usual.empty()) return out;
    for (const auto& metric : now.metrics) {
        const auto known =
            usual.find(std::pair<std::string_view, std::string_view>(now.id.str(), metric.name));
        if (metric.unit != "ms" || known == usual.end()) continue;
        const auto& spread = known->second;
        const double limit =
            std::max({spread.median + deviations * spread.deviation, spread.median * least_factor,
                      spread.median + least_excess_ms});
        if (spread.runs < least_runs || metric.value <= limit) continue;
        out.push_back({Kind::latency, now.id + redactor.redact(": " + metric.name),
                       milliseconds(spread.median, redactor),
                       milliseconds(metric.value, redactor)});
    }
    return out;
}

// Parts of any text one after the other, so that no two lists of them give the same.
class Parts {
public:
    void add(std::string_view part) { text_.append(part).append(1, '\0'); }
    void add(const std::vector<model::Fact>& facts) {
        for (const auto& [key, value] : facts) {
            if (!is_comparable(value)) continue;
            add(key);
            add(std::holds_alternative<bool>(value) ? "bool" : "text");
            add(text_of(value).str());
        }
        end();
    }
    // Of a list whose length differs.
    void end() { text_.append(1, '\1'); }
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

class Comparison {
public:
    Comparison(const model::Run& run, const model::Run& baseline, const Usual& usual,
               const redact::Redactor& redactor)
        : run_(run), baseline_(baseline), usual_(usual), redactor_(redactor) {}

    std::vector<Change> take() {
        const auto no_check = redactor_.redact("");
        facts(no_check, baseline_.settings, run_.settings, kind_of_setting);
        gone(no_check, baseline_.settings, run_.settings, kind_of_setting);
        const ById before(baseline_), now(run_);
        for (const auto& result : run_.results) {
            const auto* then = before.find(result.id);
            if (then == nullptr) add(Kind::runbook, result.id, {}, Text("a new check"));
            if (then == nullptr) continue;
            if (!told(result.verdict)) {
                if (told(then->verdict)) lost(result.id, then->summary, result.summary);
                continue;
            }
            facts(result.id, then->facts, result.facts, kind_of);
            // One that fails has not come to what it would have told next: "version: 15 → nothing"
            // would look like a deploy.
            if (result.verdict != model::Verdict::fail)
                gone(result.id, then->facts, result.facts, kind_of);
            findings(*then, result);
            append(changes_, durations(result, usual_, redactor_));
        }
        for (const auto& then : baseline_.results) {
            if (told(then.verdict) && now.find(then.id) == nullptr)
                lost(then.id, then.summary, Text("this run has no such check"));
        }
        std::ranges::stable_sort(changes_, {}, &Change::kind);
        return std::move(changes_);
    }

private:
    void add(Kind kind, Text what, Text before, Text after) {
        changes_.push_back({kind, std::move(what), std::move(before), std::move(after)});
    }
    void lost(const Text& check, const Text& before, const Text& after) {
        add(Kind::lost, check, before, after);
    }

    static const model::Value* find(const std::vector<model::Fact>& facts, const std::string& key) {
        const auto found = std::ranges::find(facts, key, &model::Fact::key);
        return found == facts.end() ? nullptr : &found->value;
    }
    Text name_of(const Text& owner, const std::string& key) const {
        return owner.empty() ? redactor_.redact(key) : owner + redactor_.redact(": " + key);
    }

    // Facts that are new, or others than before.
    template <class KindOf>
    void facts(const Text& owner, const std::vector<model::Fact>& before,
               const std::vector<model::Fact>& after, KindOf kind) {
        for (const auto& [key, value] : after) {
            const auto* then = find(before, key);
            if (!is_comparable(value) || (then != nullptr && *then == value)) continue;
            add(kind(key), name_of(owner, key), then == nullptr ? Text() : text_of(*then),
                text_of(value));
            if (changes_.back().kind == Kind::deploy)
                changes_.back().at_us = time_of_fact(after, key);
        }
    }
    template <class KindOf>
    void gone(const Text& owner, const std::vector<model::Fact>& before,
              const std::vector<model::Fact>& after, KindOf kind) {
        for (const auto& [key, value] : before)
            if (is_comparable(value) && find(after, key) == nullptr)
                add(kind(key), name_of(owner, key), text_of(value), {});
    }

    // What was looked for then and was not there. Of a code that was there already, another subject
    // or another message: a kind of error in a log that is new.
    void findings(const CheckResult& then, const CheckResult& now) {
        const auto key_of = [](const model::Finding& finding) {
            return std::tuple(finding.code, finding.subject.str(), likeness(finding.message.str()));
        };
        std::set<std::tuple<std::string, std::string, std::string>> known;
        std::set<std::string> evaluated(then.evaluated.begin(), then.evaluated.end());
        for (const auto& finding : then.findings) {
            known.insert(key_of(finding));
            evaluated.insert(finding.code);
        }
        for (const auto& finding : now.findings) {
            if (finding.weight == model::Weight::info || !evaluated.contains(finding.code))
                continue;
            if (known.insert(key_of(finding)).second)
                add(Kind::finding, now.id, {}, finding.message);
        }
    }

    const model::Run& run_;
    const model::Run& baseline_;
    const Usual& usual_;
    const redact::Redactor& redactor_;
    std::vector<Change> changes_;
};

}  // namespace

Spread spread_of(std::vector<double> values) {
    const auto median_of = [](std::vector<double>& some) {
        const auto middle = some.begin() + static_cast<std::ptrdiff_t>(some.size() / 2);
        std::ranges::nth_element(some, middle);
        return *middle;
    };
    std::erase_if(values, [](double value) { return !std::isfinite(value); });
    if (values.empty()) return {};
    Spread out{.runs = values.size(), .median = median_of(values), .deviation = 0};
    for (auto& value : values)
        value = std::abs(value - out.median);
    out.deviation = median_of(values);
    return out;
}

std::vector<Change> compare(const model::Run& run, const model::Run& baseline, const Usual& usual,
                            const redact::Redactor& redactor) {
    return Comparison(run, baseline, usual, redactor).take();
}

std::string fingerprint(const model::Run& run) {
    Parts parts;
    parts.add(run.settings);
    const std::string* last = nullptr;
    for (const auto& result : run.results) {
        parts.add(result.id.str());
        if (!told(result.verdict)) {
            parts.add("untold");
            continue;
        }
        parts.add(result.facts);
        // Neighbours have mostly looked for the same codes, which are then there once.
        if (last != nullptr && result.evaluated.begin() == last) {
            parts.add("the same");
        } else {
            for (const auto& code : result.evaluated)
                parts.add(code);
        }
        last = result.evaluated.begin();
        parts.end();
        for (const auto& finding : result.findings) {
            parts.add(finding.code);
            parts.add(finding.subject.str());
            parts.add(likeness(finding.message.str()));
        }
        parts.end();
    }
    return base::fingerprint("", parts.text());
}

std::vector<Change> compare_durations(const model::Run& run, const Usual& usual,
                                      const redact::Redactor& redactor) {
    std::vector<Change> out;
    for (const auto& result : run.results)
        if (told(result.verdict)) append(out, durations(result, usual, redactor));
    return out;
}

std::optional<std::int64_t> first_sign(const model::Run& run) {
    std::optional<std::int64_t> first;
    for (const auto& result : run.results) {
        for (const auto& [key, value] : result.facts) {
            const auto* seconds = std::get_if<std::int64_t>(&value);
            constexpr std::int64_t most = 253'402'300'799;  // the year 9999
            if (key != "trouble_since" || seconds == nullptr || *seconds < 0 || *seconds > most)
                continue;
            if (!first || *seconds < *first) first = *seconds;
        }
    }
    if (first) *first *= 1'000'000;
    return first;
}

void set_against_onset(model::Changes& changes) {
    using Timing = Change::Timing;
    // Clocks of two machines, and lines of a start that a deploy itself causes.
    constexpr std::int64_t slack_us = 60'000'000;
    if (!changes.onset && !changes.first_sign_us) return;
    for (auto& change : changes.list) {
        if (!change.at_us) continue;
        if (changes.onset && *change.at_us > changes.onset->bad_us + slack_us) {
            change.timing = Timing::after;
        } else if (changes.first_sign_us && *change.at_us > *changes.first_sign_us + slack_us) {
            change.timing = Timing::late;
        } else {
            change.timing = Timing::before;
        }
    }
}

}  // namespace triage::compare
