// The pipeline's second half, shared by `run` and `check`: plan → execute → report.
#pragma once

#include "core/cli/arguments.hpp"
#include "core/cli/session.hpp"
#include "core/run/run.hpp"
#include "core/runbook/validate.hpp"

namespace triage::cli {

// Runs a valid runbook and writes its reports. Returns the exit code.
int run_and_report(Session& session, const runbook::Runbook& runbook,
                   const plan::Selection& selection, const OutputOptions& output,
                   run::Start started);

}  // namespace triage::cli
