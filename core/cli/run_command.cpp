// triage run: parse → load plugins → validate → plan → execute → compare → diagnose → report →
// record.
#include <memory>

#include <fmt/format.h>

#include "core/cli/commands.hpp"
#include "core/cli/diagnosis.hpp"
#include "core/cli/execute.hpp"
#include "core/cli/past.hpp"
#include "core/cli/print.hpp"
#include "core/cli/session.hpp"
#include "core/runbook/parse.hpp"

namespace triage::cli {
namespace {

int refuse(const runbook::Diagnostics& diagnostics, const redact::Redactor& redactor, Color color) {
    const auto wrong = print_diagnostics(diagnostics, redactor, color).wrong;
    print_error({fmt::format("{} {} in the runbook; nothing was run.", wrong,
                             wrong == 1 ? "error" : "errors"),
                 ""});
    return model::exit_usage;
}

runbook::Diagnostics only_wrong(runbook::Diagnostics diagnostics) {
    std::erase_if(diagnostics, [](const auto& d) { return d.kind != runbook::Kind::wrong; });
    return diagnostics;
}

// compare → diagnose, and keeping it. A run of a part is compared, but no baseline for others.
Aftermath aftermath_of(const RunCommand& command, const Session& session,
                       const runbook::Runbook& runbook) {
    const auto past =
        std::make_shared<Past>(command.history, series_of(command.runbook, runbook.name));
    const bool whole = command.selection.only.empty() && command.selection.tags.empty() &&
                       command.selection.skip_tags.empty();
    const auto saved = std::make_shared<bool>(true);
    Aftermath out;
    out.report = [&command, &session, &runbook, past, saved](model::Run run) {
        run.settings = settings_of(session, runbook);
        const auto known = causes_for(session, run, command.causes);
        const auto bundle = past->with(session, std::move(run));
        if (!command.save.empty()) {
            const auto done = save(bundle, command.save);
            *saved = done.has_value();
            if (!done) print_error(done.error());
        }
        return answer(bundle, known, session.redactor());
    };
    out.keep = [past, saved, whole](const model::Report& report) {
        if (whole) past->keep(report);
        return *saved;
    };
    return out;
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
    return run_and_report(session, validated.runbook, command.selection, command.output,
                          aftermath_of(command, session, validated.runbook), started);
}

}  // namespace triage::cli
