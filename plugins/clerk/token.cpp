/// clerk.token: a session token that was supplied.
#include "token.hpp"

#include "clerk.hpp"
#include "clock.hpp"

using namespace std::chrono_literals;

namespace clerk {

using triage::Context;
using triage::Response;
using triage::text;

constexpr const char* port_is_none = "its port is none: expected 1 to 65535";

void TokenParams::describe(triage::Describe<TokenParams>& d) {
    using P = TokenParams;
    d.required("frontend-api", &P::frontend_api, "The frontend API, or your proxy before it")
        .example("https://clerk.example.com");
    d.required("token", &P::token, "A session token; to look into it, [allow] must reveal it");
    d.optional("api", &P::api, "A URL of the API that demands a session, asked by GET")
        .example("https://api.example.com/api/v1/boards");
    d.optional("issuer", &P::issuer, "", "Who must have issued the token; empty: the frontend API")
        .pattern("(https?://[^/?#@\\s]+/?)?")
        .refuse(triage::text("[^/]*//.*:", triage::no_port, "/?"), port_is_none)
        .example("https://clerk.example.com");
    d.optional("authorized-parties", &P::authorized_parties,
               "Origins of the pages whose tokens the API takes (azp)")
        .pattern("[a-z][a-z0-9+.-]*://[^/?#@\\s]+")
        .refuse(triage::text("[^/]*//.*:", triage::no_port), port_is_none)
        .example("https://app.example.com");
    d.optional("leeway", &P::leeway, 5s, "How much clocks may differ, as the API allows it")
        .at_least(0ms);
    describe_asking(d);
}

namespace {

constexpr triage::Fact<std::string> kid_fact{"kid", "Which key has signed the token"};
constexpr triage::Fact<std::int64_t> expires_in_fact{
    "expires_in", "Seconds until the token expires; negative if it has"};
constexpr triage::Fact<std::int64_t> api_status_fact{"api_status",
                                                     "The API's status with the token"};

struct Answers {
    JwksAnswer jwks;
    std::optional<Response> without, with;
};

triage::Task<Response> ask(Context& ctx, triage::Request request) {
    co_return co_await ctx.http(std::move(request));
}

/// All at once: a session token lives a minute.
triage::Task<Answers> ask_all(const TokenParams& p, Context& ctx) {
    Answers answers;
    auto jwks = ask_jwks(ctx, request(p, p.frontend_api.join("/.well-known/jwks.json")));
    if (p.api.str().empty()) {
        answers.jwks = co_await std::move(jwks);
        co_return answers;
    }
    auto with_token = request(p, p.api);
    with_token.header("Authorization", "Bearer ", p.token);
    auto [keys, without, with] = co_await triage::all(std::move(jwks), ask(ctx, request(p, p.api)),
                                                      ask(ctx, std::move(with_token)));
    answers.jwks = std::move(keys);
    answers.without = std::move(without);
    answers.with = std::move(with);
    co_return answers;
}

std::string describe_token(Context& ctx, const Token& token, Worth worth, triage::WallTime now) {
    if (!token.wrong.empty()) return "no session token: " + token.wrong;
    if (!token.kid.empty()) ctx.fact(kid_fact, triage::excerpt(token.kid, 80));
    std::string until;
    if (token.exp) {
        const auto since_1970 =
            std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
        const auto left = std::clamp<std::int64_t>(*token.exp, 0, 253402300799) - since_1970;
        ctx.fact(expires_in_fact, left);
        until = left < 0 ? text(", expired ", std::chrono::seconds(-left), " ago")
                         : text(", expires in ", std::chrono::seconds(left));
    }
    const char* words = worth == Worth::good      ? "the token is good"
                        : worth == Worth::bad     ? "the token is not good"
                        : worth == Worth::not_now ? "the token is not valid now"
                                                  : "the token's signature is not verified";
    return text(words, until);
}

/// Words for the summary: what the token says. Without `revealed` nothing is looked at.
std::string judge_text(const TokenParams& p, Context& ctx, const JwksAnswer& jwks,
                       const triage::Result<std::string_view>& revealed, Worth& worth) {
    std::optional<KeySet> keys;
    if (!jwks.response.could_not_ask()) {
        keys =
            judge_frontend_jwks(ctx, jwks.response, p.frontend_api.join("/.well-known/jwks.json"));
    }
    if (!revealed) return "the token is not looked into: [allow] does not reveal it";
    const auto token = parse_token(revealed.value());
    std::string why;
    Clocks clocks{jwks.after, std::nullopt};
    if (jwks.response.ok()) clocks.skew = skew_of(jwks.response, jwks.before, jwks.after, why);
    worth = judge_token(ctx, p, token, keys ? &*keys : nullptr, clocks);
    return describe_token(ctx, token, worth, clocks.now);
}

triage::Check token(const TokenParams& p, Context& ctx) {
    if (auto wrong = wrong_asking(p); !wrong.empty()) co_return triage::could_not_tell(wrong);
    const auto revealed = ctx.reveal(p.token);
    if (!revealed && p.api.str().empty()) {
        co_return triage::could_not_tell(
            text("nothing to look at: there is no api to send the token to, and the token itself "
                 "is not revealed (",
                 revealed.reason(), "): allow it with [allow] clerk = { reveal = [NAME] }"));
    }
    const auto answers = co_await ask_all(p, ctx);
    auto worth = Worth::unknown;
    auto summary = judge_text(p, ctx, answers.jwks, revealed, worth);
    if (answers.with) {
        const auto& without = *answers.without;
        if (without.could_not_ask() || answers.with->could_not_ask()) {
            co_return triage::could_not_tell(
                "the API was not asked: " +
                (without.could_not_ask() ? without : *answers.with).describe());
        }
        summary += "; " + judge_api(ctx, p, without, *answers.with, worth);
        if (answers.with->ok()) ctx.fact(api_status_fact, answers.with->status());
    }
    if (answers.jwks.response.could_not_ask()) {
        co_return triage::could_not_tell("the frontend API was not asked: " +
                                         answers.jwks.response.describe());
    }
    co_return triage::done(summary);
}

std::vector<triage::Code> all_codes() {
    auto codes = token_codes();
    for (const auto& code : token_api_codes())
        codes.push_back(code);
    return jwks_codes(std::move(codes));
}

}  // namespace

void add_token(triage::Plugin& plugin) {
    plugin.check<TokenParams>(
        "token", "Is the session token good, and does the API take it?",
        "1 GET of the frontend API; with api 2 GETs of it, one with the token", token, all_codes(),
        {kid_fact, expires_in_fact, api_status_fact});
}

}  // namespace clerk
