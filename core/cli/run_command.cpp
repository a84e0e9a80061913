// triage run: parse → load plugins → validate → plan → execute → report.
#include <fmt/format.h>

#include "core/cli/commands.hpp"
#include "core/cli/execute.hpp"
#include "core/cli/print.hpp"
#include "core/cli/session.hpp"
#include "core/runbook/parse.hpp"

namespace triage::cli {
namespace {

int refuse(const runbook::Diagnostics& diagnostics, const redact::Redactor& redactor, Color color) {
    const auto wrong = print_diagnostics(diagnostics, redactor, color);
    print_error({fmt::format("{} {} in the runbook; nothing was run.", wrong,
                             wrong == 1 ? "error" : "errors"),
                 ""});
    return model::exit_usage;
}

runbook::Diagnostics only_wrong(runbook::Diagnostics diagnostics) {
    std::erase_if(diagnostics, [](const auto& d) { return d.kind != runbook::Kind::wrong; });
    return diagnostics;
}

}  // namespace

int execute(const RunCommand& command, run::Start started) {
    if (missing_default(command.runbook, "run")) return model::exit_usage;
    auto document = runbook::load(command.runbook.path);
    if (!document) return refuse(document.error(), redact::Redactor(), command.output.color);

    Session session(command.plugins);
    session.open(runbook::plugins_used(*document));
    const auto validated =
        runbook::validate(*document, session.catalog(), process_inputs(command.runbook));
    hand_secrets_to(session.redactor(), validated.runbook);
    if (!validated.usable()) {
        return refuse(only_wrong(validated.diagnostics), session.redactor(), command.output.color);
    }
    *document = {};  // large, and not needed any more
    return run_and_report(session, validated.runbook, command.selection, command.output, started);
}

}  // namespace triage::cli
