/// What the checks of this plugin say alike.
#pragma once

#include <string>
#include <vector>

#include <triage/judgement.hpp>

namespace self {

/// "a, b and c", as it is said.
std::string listed(const std::vector<std::string>& words);

/// How a check ends, after its judgement was reported: who has looked at nothing could not tell.
triage::Outcome outcome_of(const triage::Judgement& judgement);

}  // namespace self
