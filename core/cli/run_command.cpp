// triage run: parse → load plugins → validate → plan → execute → compare → diagnose → report →
// record.
#include <memory>
#include <optional>

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

std::vector<model::Text> arguments_of(const RunCommand& command, const redact::Redactor& redactor) {
    std::vector<model::Text> out;
    const auto add = [&](const char* option, const std::string& value) {
        out.push_back(redactor.redact(std::string_view(option)));
        out.push_back(redactor.redact(value));
    };
    for (const auto& folder : command.plugins.folders)
        add("--plugins", folder);
    if (command.runbook.profile) add("--profile", *command.runbook.profile);
    for (const auto& [name, value] : command.runbook.vars)
        add("--var", fmt::format("{}={}", name, value));
    return out;
}

// compare → diagnose, and keeping it. A run of a part is compared, but no baseline for others.
Aftermath aftermath_of(const RunCommand& command, const Session& session,
                       const runbook::Runbook& runbook, const std::optional<Sink>& save_to) {
    const auto past =
        std::make_shared<Past>(command.history, series_of(command.runbook, runbook.name));
    const bool whole = command.selection.only.empty() && command.selection.tags.empty() &&
                       command.selection.skip_tags.empty();
    const auto saved = std::make_shared<bool>(true);
    Aftermath out;
    out.report = [&command, &session, &runbook, &save_to, past, saved](model::Run run) {
        run.arguments = arguments_of(command, session.redactor());
        run.settings = settings_of(session, runbook);
        const auto known = causes_for(session, run, command.causes);
        auto bundle = past->with(session, std::move(run), save_to.has_value());
        if (save_to) {
            const auto done = save(bundle, *save_to);
            *saved = done.has_value();
            if (!done) print_error(done.error());
        }
        return answer(std::move(bundle), known, session.redactor());
    };
    out.keep = [past, saved, whole](const model::Report& report, const report::JsonText& json) {
        if (whole) past->keep(report, json);
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
    std::optional<Sink> save_to;
    if (!command.save.empty()) {
        auto sink = Sink::open({.what = "the run", .file = command.save, .most_mode = 0600});
        if (!sink) {
            print_error(sink.error());
            return model::exit_usage;
        }
        save_to = *std::move(sink);
    }
    *document = {};  // large, and not needed any more
    return run_and_report(session, validated.runbook, command.selection, command.output,
                          aftermath_of(command, session, validated.runbook, save_to), started);
}

}  // namespace triage::cli
