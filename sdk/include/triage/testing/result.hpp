/// triage/testing/result.hpp: everything a check said and did under the fake host.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <triage/declare.hpp>
#include <triage/text.hpp>

namespace triage::testing {

/// A finding as it was reported.
struct ReportedFinding {
    std::string code;              ///< "ping.down"
    std::string subject;           ///< what it is about
    std::string message;           ///< what was found and what was expected
    std::string remedy;            ///< empty: the code's own
    std::optional<Weight> weight;  ///< nullopt: the code's own
    std::vector<std::pair<std::string, std::string>> evidence;  ///< in the order given

    /// The value of that evidence, or "".
    std::string evidence_of(std::string_view name) const;
};

/// A measurement as it was reported.
struct ReportedMetric {
    std::string name;
    double value;
    std::string unit;  ///< "ms", "By", "1"
};

/// A request as the target would have seen it: secrets are filled in.
struct SeenRequest {
    std::string method, url, body;
    std::vector<std::pair<std::string, std::string>> headers;
    std::chrono::microseconds at;       ///< since the start of the run
    std::chrono::microseconds timeout;  ///< 0: none of its own
    std::uint32_t flags;                ///< TRIAGE_HTTP_*
    std::uint32_t max_redirects;
    bool cancelled = false;  ///< the check forgot it before its end

    /// The first header of that name in any letter case, or "".
    std::string header(std::string_view name) const;
};

/// One run.
struct Result {
    std::optional<std::string> summary;     ///< what was measured
    std::optional<std::string> error;       ///< the check could not tell
    std::vector<ReportedFinding> findings;  ///< in the order reported
    std::vector<std::string> evaluated;     ///< codes, sorted, each once; found ones included
    std::map<std::string, Any> facts;       ///< by name; the last value of each
    std::vector<ReportedMetric> metrics;    ///< in the order reported
    std::vector<std::string> logs;          ///< lines, without their levels
    std::vector<SeenRequest> requests;      ///< in the order in which they were started
    std::vector<std::string> violations;    ///< of the contract in abi.h; empty for a good plugin
    bool cancelled = false;                 ///< it was cancelled before its end
    int events = 0;                         ///< delivered by step(), START included
    std::chrono::microseconds duration{0};  ///< on the virtual clock

    /// There is a finding of that code.
    bool found(std::string_view code) const;
    /// The code was looked for, found or not.
    bool was_evaluated(std::string_view code) const;
    /// The first finding of that code; throws std::out_of_range, with all that were found, if none.
    const ReportedFinding& finding(std::string_view code) const;
    /// Value of the metric, if reported.
    std::optional<double> metric(std::string_view name) const;

    /// All of it as text, the same for the same behaviour: to compare runs, and for messages.
    std::string to_string() const;
};

}  // namespace triage::testing
