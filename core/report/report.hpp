// Runs as text for people and machines. Pure functions of model::Report; the live display is an
// observer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/model/report.hpp"

namespace triage::run {
class Observer;
}

namespace triage::report {

struct Style {
    std::size_t columns = 80;  // never less than 40
    bool color = false;        // ANSI SGR
    bool unicode = true;       // else ASCII marks only
    bool verbose = false;      // passing checks' evidence, facts, metrics, attempts, logs too
};

// What a terminal on `fd` can show: NO_COLOR, CLICOLOR_FORCE, TERM=dumb, the locale and the
// window's width are respected.
Style style_for(int fd);

// Grouped by step, failures with evidence and remedy; then the answer; the verdict last, where a
// terminal still shows it.
std::string console(const model::Report& report, const Style& style);

// What is different from the last good run, by itself.
std::string changes(const model::Report& report, const Style& style);

// The answer in one line, for lists of runs: the first cause, or what takes its place.
std::string headline(const model::Report& report);

// One JSON document, ends with a newline. The format is described in docs/json.md.
std::string json(const model::Report& report);
// Of the run alone, with nothing that was found out about it, piece by piece: the text of a large
// run is never in memory as a whole.
void json(const model::Run& run, const std::function<void(std::string_view)>& write);

// json(report), made when it is first asked for: several may want it. Not for several threads.
class JsonText {
public:
    // `report` must outlive this.
    explicit JsonText(const model::Report& report) : report_(report) {}
    const std::string& get() const {
        if (text_.empty()) text_ = json(report_);
        return text_;
    }

private:
    const model::Report& report_;
    mutable std::string text_;
};

// "2026-11-23 10:21 UTC" of microseconds since 1970.
std::string utc_minutes(std::int64_t us);

// Shows what is in flight, and the elapsed time against the deadline, in place on a terminal; on
// anything else nothing. Writes to `stream`; removes itself at the end.
std::unique_ptr<run::Observer> progress(std::FILE* stream, const Style& style);

}  // namespace triage::report
