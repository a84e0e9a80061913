// triage validate: everything that is wrong with a runbook, and with what it needs from here.
#include <fmt/format.h>

#include "core/cli/commands.hpp"
#include "core/cli/print.hpp"
#include "core/cli/session.hpp"
#include "core/runbook/parse.hpp"

namespace triage::cli {

int execute(const ValidateCommand& command, run::Start /*started*/) {
    if (missing_default(command.runbook, "validate")) return model::exit_usage;
    const auto document = runbook::load(command.runbook.path);
    Session session(command.plugins);
    if (!document) {
        print_diagnostics(document.error(), session.redactor(), command.color);
        return model::exit_usage;
    }
    session.open(runbook::plugins_used(*document));
    const auto validated =
        runbook::validate(*document, session.catalog(), process_inputs(command.runbook));
    hand_secrets_to(session.redactor(), validated.runbook);
    const auto& diagnostics = validated.diagnostics;
    if (diagnostics.empty()) {
        const auto& runbook = validated.runbook;
        return print(fmt::format("{}: valid: {} checks and {} manual items in {} steps\n",
                                 command.runbook.path, runbook.checks.size(),
                                 runbook.manuals.size(), runbook.steps.size()));
    }
    const auto said = print_diagnostics(diagnostics, session.redactor(), command.color);
    print_error({fmt::format("{}: {} wrong, {} missing here", command.runbook.path, said.wrong,
                             said.missing),
                 ""});
    // Right in itself: its checks could not all tell something from here, and a run would say 3.
    return said.wrong > 0 ? model::exit_usage : model::exit_unknown;
}

}  // namespace triage::cli
