// The pipeline's second half, shared by `run` and `check`: plan → execute → report.
#pragma once

#include <functional>

#include "core/cli/arguments.hpp"
#include "core/cli/session.hpp"
#include "core/model/report.hpp"
#include "core/report/report.hpp"
#include "core/run/run.hpp"
#include "core/runbook/validate.hpp"

namespace triage::cli {

// What is made of a run that is over. Both may be called on another thread than the loop's.
struct Aftermath {
    std::function<model::Report(model::Run)> report;
    // When its reports are written; may be empty. False: what was asked for could not be written.
    std::function<bool(const model::Report&, const report::JsonText&)> keep;
};

// Runs a valid runbook and writes its reports. Returns the exit code.
int run_and_report(Session& session, const runbook::Runbook& runbook,
                   const plan::Selection& selection, const OutputOptions& output,
                   const Aftermath& aftermath, run::Start started);

}  // namespace triage::cli
