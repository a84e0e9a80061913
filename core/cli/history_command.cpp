// triage history and triage changes: what was before.
#include <unistd.h>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/bundle/bundle.hpp"
#include "core/cli/commands.hpp"
#include "core/cli/past.hpp"
#include "core/cli/print.hpp"
#include "core/cli/session.hpp"
#include "core/cli/table.hpp"
#include "core/compare/compare.hpp"
#include "core/history/store.hpp"
#include "core/report/report.hpp"

namespace triage::cli {
namespace {

base::Result<history::Store> open(const HistoryOptions& options) {
    const auto path = options.file.empty() ? history::default_path() : options.file;
    if (options.none || path.empty())
        return base::fail("no history is kept here", "Set HOME, or name a file: --history FILE.");
    return history::Store::open(path);
}

int refuse(const base::Error& error) {
    print_error(error);
    return model::exit_unknown;
}

Row row_of(const history::Entry& entry) {
    return {fmt::format("{}", entry.id), report::utc_minutes(entry.started_at_us),
            std::string(model::name(entry.verdict)), base::format_duration(entry.duration),
            fmt::format("{}: {}", entry.runbook, entry.headline)};
}

std::unexpected<base::Error> unreadable(std::int64_t id, const base::Error& error) {
    return base::fail(fmt::format("run {} of the history cannot be read: {}", id, error.message),
                      "Run the runbook again: the new run takes its place.");
}

// The last run of the series and the good one before it.
base::Result<model::Report> last_report(history::Store& store, const history::Series& series,
                                        const redact::Redactor& redactor) {
    const auto last = store.list(series.key, 1);
    if (!last) return std::unexpected(last.error());
    if (last->empty())
        return base::fail("no run of this runbook with these variables is kept",
                          "`triage history` lists those that are.");
    auto document = store.document(last->front().id);
    if (!document) return std::unexpected(document.error());
    auto run = bundle::read_run(std::move(*document).value_or(""), redactor);
    if (!run) return unreadable(last->front().id, run.error());
    model::Report report{.run = *std::move(run), .diagnosis = {}, .changes = model::Changes()};
    const auto good = store.last_good(series, last->front().id);
    if (!good) return std::unexpected(good.error());
    if (!*good) {
        report.changes->not_compared = model::Text("no good run before it is kept");
        return report;
    }
    auto before = store.document((*good)->id);
    if (!before) return std::unexpected(before.error());
    const auto baseline = bundle::read_run(std::move(*before).value_or(""), redactor);
    if (!baseline) return unreadable((*good)->id, baseline.error());
    report.changes->baseline_at_us = baseline->started_at_us;
    const auto usual = usual_of(store, series);
    if (!usual) return std::unexpected(usual.error());
    report.changes->list = compare::compare(report.run, *baseline, *usual, redactor);
    if (const auto onset = store.onset(series)) report.changes->onset = *onset;
    return report;
}

}  // namespace

int execute(const HistoryCommand& command, run::Start /*started*/) {
    auto store = open(command.history);
    if (!store) return refuse(store.error());
    std::optional<std::string> series;
    if (command.runbook) series = series_of(*command.runbook, "").key;
    const auto entries = store->list(series, command.limit);
    if (!entries) return refuse(entries.error());
    if (entries->empty()) return print("no run is kept yet\n");
    std::vector<Row> rows;
    for (const auto& entry : *entries)
        rows.push_back(row_of(entry));
    return print(base::printable(table(rows, 0, output_columns())));
}

int execute(const ChangesCommand& command, run::Start /*started*/) {
    if (missing_default(command.runbook, "changes")) return model::exit_usage;
    auto store = open(command.history);
    if (!store) return refuse(store.error());
    const redact::Redactor redactor;
    const auto report = last_report(*store, series_of(command.runbook, ""), redactor);
    if (!report) return refuse(report.error());
    return print(report::changes(*report, report::style_for(STDOUT_FILENO)));
}

}  // namespace triage::cli
