// Where a check looks, for people: more than what its parameters grant.
#pragma once

#include <set>
#include <string>

#include "core/runbook/runbook.hpp"

namespace triage::plan {

// URLs, endpoints and paths; of a secret that is a URL only its name; containers, and the address
// of the engine that is asked for them. What a fact says stands as "${fact.CHECK.KEY}".
std::set<std::string> targets(const runbook::Check& check);

}  // namespace triage::plan
