#include "api_codes.hpp"
#include "token.hpp"
#include "transport.hpp"

namespace clerk {

using triage::Context;
using triage::Response;
using triage::text;

namespace code {
namespace {

constexpr Code api_refuses{
    "clerk.api-refuses-token", Weight::fail, "The API refuses a token that is good",
    "Compare the API's secret key with the instance (clerk.pairing), then its clock and its "
    "authorized parties; a new key needs a restart"};
constexpr Code api_accepts_bad{
    "clerk.api-accepts-bad-token", Weight::fail,
    "The API takes a token that is not of the frontend API's instance, or not valid",
    "Compare the API's secret key with the instance (clerk.pairing); if it is right, the API does "
    "not verify what it should"};
constexpr Code api_hangs{
    "clerk.api-hangs-with-token", Weight::fail,
    "The API refuses at once without a token, and hangs with one",
    "clerk.api tells why: if a made-up token hangs too, the API does not reach Clerk; else it is "
    "what comes after signing in, such as the database"};
constexpr Code api_fails{
    "clerk.api-fails-with-token", Weight::fail, "The API fails for signed-in users",
    "clerk.api tells why: if a made-up token fails too, verifying breaks; else it is what comes "
    "after signing in, such as the database"};

}  // namespace
}  // namespace code

std::vector<triage::Code> token_api_codes() {
    return {code::api_open,        code::api_unexpected, code::api_refuses,
            code::api_accepts_bad, code::api_hangs,      code::api_fails};
}

namespace {

/// 401 or 403 without a token: the same status with one is a refusal, too.
bool is_refusal(const Response& without, const Response& with) {
    return with.status() == 401 || with.status() == without.status();
}

void judge_with_token(Context& ctx, const TokenParams& p, const Response& without,
                      const Response& with, Worth worth) {
    ctx.evaluated(code::api_hangs, code::api_fails);
    if (with.status() >= 500) {
        ctx.found(code::api_fails, p.api, text("HTTP ", with.status(), " with the token", by(with)))
            .evidence("body", triage::excerpt(with.body()));
        return;
    }
    const bool refused = is_refusal(without, with);
    if (worth == Worth::good) {
        ctx.evaluated(code::api_refuses);
        if (!refused) return;
        if (auto why = refused_by_another(with); !why.empty()) throw triage::CouldNotTell(why);
        auto finding = ctx.found(code::api_refuses, p.api,
                                 text("HTTP ", with.status(),
                                      " with a token that the frontend API's keys, "
                                      "issuer and times find good"));
        if (const auto reason = with.header("x-clerk-auth-reason")) {
            finding.evidence("x-clerk-auth-reason", *reason);
        }
    } else if (worth == Worth::bad) {
        ctx.evaluated(code::api_accepts_bad);
        if (refused || with.status() >= 300) return;
        ctx.found(code::api_accepts_bad, p.api,
                  text("HTTP ", with.status(), " with a token that is not good"));
    }
}

}  // namespace

std::string judge_api(Context& ctx, const TokenParams& p, const Response& without,
                      const Response& with, Worth worth) {
    if (!judge_without_token(ctx, without, p.api)) {
        return text("API: ", without.describe(), " without a token");
    }
    if (hangs_after_asking(with)) {
        ctx.found(code::api_hangs, p.api, text("with the token: ", with.describe()))
            .evidence("phase", with.phase_name());
    } else if (settle_transport(ctx, with, "API, with the token", p.api)) {
        judge_with_token(ctx, p, without, with, worth);
    }
    return text("API: ", without.status(), " without a token, with it ", with.describe());
}

}  // namespace clerk
