// What checks say about each other: names are looked up, circles found.
#pragma once

#include "core/runbook/checks.hpp"
#include "core/runbook/problems.hpp"
#include "core/runbook/runbook.hpp"

namespace triage::runbook {

// Sets `needs`, `when` and the facts in arguments of runbook.checks to ids of instances. Everything
// wrong is reported.
void link(const Checks& checks, Runbook& runbook, Problems& problems);

}  // namespace triage::runbook
