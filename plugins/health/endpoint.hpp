/// Parameters and judgement of health.endpoint.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <triage/json.hpp>
#include <triage/plugin.hpp>

namespace health {

struct EndpointParams {
    triage::Url url;
    std::string method;
    std::vector<std::int64_t> status;
    triage::Map<std::string> headers;
    triage::Map<triage::Secret> secret_headers;
    triage::Map<std::string> expect_headers;
    std::vector<std::string> require_header;
    std::optional<std::string> body;
    std::vector<std::string> contains;
    triage::Map<triage::Any> json;
    std::string version_pointer;
    std::optional<std::chrono::microseconds> warn_over;
    std::optional<std::chrono::microseconds> fail_over;
    std::chrono::microseconds timeout;
    std::int64_t redirects;
    std::int64_t max_body;
    std::optional<triage::Path> ca_file;
    std::int64_t certificate_warn_days;
    std::int64_t certificate_fail_days;
    bool fresh_connection;

    static void describe(triage::Describe<EndpointParams>& d);
};

namespace code {
inline constexpr triage::Code status{"health.status", triage::Weight::fail,
                                     "The status is not one of those expected",
                                     "Look at the service's log for this request"};
inline constexpr triage::Code too_large{
    "health.too-large", triage::Weight::fail, "The body is larger than is right",
    "Look what the service sends; raise max-body if that much is right"};
inline constexpr triage::Code header{
    "health.header", triage::Weight::fail, "A header is missing or has another value",
    "Look whether the right service answers, and what proxies take away"};
inline constexpr triage::Code body{"health.body", triage::Weight::fail,
                                   "The body is not as expected",
                                   "Look whether the right service and version answers"};
inline constexpr triage::Code json{"health.json", triage::Weight::fail,
                                   "The JSON body does not say what is expected",
                                   "Look at the component that the value stands for"};
inline constexpr triage::Code downgrade{
    "health.downgrade", triage::Weight::fail, "A redirect leads from https to http",
    "Let the proxy tell the service that it is asked by https (X-Forwarded-Proto), and the service "
    "believe it"};
inline constexpr triage::Code too_slow{"health.too-slow", triage::Weight::fail,
                                       "The answer took longer than is bearable",
                                       "Look at the load of the service and of what it waits for"};
}  // namespace code

/// Why the parameters make no sense, or "".
std::string wrong_params(const EndpointParams& params);

/// From https to http: what was secret goes on in the open, and browsers block it. Also where the
/// redirect was not followed, because the runbook does not allow its target. Whether it was so.
bool judge_downgrade(const EndpointParams& params, triage::Context& ctx,
                     const triage::Response& response);

/// Looks at a complete response: reports findings, and which codes were evaluated. With neither
/// `json` nor a reason its JSON is not judged: it could not be read.
void judge_response(const EndpointParams& params, triage::Context& ctx,
                    const triage::Response& response, const std::optional<triage::Json>& json,
                    const std::string& why_no_json);

}  // namespace health
