// From where the checks of a plan look.
#pragma once

#include "core/cli/session.hpp"
#include "core/net/place.hpp"
#include "core/plan/plan.hpp"
#include "core/runbook/runbook.hpp"

namespace triage::cli {

// Asks the Docker engine ($DOCKER_HOST) for the containers that checks of the plan look from. Asks
// nobody if they all look from the host.
net::Places find_places(Session& session, const runbook::Runbook& runbook, const plan::Plan& plan);

}  // namespace triage::cli
