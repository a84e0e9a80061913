/// What was found in rows, as values, so that judging needs neither a server nor a host.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <triage/plugin.hpp>

namespace db {

/// One finding, before it is reported.
struct Found {
    const triage::Code* code;
    triage::Weight weight;
    std::string subject, message;
    std::vector<std::pair<std::string, std::string>> evidence;
};

/// What a check found, and what it looked for.
class Judgement {
public:
    /// Looked for.
    void evaluated(const triage::Code& code) { evaluated_.push_back(&code); }
    /// Found; with the code's own weight.
    Found& found(const triage::Code& code, std::string subject, std::string message);
    /// Found if `value` is over a limit: a warning from `warn` on, a failure from `fail` on.
    template <class V>
    Found* over(const triage::Code& code, const V& value, const V& warn, const V& fail,
                std::string subject, std::string message) {
        if (value < warn && value < fail) return nullptr;
        auto& one = found(code, std::move(subject), std::move(message));
        one.weight = value >= fail ? triage::Weight::fail : triage::Weight::warn;
        return &one;
    }
    /// What was asked cannot be told: why, and what to do. Findings go before it.
    void could_not_tell(std::string why) { could_not_tell_ = std::move(why); }
    /// A part of the summary.
    void say(std::string part) { said_.push_back(std::move(part)); }

    /// By its name: looked for, or found.
    bool was_evaluated(std::string_view code) const;
    const std::vector<Found>& findings() const { return found_; }
    /// Parts that were said, with "; " between.
    std::string summary() const;
    /// Tells the host.
    void report(triage::Context& ctx) const;
    /// How the check ends, after report().
    triage::Outcome outcome() const;

private:
    std::vector<Found> found_;
    std::vector<const triage::Code*> evaluated_;
    std::vector<std::string> said_;
    std::string could_not_tell_;  // "": it can be told
};

/// The limit that `value` has passed: "fails from 15", else "warned from 10".
template <class V, class Text>
std::string passed(const V& value, const V& warn, const V& fail, const Text& text) {
    return value >= fail ? triage::text("fails from ", text(fail))
                         : triage::text("warned from ", text(warn));
}
template <class V>
std::string passed(const V& value, const V& warn, const V& fail) {
    return passed(value, warn, fail, [](const V& one) { return one; });
}

/// "12 s" for whole seconds: ages need not be more exact.
std::string age(std::chrono::microseconds duration);
/// "1.5 GiB".
std::string bytes(double count);

}  // namespace db
