#include "core/cli/execute.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <utility>

#include "core/cli/outputs.hpp"
#include "core/cli/places.hpp"
#include "core/cli/print.hpp"
#include "core/report/report.hpp"

namespace triage::cli {
namespace {

// How long an engine may take to say where containers are.
constexpr std::chrono::microseconds search_patience = std::chrono::seconds(4);

bool is_selected(const std::string& base_id, const runbook::Runbook& runbook,
                 const plan::Plan& plan) {
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        if (runbook.checks[i].base_id == base_id && !plan.nodes[i].skipped) return true;
    }
    return false;
}

std::unique_ptr<run::Observer> make_progress(const OutputOptions& output) {
    auto style = report::style_for(STDERR_FILENO);
    if (!output.progress || ::isatty(STDERR_FILENO) == 0) return std::make_unique<run::Observer>();
    style.color = use_color(output.color, STDERR_FILENO);
    return report::progress(stderr, style);
}

// Writes the reports of a run that is over. Returns the exit code.
int report(Session& session, const runbook::Runbook& runbook, const plan::Plan& plan,
           model::Run run, const Aftermath& aftermath, Outputs& outputs,
           const std::string& how_it_ended) {
    for (const auto& notice : runbook.notices) {
        if (notice.check.empty() || is_selected(notice.check, runbook, plan))
            run.notices.push_back(session.redactor().redact(notice.text));
    }
    auto notices = session.passed_over();
    notices.push_back(session.redactor().notice());
    notices.push_back(how_it_ended);
    for (const auto& notice : notices) {
        if (!notice.empty()) run.notices.push_back(session.redactor().redact(notice));
    }
    const auto report = aftermath.report(std::move(run));
    const int exit_code = report.run.exit_code;
    const report::JsonText json(report);
    const auto written = outputs.write(report, json);
    if (!written) print_error(written.error());
    const bool kept = !aftermath.keep || aftermath.keep(report, json);
    const bool all_is_there = written && kept;
    return !all_is_there && exit_code == model::exit_ok ? model::exit_unknown : exit_code;
}

}  // namespace

int run_and_report(Session& session, const runbook::Runbook& runbook,
                   const plan::Selection& selection, const OutputOptions& output,
                   const Aftermath& aftermath, run::Start started) {
    hand_secrets_to(session.redactor(), runbook);
    const auto plan = plan::make_plan(runbook, session.plugins().loaded(), selection);
    if (!plan) {
        print_error(plan.error());
        return model::exit_usage;
    }
    auto outputs = Outputs::open(output);
    if (!outputs) {
        print_error(outputs.error());
        return model::exit_usage;
    }
    session.net_limits().transfers = runbook.limits.transfers;
    session.net_limits().per_target = runbook.limits.per_target;

    const auto progress = make_progress(output);
    run::Execution execution({.loop = session.loop(),
                              .executor = session.plugins(),
                              .broker = session.broker(),
                              .redactor = session.redactor(),
                              .observer = *progress,
                              .plugins = session.plugins().loaded()},
                             runbook, *plan, started);
    session.on_interrupt([&] { execution.interrupt(); });
    if (auto* watchdog = session.watchdog()) {
        watchdog->say_last([&](const plugin::UnderWay& callback, bool interrupted) {
            const auto what = describe(callback);
            execution.abandon({.call = callback.call, .what = what}, interrupted);
            return report(session, runbook, *plan, execution.take(), aftermath, *outputs, what);
        });
        watchdog->expect_end(started.at + runbook.deadline);
    }
    execution.start();
    const PlaceSearch search(
        session, runbook, *plan, std::min(search_patience, runbook.deadline / 2),
        [&](net::Places places) { execution.places_known(std::move(places)); });
    session.loop().run_until([&] { return execution.finished(); });

    const int exit_code =
        report(session, runbook, *plan, execution.take(), aftermath, *outputs, "");
    if (auto* watchdog = session.watchdog()) {
        watchdog->say_last([exit_code](const auto&, bool) { return exit_code; });
        watchdog->expect_nothing();
    }
    return exit_code;
}

}  // namespace triage::cli
