// Runs that were, in SQLite. Survives crashes (WAL), is bounded, and may be used by several
// processes at once. Whoever can write the file can say what was: what is read from it is foreign.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/model/changes.hpp"
#include "core/model/result.hpp"

namespace triage::history {

// Runs that can be compared: of one runbook, against one system.
struct Series {
    std::string key;      // of the runbook's place, profile and variables
    std::string runbook;  // its name, for people
};

struct Entry {
    std::int64_t id = 0;
    std::string series;
    std::string runbook;
    std::int64_t started_at_us = 0;
    std::chrono::microseconds duration{0};
    model::Verdict verdict = model::Verdict::error;
    int exit_code = 0;
    std::string headline;
};

// A run that was good.
struct Good {
    std::int64_t id = 0;
    std::int64_t started_at_us = 0;
    std::string fingerprint;  // of what can be compared (core/compare); empty: of an older triage
};

// A run as it is to be kept.
struct Kept {
    std::string_view headline;
    std::string_view document;     // the run in the JSON format
    std::string_view fingerprint;  // as in Good
};

struct Measured {
    std::string check;
    std::string metric;
    double value = 0;
};

// What is kept. Bad runs are rarer and worth more than good ones.
struct Retention {
    std::chrono::days good{90};
    std::chrono::days bad{400};
    std::int64_t runs = 2000;          // of a series
    std::int64_t bytes = 256LL << 20;  // of documents, all series together
    std::int64_t every = 16;           // looked at in one of so many runs
};

class Store {
public:
    // Makes the file and its folder if there is none, for the user alone.
    static base::Result<Store> open(const std::string& path);
    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;
    ~Store();

    // The last run in which nothing failed and everything could be told; before the one with that
    // id, if it is given.
    base::Result<std::optional<Good>> last_good(const Series& series,
                                                std::optional<std::int64_t> before = {});
    // What the last `runs` good runs have measured.
    base::Result<std::vector<Measured>> measured(const Series& series, int runs);
    // The last good run, and the first one after it that was not; none if there is none.
    base::Result<std::optional<model::Onset>> onset(const Series& series);
    // The last ones first. With a series' key, only its own.
    base::Result<std::vector<Entry>> list(const std::optional<std::string>& series, int limit);
    // The document of one run.
    base::Result<std::optional<std::string>> document(std::int64_t id);

    // Adds a run, and forgets those that are too many or too old; never the last good one.
    base::Result<void> record(const Series& series, const model::Run& run, const Kept& kept,
                              const Retention& retention = {});

private:
    struct State;
    explicit Store(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

// TRIAGE_HISTORY, or history.db in the state folder.
std::string default_path();
// $XDG_STATE_HOME/triage, or ~/.local/state/triage.
std::string state_folder();

}  // namespace triage::history
