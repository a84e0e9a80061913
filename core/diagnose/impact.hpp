// How the parts of the system are, as their users meet them, and which users do.
#pragma once

#include <vector>

#include "core/diagnose/rank.hpp"
#include "core/model/diagnosis.hpp"
#include "core/model/result.hpp"

namespace triage::diagnose {

// One for each part, in a fixed order; parts that no check looks at, and no cause concerns, are
// unknown. A part whose checks all fail is down, one of which some pass is degraded, one that
// nothing could be told of is unknown; a chosen cause, if it is more than possible, can make that
// worse, never better.
std::vector<model::Impact> impact(const model::Run& run, const std::vector<Ranked>& chosen);

// "database" for the layer "db": the name of the part that a check of that layer looks at; empty
// for a layer that is none ("logs", "deploy": they look
// at all parts).
std::string component_of_layer(std::string_view layer);

// Who meets it, as far as the causes and the run tell.
struct Reach {
    model::Scope scope = model::Scope::unknown;
    std::vector<model::Text> affected;
};
Reach reach_of(const model::Run& run, const std::vector<Ranked>& chosen, const Evidence& evidence);

}  // namespace triage::diagnose
