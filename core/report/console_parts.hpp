// The parts of the console report, from top to bottom.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "core/model/report.hpp"
#include "core/report/page.hpp"

namespace triage::report {

// Where the summaries of a run's checks begin: behind the longest id that is not too long.
std::size_t id_column(std::span<const model::CheckResult> results, const Style& style);

enum class Detail {
    line,  // one line
    full,  // and the findings with evidence and remedy, if it did not simply pass
};

void write_check(Page& page, const model::CheckResult& result, std::size_t id_width, Detail detail);

// The checks of which the same is to be said as of the one before.
void write_followers(Page& page, std::span<const model::CheckResult* const> results);

// The run's verdict in capitals: "FAILED".
std::string_view label(const model::Run& run);

// What is different from the last good run.
void write_changes(Page& page, const model::Changes& changes, bool all_is_well);

// What is affected, the causes, what none explains, what to do next.
void write_answer(Page& page, const model::Diagnosis& diagnosis);

void write_next(Page& page, const model::Diagnosis& diagnosis);

// The answer in a few words, for the last line.
std::string sentence(const model::Diagnosis& diagnosis, bool all_passed);

// What is wrong, what could not be told, the counts, and the verdict as the very last line.
void write_verdict(Page& page, const model::Report& report);

}  // namespace triage::report
