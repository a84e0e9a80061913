/// Parameters and judgement of health.pattern.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <triage/json.hpp>
#include <triage/plugin.hpp>

namespace health {

struct PatternParams {
    triage::Url base;
    std::string healthz_path, readyz_path, openapi_path, api_path, db_probe_path;
    std::vector<std::string> more_api_paths;
    triage::Map<triage::Secret> secret_headers;
    std::string body, db_probe_body, request_id_header;
    std::int64_t api_status, db_probe_status;
    bool db_probe;
    std::chrono::microseconds db_probe_quick, timeout, warn_over;
    std::optional<triage::Path> ca_file;
    std::int64_t certificate_warn_days, certificate_fail_days;

    static void describe(triage::Describe<PatternParams>& d);
};

/// The answers of the requests, which were made at the same time.
struct PatternAnswers {
    triage::Response healthz, readyz, openapi;
    std::vector<triage::Response> apis;        ///< of api-path, then of more-api-paths
    std::optional<triage::Response> db_probe;  ///< nullopt: not wanted
    std::optional<triage::Json> openapi_json;
};

/// The codes that judge_pattern() may find.
std::vector<triage::Code> pattern_codes();

/// What the answers together say: reports findings and which codes were evaluated.
void judge_pattern(const PatternParams& params, triage::Context& ctx,
                   const PatternAnswers& answers);

}  // namespace health
