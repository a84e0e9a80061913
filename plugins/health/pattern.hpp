/// Parameters and judgement of health.pattern.
#pragma once

#include <string>
#include <vector>

#include <triage/plugin.hpp>

namespace health {

struct PatternParams {
    triage::Url base;
    std::string healthz_path, readyz_path, openapi_path, api_path, db_probe_path;
    std::string body, db_probe_body, request_id_header;
    std::int64_t api_status, db_probe_status;
    bool db_probe;
    std::chrono::microseconds db_probe_quick, timeout;

    static void describe(triage::Describe<PatternParams>& d);
};

/// The answers of the requests, which were made at the same time.
struct PatternAnswers {
    triage::Response healthz, readyz, openapi, api;
    std::optional<triage::Response> db_probe;  ///< nullopt: not wanted
};

/// The codes that judge_pattern() may find.
std::vector<triage::Code> pattern_codes();

/// What the answers together say: reports findings and which codes were evaluated.
void judge_pattern(const PatternParams& params, triage::Context& ctx,
                   const PatternAnswers& answers);

}  // namespace health
