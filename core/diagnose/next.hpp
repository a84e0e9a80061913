// What to do next: first what tells close causes apart, then what to do about the first one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/diagnose/rank.hpp"

namespace triage::diagnose {

// The codes that each "PLUGIN.CHECK" can find.
using Declared = std::map<std::string, std::vector<std::string>>;

// Rolling back is proposed where something was deployed since the last good run, and the first
// cause is one that this may undo, or none is known; with what is known of the schema.
std::vector<model::Next> next_steps(const model::Run& run, const model::Changes& changes,
                                    const Ranking& ranking, const Declared& declared,
                                    const Evidence& evidence);

}  // namespace triage::diagnose
