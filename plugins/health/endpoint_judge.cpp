/// What is right and wrong about a complete response.
#include <algorithm>

#include "endpoint.hpp"

namespace health {
namespace {

/// One response being judged against the parameters.
class Judge {
public:
    Judge(const EndpointParams& params, triage::Context& ctx, const triage::Response& response)
        : p_(params), ctx_(ctx), response_(response) {}

    void status() {
        ctx_.evaluated(code::status);
        if (std::find(p_.status.begin(), p_.status.end(), response_.status()) != p_.status.end()) {
            return;
        }
        std::string expected;
        for (const auto right : p_.status) {
            expected += triage::text(expected.empty() ? "" : " or ", right);
        }
        auto finding =
            found(code::status, triage::text("HTTP ", response_.status(), ", expected ", expected));
        if (const auto target = response_.header("location")) finding.evidence("location", *target);
        if (!response_.body().empty()) finding.evidence("body", triage::excerpt(response_.body()));
    }

    /// From https to http: what was secret goes on in the open, and browsers block it.
    void downgrade() {
        if (p_.redirects == 0 && response_.status() / 100 != 3) return;
        ctx_.evaluated(code::downgrade);
        auto hops = response_.redirects();
        hops.push_back(response_.url().str());
        if (const auto next = response_.header("location"); next && response_.status() / 100 == 3)
            hops.emplace_back(*next);
        for (std::size_t i = 1; i < hops.size(); ++i) {
            if (!hops[i - 1].starts_with("https:") || !hops[i].starts_with("http:")) continue;
            found(code::downgrade, triage::text("redirected from ", hops[i - 1], " to ", hops[i]))
                .evidence("server", response_.header("server").value_or("(not said)"));
            return;
        }
    }

    void size() {
        ctx_.evaluated(code::too_large);
        if (!response_.truncated()) return;
        found(code::too_large,
              triage::text("more than ", p_.max_body, " bytes, the rest was not read"));
    }

    void headers() {
        if (!p_.expect_headers.empty() || !p_.require_header.empty()) {
            ctx_.evaluated(code::header);
        }
        for (const auto& name : p_.require_header) {
            header(name, "*");
        }
        for (const auto& [name, value] : p_.expect_headers) {
            header(name, value);
        }
    }

    void body() {
        if (p_.body || !p_.contains.empty()) ctx_.evaluated(code::body);
        if (p_.body && response_.body() != *p_.body) {
            found(code::body,
                  triage::text("the body is not exactly \"", triage::excerpt(*p_.body), "\""))
                .evidence("body", triage::excerpt(response_.body()));
        }
        for (const auto& part : p_.contains) {
            if (response_.body().find(part) != std::string::npos) continue;
            found(code::body,
                  triage::text("the body does not contain \"", triage::excerpt(part), "\""))
                .evidence("body", triage::excerpt(response_.body()));
        }
    }

    void json(const std::optional<Json>& json, const std::string& why_not) {
        if (p_.json.empty()) return;
        ctx_.evaluated(code::json);
        if (!json) {
            found(code::json, "the body is not JSON: " + why_not)
                .evidence("body", triage::excerpt(response_.body()));
            return;
        }
        for (const auto& [pointer, expected] : p_.json) {
            if (json->equals(pointer, expected)) continue;
            const auto actual = json->at(pointer);
            found(code::json,
                  actual ? triage::text(pointer, " is ", triage::excerpt(*actual), ", expected ",
                                        shown(expected))
                         : triage::text("no value at ", pointer, ", expected ", shown(expected)))
                .evidence("pointer", pointer);
        }
    }

    void latency() {
        over(p_.warn_over, code::slow);
        over(p_.fail_over, code::too_slow);
    }

private:
    static std::string shown(const triage::Any& value) {
        const auto* string = std::get_if<std::string>(&value);
        return string != nullptr ? triage::json_quoted(*string) : triage::to_text(value);
    }

    triage::Finding found(const triage::Code& code, std::string message) {
        return ctx_.found(code, p_.url, std::move(message));
    }

    void header(const std::string& name, const std::string& expected) {
        const auto values = response_.header_all(name);
        if (values.empty()) {
            found(code::header, triage::text("no header ", name, ", expected ",
                                             expected == "*" ? "one" : expected))
                .evidence("header", name);
            return;
        }
        const bool right = std::find(values.begin(), values.end(), expected) != values.end();
        if (expected == "*" || right) return;
        found(code::header, triage::text("header ", name, " is \"", triage::excerpt(values.front()),
                                         "\", expected \"", expected, "\""))
            .evidence("header", name);
    }

    void over(const std::optional<std::chrono::microseconds>& limit, const triage::Code& code) {
        if (!limit) return;
        ctx_.evaluated(code);
        if (response_.total() <= *limit) return;
        found(code, triage::text("took ", response_.total(), ", expected at most ", *limit))
            .evidence("first-byte", response_.timings().first_byte)
            .evidence("total", response_.total());
    }

    const EndpointParams& p_;
    triage::Context& ctx_;
    const triage::Response& response_;
};

}  // namespace

void judge_response(const EndpointParams& params, triage::Context& ctx,
                    const triage::Response& response, const std::optional<Json>& json,
                    const std::string& why_no_json) {
    Judge judge(params, ctx, response);
    judge.status();
    judge.downgrade();
    judge.size();
    judge.headers();
    if (!response.truncated()) {  // what is missing of it may hold what is looked for
        judge.body();
        judge.json(json, why_no_json);
    }
    judge.latency();
}

}  // namespace health
