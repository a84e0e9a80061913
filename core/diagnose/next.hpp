// What to do next: first what tells close causes apart, then what to do about the first one.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/diagnose/rank.hpp"

namespace triage::diagnose {

// The codes that each "PLUGIN.CHECK" can find.
using Declared = std::map<std::string, std::vector<std::string>>;

std::vector<model::Next> next_steps(const model::Run& run, const Ranking& ranking,
                                    const Declared& declared, const Evidence& evidence);

}  // namespace triage::diagnose
