/// What was found, as values, so that judging needs neither a network nor a host.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <triage/plugin.hpp>

namespace self {

/// One finding, before it is reported.
struct Found {
    const triage::Code* code;
    triage::Weight weight;
    std::string subject, message;
    std::string remedy;  ///< "": the code's own
    std::vector<std::pair<std::string, std::string>> evidence;
};

/// What a check found, and what it looked for.
class Judgement {
public:
    /// Looked for.
    void evaluated(const triage::Code& code) { evaluated_.push_back(&code); }
    /// Found; with the code's own weight.
    Found& found(const triage::Code& code, std::string subject, std::string message);
    /// A part of the summary.
    void say(std::string part) { said_.push_back(std::move(part)); }

    /// By its name: looked for, or found.
    bool was_evaluated(std::string_view code) const;
    const std::vector<Found>& findings() const { return found_; }
    /// Parts that were said, with "; " between.
    std::string summary() const;
    /// Tells the host.
    void report(triage::Context& ctx) const;
    /// How the check ends, after report(): who has looked at nothing could not tell.
    triage::Outcome outcome() const;

private:
    std::vector<Found> found_;
    std::vector<const triage::Code*> evaluated_;
    std::vector<std::string> said_;
};

/// "a, b and c", as it is said.
std::string listed(const std::vector<std::string>& words);

}  // namespace self
