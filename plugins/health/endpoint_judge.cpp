/// What is right and wrong about a complete response.
#include <algorithm>

#include <triage/maker.hpp>

#include "endpoint.hpp"
#include "transport.hpp"

namespace health {
namespace {

using triage::Maker;

constexpr const char* behind_the_proxy =
    "Ask the service's own port, without the proxy; then look at the proxy's upstream address, "
    "rules and error log";

/// The value at `pointer` is that scalar. 1 and 1.0 are the same number.
bool equals(const triage::Json& json, std::string_view pointer, const triage::Any& expected) {
    const auto as_real = [](const triage::Any& value) {
        const auto* integer = std::get_if<std::int64_t>(&value);
        return integer != nullptr ? triage::Any(static_cast<double>(*integer)) : value;
    };
    const auto actual = json.scalar(pointer);
    if (!actual) return false;
    if (actual->index() == expected.index()) return *actual == expected;
    return as_real(*actual) == as_real(expected);
}

/// One response being judged against the parameters.
class Judge {
public:
    Judge(const EndpointParams& params, triage::Context& ctx, const triage::Response& response)
        : p_(params),
          ctx_(ctx),
          response_(response),
          maker_(triage::maker_of(response, response.body(), params.require_header)) {}

    /// The application's own words are worth looking at; those of a proxy before it are not.
    bool of_proxy() const { return maker_.is_proxy(); }

    /// Whether it is right.
    bool status() {
        ctx_.evaluated(code::status);
        if (std::find(p_.status.begin(), p_.status.end(), response_.status()) != p_.status.end()) {
            return true;
        }
        std::string expected;
        for (const auto right : p_.status) {
            expected += triage::text(expected.empty() ? "" : " or ", right);
        }
        auto message = triage::text("HTTP ", response_.status(), ", expected ", expected);
        if (maker_.kind != Maker::Kind::unknown) message += ": " + maker_.describe();
        auto finding = found(code::status, std::move(message));
        if (of_proxy()) finding.remedy(behind_the_proxy);
        if (const auto target = response_.header("location")) finding.evidence("location", *target);
        for (const auto& mark : p_.require_header) {
            if (const auto value = response_.header(mark)) finding.evidence(mark, *value);
        }
        add_origin(finding, response_);
        if (!response_.body().empty()) finding.evidence("body", triage::excerpt(response_.body()));
        return false;
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

    void json(const std::optional<triage::Json>& json, const std::string& why_not) {
        if (p_.json.empty() || (!json && why_not.empty())) return;
        ctx_.evaluated(code::json);
        if (!json) {
            const auto page = triage::page_of(response_, response_.body());
            found(code::json, page.empty() ? "the body is not JSON: " + why_not
                                           : triage::text("the body is not JSON, but ", page))
                .evidence("body", triage::excerpt(response_.body()));
            return;
        }
        for (const auto& [pointer, expected] : p_.json) {
            if (equals(*json, pointer, expected)) continue;
            const auto actual = json->text(pointer);
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
    Maker maker_;
};

bool has_scheme(std::string_view url, std::string_view scheme) {
    return triage::same_ignoring_case(url.substr(0, scheme.size()), scheme);
}

}  // namespace

bool judge_downgrade(const EndpointParams& params, triage::Context& ctx,
                     const triage::Response& response) {
    const bool redirects = response.status() / 100 == 3;
    if (params.redirects == 0 && !redirects) return false;
    ctx.evaluated(code::downgrade);
    auto hops = response.redirects();
    hops.push_back(response.url().str());
    if (const auto next = response.header("location"); next && redirects) hops.emplace_back(*next);
    for (std::size_t i = 1; i < hops.size(); ++i) {
        if (!has_scheme(hops[i - 1], "https:") || !has_scheme(hops[i], "http:")) continue;
        auto finding = ctx.found(code::downgrade, params.url,
                                 triage::text("redirected from ", hops[i - 1], " to ", hops[i]));
        add_origin(finding, response);
        return true;
    }
    return false;
}

void judge_response(const EndpointParams& params, triage::Context& ctx,
                    const triage::Response& response, const std::optional<triage::Json>& json,
                    const std::string& why_no_json) {
    Judge judge(params, ctx, response);
    const bool right = judge.status();
    judge_downgrade(params, ctx, response);
    judge.size();
    judge.latency();
    if (!right && judge.of_proxy()) return;  // nothing of it is the service's
    judge.headers();
    if (!response.truncated()) {  // what is missing of it may hold what is looked for
        judge.body();
        judge.json(json, why_no_json);
    }
}

}  // namespace health
