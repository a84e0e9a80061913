/// Parameters and judgement of logs.scan.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <triage/judgement.hpp>

#include "scanner.hpp"
#include "sources.hpp"

namespace logs {

struct ScanParams : SourceParams {
    std::vector<std::string> match, match_warn, ignore;
    bool known, errors;
    std::chrono::microseconds recent;
    std::int64_t fail_over, show;

    static void describe(triage::Describe<ScanParams>& d);
};

/// The codes that judge_scan() may find.
std::vector<triage::Code> scan_codes();

struct ScanJudgement {
    triage::Judgement judgement;
    std::optional<Time> since;  ///< the first line of what fails now, in the window
};

/// What the sources tell together. `scanned` is by index of source; `now` is when all was read.
ScanJudgement judge_scan(const ScanParams& params, const Gathered& gathered,
                         std::span<const Scanned> scanned, const Extent& extent, Time now);

}  // namespace logs
