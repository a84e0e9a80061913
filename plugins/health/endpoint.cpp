#include "endpoint.hpp"

#include "certificate.hpp"
#include "health.hpp"
#include "transport.hpp"

using namespace std::chrono_literals;

namespace health {
namespace {

constexpr const char* json_pointer = "(/([^~/]|~[01])*)*";  // RFC 6901

}  // namespace

void EndpointParams::describe(triage::Describe<EndpointParams>& d) {
    using P = EndpointParams;
    d.required("url", &P::url, "The URL to ask").example("http://127.0.0.1:8000/healthz");
    d.optional("method", &P::method, "GET", "GET or HEAD").choices({"GET", "HEAD"});
    d.optional("status", &P::status, {200}, "The statuses that are right")
        .not_empty()
        .at_least(100)
        .at_most(999);
    headers_to_send(d.optional("headers", &P::headers, "Headers to send"));
    headers_to_send(d.optional("secret-headers", &P::secret_headers,
                               "Headers to send whose values are secrets"));
    d.optional("expect-headers", &P::expect_headers,
               "Headers that the answer must have, with this value; \"*\" is any value")
        .key_pattern(header_name)
        .refuse("(?s).*[\\r\\n\\x00].*|[ \\t].*|.*[ \\t]",
                "the value of a header is one line, and what is blank around it is no part of it");
    d.optional("require-header", &P::require_header, "Headers that the answer must have")
        .pattern(header_name)
        .example("x-request-id");
    d.optional("body", &P::body, "What the body must be, exactly").not_with("method", "HEAD");
    d.optional("contains", &P::contains, "Texts that the body must contain")
        .pattern("(?s).+")
        .example("healthy")
        .not_with("method", "HEAD");
    d.optional("json", &P::json,
               "JSON Pointers, such as \"/ok\", and the values that the body must have there")
        .key_pattern(json_pointer)
        .not_with("method", "HEAD");
    d.optional("version-pointer", &P::version_pointer, "",
               "JSON Pointer of the body's version, which becomes the fact version")
        .pattern(json_pointer)
        .example("/version")
        .not_with("method", "HEAD");
    d.optional("warn-over", &P::warn_over, "Warn when the answer takes longer")
        .at_least(1us)
        .not_above("fail-over");
    d.optional("fail-over", &P::fail_over, "Fail when the answer takes longer").at_least(1us);
    d.optional("timeout", &P::timeout, 3s, "No answer within this is a finding").at_least(1ms);
    d.optional("redirects", &P::redirects, 0,
               "How many redirects to follow; 0 takes the first answer")
        .at_least(0)
        .at_most(20);
    d.optional("max-body", &P::max_body, 1'048'576, "A larger body is a finding, in bytes")
        .at_least(1);
    d.optional("ca-file", &P::ca_file, "Trust these CAs (PEM), not the system's");
    CertificateDays::describe(d, &P::certificate_warn_days, &P::certificate_fail_days);
    d.optional("fresh-connection", &P::fresh_connection, false,
               "Connect anew, so that connecting is really tried");
}

std::string wrong_params(const EndpointParams& p) {
    if (p.method == "HEAD" && (p.body || !p.contains.empty() || !p.json.empty())) {
        return "a HEAD has no body to look at: use GET with body, contains or json";
    }
    return "";
}

namespace {

constexpr triage::Fact<std::int64_t> http_status{"http_status", "The status of the answer"};
constexpr triage::Fact<std::string> server{"server", "The Server header"};
constexpr triage::Fact<std::string> version{"version", "The version at version-pointer"};
constexpr triage::Fact<std::string> address{"address", "The address that was connected to"};

triage::Request request_of(const EndpointParams& p) {
    triage::Request request(p.method, p.url);
    request.timeout(p.timeout)
        .follow(static_cast<std::uint32_t>(p.redirects))
        .max_body(static_cast<std::uint64_t>(p.max_body));
    if (p.fresh_connection) request.fresh();
    if (p.url.str().starts_with("https:")) request.certificates();
    if (p.ca_file) request.ca_file(*p.ca_file);
    for (const auto& [name, value] : p.headers) {
        request.header(name, value);
    }
    for (const auto& [name, secret] : p.secret_headers) {
        request.header(name, secret);
    }
    return request;
}

void report_facts(const EndpointParams& p, triage::Context& ctx, const triage::Response& response,
                  const std::optional<triage::Json>& json) {
    ctx.fact(http_status, response.status());
    if (const auto value = response.header("server")) ctx.fact(server, std::string(*value));
    if (!response.address().empty()) ctx.fact(address, response.address());
    if (p.version_pointer.empty() || !json) return;
    if (const auto text = json->string(p.version_pointer)) {
        ctx.fact(version, std::string(*text));
    } else if (const auto other = json->text(p.version_pointer)) {
        ctx.fact(version, *other);
    }
}

std::string summary_of(const triage::Response& response) {
    return triage::text(response.status(), " in ", response.total(), ", ", response.body_bytes(),
                        " bytes", response.reused() ? " (connection reused)" : "");
}

triage::Check endpoint(const EndpointParams& p, triage::Context& ctx) {
    if (auto wrong = wrong_params(p); !wrong.empty()) co_return triage::could_not_tell(wrong);
    const auto request = request_of(p);
    const auto response = co_await ctx.http(request);
    if (response.could_not_ask()) {
        if (response.header("location") && judge_downgrade(p, ctx, response)) {
            co_return triage::done(triage::text("HTTP ", response.status(), ", not followed"));
        }
        co_return triage::could_not_tell(response.describe());
    }
    transport.evaluate(ctx, response);
    report_phases(ctx, response);
    if (!response.ok()) {
        found_transport(ctx, response, p.url);
        if (response.failure() == triage::Failure::redirects) judge_downgrade(p, ctx, response);
        co_return triage::done(response.describe());
    }
    std::string why_no_json;
    bool too_deep = false;
    std::optional<triage::Json> json;
    if (!p.json.empty() || !p.version_pointer.empty()) {
        json = triage::Json::parse(response.body(), &why_no_json, &too_deep);
    }
    judge_response(p, ctx, response, json, too_deep ? "" : why_no_json);
    judge_certificate({p.certificate_warn_days, p.certificate_fail_days}, ctx, p.url, response);
    report_facts(p, ctx, response, json);
    if (too_deep && !p.json.empty() && !response.truncated()) {
        co_return triage::could_not_tell(
            triage::text("the body is nested more than ", triage::Json::max_depth,
                         " deep, so its JSON is not looked at; ", summary_of(response)));
    }
    co_return triage::done(summary_of(response));
}

}  // namespace

void add_endpoint(triage::Plugin& plugin) {
    auto codes = transport.with();
    codes.insert(codes.end(),
                 {code::status, code::too_large, code::header, code::body, code::json, code::slow,
                  code::too_slow, code::downgrade, code::certificate_ends});
    plugin.check<EndpointParams>("endpoint", "One request, and its answer looked at closely",
                                 "1 GET", endpoint, codes,
                                 {http_status, server, version, address, certificate_until});
}

}  // namespace health
