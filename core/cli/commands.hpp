// The commands of the command line, one source file each. Each prints, and returns the exit code.
#pragma once

#include "core/cli/arguments.hpp"
#include "core/run/run.hpp"

namespace triage::cli {

int execute(const RunCommand& command, run::Start started);
int execute(const PlanCommand& command, run::Start started);
int execute(const ValidateCommand& command, run::Start started);
int execute(const PluginsCommand& command, run::Start started);
int execute(const SchemaCommand& command, run::Start started);
int execute(const CheckCommand& command, run::Start started);
int execute(const NewPluginCommand& command, run::Start started);
int execute(const CausesCommand& command, run::Start started);
int execute(const ExplainCommand& command, run::Start started);
int execute(const ReplayCommand& command, run::Start started);
int execute(const HistoryCommand& command, run::Start started);
int execute(const ChangesCommand& command, run::Start started);

}  // namespace triage::cli
