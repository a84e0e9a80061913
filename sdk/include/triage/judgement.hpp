/// triage/judgement.hpp: what a check found, as a value, so that judging needs neither a target nor
/// a host.
///
/// A check with much to judge is easier to read and to test in three parts: ask the target, judge
/// the answers (a function from values to a Judgement), report the Judgement.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <triage/plugin.hpp>

namespace triage {

/// One finding, before it is reported. Owns its texts; `code` must outlive it.
struct Found {
    const Code* code;
    Weight weight;
    std::string subject, message;
    std::vector<std::pair<std::string, std::string>> evidence;
    std::string remedy;  ///< "": the code's own
};

/// What a check found, and what it looked for. For one thread.
class Judgement {
public:
    /// Looked for.
    void evaluated(const Code& code) { evaluated_.push_back(&code); }
    /// Found; with the code's own weight. Valid until the next one is found.
    Found& found(const Code& code, std::string subject, std::string message) {
        found_.push_back({&code, code.weight, std::move(subject), std::move(message), {}, {}});
        return found_.back();
    }
    /// Found if `value` is over a limit: a warning from `warn` on, a failure from `fail` on; else
    /// null.
    template <class V>
    Found* over(const Code& code, const V& value, const V& warn, const V& fail, std::string subject,
                std::string message) {
        if (value < warn && value < fail) return nullptr;
        auto& one = found(code, std::move(subject), std::move(message));
        one.weight = value >= fail ? Weight::fail : Weight::warn;
        return &one;
    }
    /// What was asked cannot be told: why, and what to do. Findings go before it.
    void could_not_tell(std::string why) { could_not_tell_ = std::move(why); }
    /// A part of the summary.
    void say(std::string part) { said_.push_back(std::move(part)); }

    /// Anything was looked for, or found: else the check cannot tell.
    bool has_looked() const { return !found_.empty() || !evaluated_.empty(); }
    /// By its name: looked for, or found.
    bool was_evaluated(std::string_view code) const {
        const auto is_it = [code](const Code* one) { return code == one->name; };
        return std::any_of(evaluated_.begin(), evaluated_.end(), is_it) ||
               std::any_of(found_.begin(), found_.end(),
                           [&](const Found& one) { return is_it(one.code); });
    }
    const std::vector<Found>& findings() const { return found_; }
    /// Parts that were said, with "; " between.
    std::string summary() const {
        std::string out;
        for (const auto& part : said_)
            out += (out.empty() ? "" : "; ") + part;
        return out;
    }
    /// Tells the host.
    void report(Context& ctx) const {
        for (const auto* code : evaluated_)
            ctx.evaluated(*code);
        for (const auto& one : found_) {
            auto finding = ctx.found(*one.code, one.subject, one.message);
            finding.weight(one.weight);
            if (!one.remedy.empty()) finding.remedy(one.remedy);
            for (const auto& [name, value] : one.evidence)
                finding.evidence(name, value);
        }
    }
    /// How the check ends, after report().
    Outcome outcome() const {
        if (could_not_tell_.empty() || !found_.empty()) return done(summary());
        return triage::could_not_tell(text(summary(), "; ", could_not_tell_));
    }

private:
    std::vector<Found> found_;
    std::vector<const Code*> evaluated_;
    std::vector<std::string> said_;
    std::string could_not_tell_;  // "": it can be told
};

}  // namespace triage
