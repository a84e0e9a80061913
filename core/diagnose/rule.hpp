// What is known of how the system breaks, as data: causes and the signs by which they show.
// core/causes reads them from TOML; docs/causes.md shows how to write one.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/model/diagnosis.hpp"

namespace triage::diagnose {

// A finding that would be a sign of something: its code, of a check of that layer, with that text
// in its subject, message or evidence. "logs.config-invalid", "health.refused@api",
// "health.tls ~ expired".
struct Sign {
    std::string code;
    std::string layer;  // empty: any
    std::string text;   // empty: any; as it stands, letter for letter

    friend auto operator<=>(const Sign&, const Sign&) = default;
};
// "CODE[@LAYER][ ~ TEXT]"; fails with what is wrong with it.
base::Result<Sign> sign_from(std::string_view text);
std::string to_string(const Sign& sign);

// How much a sign that is there says for a cause.
struct Weighed {
    Sign sign;
    int weight = 1;  // 1 to 3
};
inline constexpr int proof_weight = 4;

// What a cause carries to be tried on: the signs that are there, and those that were looked for
// and are not. Everything else is unknown.
struct Example {
    std::string name;
    std::vector<Sign> present;
    std::vector<Sign> absent;
    std::vector<std::string> also;  // ids of causes that are named beside this one
};

struct Rule {
    std::string id;
    model::Text title;
    std::string component;     // what is broken
    bool each_target = false;  // one cause for each target of its proof
    std::vector<Sign> proof;   // each alone proves it
    // The proof may come later than the trouble: that it was looked for and is not there says
    // nothing. Else a cause of which all proofs are absent is ruled out.
    bool late_proof = false;
    std::vector<Weighed> explains;      // what follows from it, and is seldom seen otherwise
    std::vector<std::string> leads_to;  // ids; what they explain, this one explains
    std::vector<Sign> expects;          // should be there
    std::vector<Sign> required;         // must be there: absent, it is ruled out
    std::vector<Sign> refuted_by;       // must not be there: present, it is ruled out
    std::vector<Sign> without;          // must have been looked for, and not be there
    std::map<std::string, model::State> impact;  // by component
    model::Scope scope = model::Scope::unknown;
    bool roll_back = false;  // an older version of what was deployed may not have it
    model::Text fix;
    model::Text isolate;
    model::Text ask;  // a question to a person that tells it from others
    model::Text doc;
    std::vector<Example> examples;
    std::string place;  // "config/causes/db.toml:7"
};

// `leads_to` names rules of the same list, without a cycle; ids are unique. In any order.
using Rules = std::vector<Rule>;

}  // namespace triage::diagnose
