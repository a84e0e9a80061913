// What was before this run, and keeping it for those that come.
#pragma once

#include <optional>
#include <string>

#include "core/bundle/bundle.hpp"
#include "core/cli/arguments.hpp"
#include "core/cli/session.hpp"
#include "core/cli/sink.hpp"
#include "core/history/store.hpp"
#include "core/model/report.hpp"
#include "core/report/report.hpp"

namespace triage::cli {

// Runs that may be compared: of this file, with this profile and these variables.
history::Series series_of(const RunbookOptions& options, const std::string& name);

// What the run was made with. Values from env files and secrets as fingerprints that only this
// machine can make.
std::vector<model::Fact> settings_of(const Session& session, const runbook::Runbook& runbook);

// What the last good runs of a series have measured.
base::Result<compare::Usual> usual_of(history::Store& store, const history::Series& series);

// The history as one run needs it. It is opened when it is first asked.
class Past {
public:
    Past(const HistoryOptions& options, history::Series series);

    // The run with its past, as far as there is one: the last good run, what is usual, since when
    // it is not good. No history, or one that cannot be read, is said and no reason to end. If not
    // `whole`, the last good run is left out where nothing would be found by reading it.
    bundle::Bundle with(const Session& session, model::Run run, bool whole);
    // What was found out about the run is kept with it, and made anew by whoever reads it. Says on
    // stderr if it cannot be kept.
    void keep(const model::Report& report, const report::JsonText& json);

private:
    base::Result<history::Store*> store();
    base::Result<void> look_back(bundle::Bundle& out, const Session& session, bool whole);

    std::string path_;  // empty: none is kept
    history::Series series_;
    std::optional<history::Store> store_;
    std::string fingerprint_;  // of the run, once it is known
};

// Everything after the execution: from the bundle alone.
model::Report answer(bundle::Bundle bundle, const diagnose::Rules& rules,
                     const redact::Redactor& redactor);

base::Result<void> save(const bundle::Bundle& bundle, const Sink& to);

}  // namespace triage::cli
