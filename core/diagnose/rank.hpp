// Which causes fit what was found, best first.
//
// Integers only, and no percentages that nobody could defend. A candidate has at least one sign of
// its own (proof or explains) among what is not explained yet; a refuting sign that is there, or a
// required one that was looked for and is not, rules it out; so do its proofs, if all were looked
// for and none is there. It gains the weight of each own sign
// that is not explained yet (proof 4, explains 1 to 3), and of what it leads to: the weights there
// if it is proven, 1 each if not, so that nothing weak can hide behind what it might lead to. It
// loses 2 for each expected sign that was looked for and is absent; unknown costs nothing. Chosen
// is, again and again until nothing is left with a score of 2: proven before unproven, then the
// higher score, then fewer unknown, then the id. What a chosen cause explains, itself or by what
// it leads to, asks for no other cause; but a proof does so only through its own cause or one that
// the chosen one leads to. So two proven faults are both named.
#pragma once

#include <vector>

#include "core/diagnose/evidence.hpp"
#include "core/diagnose/rule.hpp"

namespace triage::diagnose {

// A rule that fits, with its evidence by number.
struct Ranked {
    const Rule* rule = nullptr;
    std::string target;  // of a rule for each target
    model::Certainty certainty = model::Certainty::possible;
    int score = 0;
    Numbers supporting;  // of its own signs
    Numbers proving;     // those of them that prove it
    Numbers following;   // of what it leads to
    std::vector<Sign> contradicting;
    std::vector<Sign> unseen;
    std::vector<const Rule*> alternatives;
};

struct Ranking {
    std::vector<Ranked> chosen;
    std::vector<model::RuledOut> ruled_out;
    Numbers unexplained;
};

// All that it points to belongs to `rules`. The same for the same input, to the last byte.
Ranking rank(const Rules& rules, const Evidence& evidence);

}  // namespace triage::diagnose
