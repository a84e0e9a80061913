/// clerk.api: what a protected API does, as far as no session is needed to see it.
#include <triage/json.hpp>

#include "api_codes.hpp"
#include "clerk.hpp"
#include "frontend_api.hpp"
#include "transport.hpp"

namespace clerk {

namespace {

bool is_json(const triage::Response& response) {
    const auto type = response.header("content-type").value_or("");
    return type.find("json") != type.npos || triage::Json::parse(response.body()).has_value();
}

bool is_own(const triage::Response& response, std::string_view challenge) {
    return is_json(response) || triage::same_ignoring_case(challenge.substr(0, 6), "bearer") ||
           response.header("x-request-id") || response.header("x-clerk-auth-status") ||
           response.header("x-clerk-auth-reason");
}

}  // namespace

std::string refused_by_another(const triage::Response& response) {
    const auto challenge = response.header("www-authenticate").value_or("");
    const auto scheme = challenge.substr(0, challenge.find(' '));
    const bool is_proxy = triage::same_ignoring_case(scheme, "basic") ||
                          triage::same_ignoring_case(scheme, "digest") ||
                          triage::same_ignoring_case(scheme, "negotiate");
    const auto looks = describe_body(response);
    if (!is_proxy && by(response).empty() && is_own(response, challenge)) return "";
    const auto server = response.header("server");
    return triage::text("HTTP ", response.status(), " is not the API's own: ", looks,
                        server ? triage::text(", by ", triage::excerpt(*server, 40)) : "",
                        is_proxy ? triage::text(", that asks for a ", scheme, " login") : "",
                        ". A proxy or firewall answers in its place: let this request pass it, or "
                        "give `api` a URL that leads to the API itself");
}

bool judge_without_token(triage::Context& ctx, const triage::Response& response,
                         std::string_view api) {
    if (!settle_transport(ctx, response, "API", api)) return false;
    ctx.evaluated(code::api_open, code::api_unexpected);
    if (refuses(response)) return true;
    const int status = response.status();
    const auto who = by(response);
    // A page with 200 is the UI's, or a web server's: then nothing is known of the API.
    const bool is_open = status >= 200 && status < 300 && who.empty();
    auto finding = ctx.found(is_open ? code::api_open : code::api_unexpected, api,
                             triage::text("HTTP ", status, " without a token, expected 401", who));
    if (!who.empty())
        finding.remedy(
            "Something else than the API seems to answer: correct the URL, or the proxy's rule for "
            "this path; a proxy's 5xx says that it does not reach the API, or refuses in its "
            "place");
    if (const auto target = response.header("location")) {
        finding.evidence("location", target->substr(0, target->find('?')));
    }
    if (!is_open && !response.body().empty()) {
        finding.evidence("body", triage::excerpt(response.body()));
    }
    return false;
}

namespace {

using triage::Context;
using triage::Response;
using triage::text;

/// A token that no instance has made: {"alg":"RS256","kid":"ins_triage_made_up","typ":"JWT"},
/// {"sub":"triage"} and a signature that is none. To refuse it, a verifier must look for the key.
constexpr std::string_view made_up =
    "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6Imluc190cmlhZ2VfbWFkZV91cCIsInR5cCI6IkpXVCJ9"
    ".eyJzdWIiOiJ0cmlhZ2UifQ.dHJpYWdl";

struct ApiParams : Asking {
    triage::Url api;

    static void describe(triage::Describe<ApiParams>& d) {
        d.required("api", &ApiParams::api, "A URL of the API that demands a session, asked by GET")
            .example("https://api.example.com/api/v1/boards");
        describe_asking(d);
    }
};

}  // namespace

namespace code {
namespace {

constexpr Code accepts_made_up{
    "clerk.api-accepts-made-up", Weight::fail,
    "The API takes a token that nobody has signed: everyone can be anyone",
    "Take the API off the net until it verifies signatures against the instance's key set"};
constexpr Code hangs_verifying{
    "clerk.api-hangs-verifying", Weight::fail,
    "The API refuses at once without a token, and hangs with one: it cannot get Clerk's keys",
    "Look from the API's own network whether it reaches Clerk (DNS, firewall, proxy): each request "
    "with a token holds a thread until then"};
constexpr Code fails_verifying{
    "clerk.api-fails-verifying", Weight::fail,
    "The API refuses without a token, and fails with one: verifying itself breaks",
    "Look into the API's log for this request: the secret key, the way to Clerk, the library"};

}  // namespace
}  // namespace code

namespace {

/// The request refused that has none; now one with a token that is made up.
void judge_made_up(Context& ctx, const Response& response, std::string_view api) {
    if (hangs_after_asking(response)) {
        ctx.found(code::hangs_verifying, api, text("with a made-up token: ", response.describe()))
            .evidence("phase", response.phase_name());
        return;
    }
    if (!settle_transport(ctx, response, "API, with a made-up token", api)) return;
    ctx.evaluated(code::accepts_made_up, code::hangs_verifying, code::fails_verifying);
    const int status = response.status();
    if (status >= 500) {
        ctx.found(code::fails_verifying, api,
                  text("HTTP ", status, " with a made-up token", by(response)))
            .evidence("body", triage::excerpt(response.body()));
    } else if (status < 400) {
        ctx.found(code::accepts_made_up, api, text("HTTP ", status, " with a made-up token"));
    }
}

triage::Check api(const ApiParams& p, Context& ctx) {
    if (auto wrong = wrong_asking(p); !wrong.empty()) co_return triage::could_not_tell(wrong);
    const auto without = co_await ctx.http(request(p, p.api));
    if (without.could_not_ask()) co_return triage::could_not_tell(without.describe());
    if (!judge_without_token(ctx, without, p.api)) {
        co_return triage::done(text(without.describe(), " without a token"));
    }
    if (auto why = refused_by_another(without); !why.empty()) co_return triage::could_not_tell(why);
    auto with_token = request(p, p.api);
    with_token.header("Authorization", made_up);
    const auto with = co_await ctx.http(std::move(with_token));
    if (with.could_not_ask()) co_return triage::could_not_tell(with.describe());
    if (with.ok() && with.status() >= 400 && with.status() < 500) {
        if (auto why = refused_by_another(with); !why.empty())
            co_return triage::could_not_tell("with a made-up token: " + why);
    }
    judge_made_up(ctx, with, p.api);
    co_return triage::done(text(without.status(), " without a token in ", without.total(),
                                "; with a made-up one ", with.describe(), " in ", with.total()));
}

}  // namespace

void add_api(triage::Plugin& plugin) {
    plugin.check<ApiParams>(
        "api", "Does the API refuse without a session, and can it verify tokens?",
        "1 GET without a token, 1 with one that is made up; the API may ask Clerk for its keys",
        api,
        transport.with({code::api_open, code::api_unexpected, code::accepts_made_up,
                        code::hangs_verifying, code::fails_verifying}));
}

}  // namespace clerk
