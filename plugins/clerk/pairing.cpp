/// clerk.pairing: whether the secret key works, and is of the frontend API's instance.
#include <algorithm>

#include "clerk.hpp"
#include "environment.hpp"
#include "frontend_api.hpp"
#include "key.hpp"
#include "transport.hpp"

namespace clerk {
namespace {

using triage::Context;
using triage::Response;
using triage::text;

struct PairingParams : Asking {
    triage::Url frontend_api, backend_api;
    triage::Secret secret_key;
    std::string publishable_key, environment;

    static void describe(triage::Describe<PairingParams>& d) {
        using P = PairingParams;
        d.required("frontend-api", &P::frontend_api, "The frontend API, or your proxy before it")
            .example("https://clerk.example.com");
        d.required("secret-key", &P::secret_key,
                   "The key that the services have, sk_…; goes to backend-api only");
        d.optional("backend-api", &P::backend_api, triage::Url("https://api.clerk.com"),
                   "Clerk's backend API");
        d.optional("publishable-key", &P::publishable_key, "",
                   "The key that the UI has, to compare the kinds of both; empty if not known");
        describe_environment(d);
        describe_asking(d);
    }
};

}  // namespace

namespace code {
using triage::Code;
using triage::Weight;
namespace {

constexpr Code revoked{
    "clerk.secret-key-revoked", Weight::fail, "Clerk does not know the secret key",
    "Look in Clerk's dashboard (API keys) whether it was rotated or deleted; put the new one into "
    "the environment of every service that has it, and restart them"};
constexpr Code mismatched{
    "clerk.keys-mismatched", Weight::fail,
    "The secret key is of another instance than the frontend API",
    "Copy both keys of one instance from Clerk's dashboard (API keys), restart the services and "
    "rebuild the UI"};
constexpr Code backend_error{"clerk.backend-api-error", Weight::fail,
                             "Clerk's backend API does not give the key set",
                             "Look at Clerk's status page, and at proxies between here and there"};
constexpr Code secret_malformed{
    "clerk.secret-key-malformed", Weight::fail, "The secret key is none",
    "Copy it anew from Clerk's dashboard (API keys), without quotes, and restart the services"};
constexpr Code kinds_differ{
    "clerk.key-kinds-differ", Weight::fail, "One of the keys is a test key, the other a live key",
    "Copy both keys of one instance from Clerk's dashboard (API keys), restart the services and "
    "rebuild the UI"};

}  // namespace
}  // namespace code

namespace {

constexpr triage::Fact<bool> paired_fact{"paired", "Both keys are of the same instance"};

constexpr std::string_view key_subject = "secret key";

/// What its text tells; words for the summary. The runbook need not allow that.
std::string judge_text(Context& ctx, const PairingParams& p) {
    const auto secret = ctx.reveal(p.secret_key);
    if (!secret) return "its format is not looked at: [allow] does not reveal it";
    ctx.evaluated(code::secret_malformed);
    const auto key = parse_secret_key(secret.value());
    if (!key.wrong.empty()) ctx.found(code::secret_malformed, key_subject, key.wrong);
    if (!key.kind) return "not a secret key";
    judge_environment(ctx, p.environment, *key.kind, key_subject);
    auto words = text("sk_", name_of(*key.kind));
    if (p.publishable_key.empty()) return words;
    const auto other = parse_publishable_key(p.publishable_key).kind;
    if (!other) return words + ", nothing to compare it with: the publishable key is none";
    ctx.evaluated(code::kinds_differ);
    if (*other != *key.kind) {
        ctx.found(code::kinds_differ, "keys",
                  text("the publishable key is a ", name_of(*other), " key, the secret key a ",
                       name_of(*key.kind), " key"));
    }
    return words;
}

void report_unexpected(Context& ctx, const Response& response, std::string_view url) {
    const auto error = clerk_error(response);
    auto finding =
        ctx.found(code::backend_error, url,
                  text("backend API: HTTP ", response.status(), ", expected 200; ",
                       error.empty() ? "the answer is not Clerk's own: " + describe_body(response)
                                     : "Clerk says " + error));
    if (!response.body().empty()) finding.evidence("body", triage::excerpt(response.body()));
    if (response.status() == 429) {
        finding.weight(triage::Weight::warn)
            .remedy(
                "Something asks Clerk too often with this key: look at the services' requests "
                "to the backend API, and whether they keep the key set");
    }
}

/// The backend API's key set, if it gave one.
std::optional<KeySet> judge_backend(Context& ctx, const Response& response, std::string_view url) {
    if (!settle_transport(ctx, response, "backend API", url)) return std::nullopt;
    const auto error = clerk_error(response);
    if (response.status() == 401 && !error.empty()) {
        ctx.evaluated(code::backend_error);
        ctx.found(code::revoked, key_subject, "the backend API refuses it: HTTP 401")
            .evidence("clerk", error)
            .evidence("backend-api", url);
        return std::nullopt;
    }
    ctx.evaluated(code::backend_error);
    if (response.status() != 200) {
        report_unexpected(ctx, response, url);
        return std::nullopt;
    }
    ctx.evaluated(code::revoked);
    auto set = parse_key_set(response.body());
    if (!set.wrong.empty()) {
        ctx.found(code::backend_error, url,
                  text("backend API: no key set, ", set.wrong, " (", describe_body(response), ")"))
            .evidence("body", triage::excerpt(response.body()));
        return std::nullopt;
    }
    return set;
}

std::string judge_pair(Context& ctx, const PairingParams& p, const KeySet& front,
                       const KeySet& back) {
    ctx.evaluated(code::mismatched);
    const auto ours = front.kids(), theirs = back.kids();
    const bool paired = std::ranges::any_of(
        ours, [&](const auto& kid) { return std::ranges::find(theirs, kid) != theirs.end(); });
    ctx.fact(paired_fact, paired);
    if (paired) return text("both keys are of one instance (", list(ours), ")");
    ctx.found(code::mismatched, "keys",
              text("no key is in both sets: the frontend API has ", list(ours),
                   ", the secret key's instance ", list(theirs)))
        .evidence("frontend-api", p.frontend_api.str())
        .evidence("backend-api", p.backend_api.str());
    return "the keys are of two instances";
}

triage::Check pairing(const PairingParams& p, Context& ctx) {
    if (auto wrong = wrong_asking(p); !wrong.empty()) co_return triage::could_not_tell(wrong);
    const auto front_url = p.frontend_api.join("/.well-known/jwks.json");
    const auto back_url = p.backend_api.join("/v1/jwks");
    auto with_key = request(p, back_url);
    with_key.header("Authorization", "Bearer ", p.secret_key);
    const auto [front, back] = co_await triage::all(ask_jwks(ctx, request(p, front_url)),
                                                    ask_jwks(ctx, std::move(with_key)));
    const auto about_text = judge_text(ctx, p);
    std::optional<KeySet> ours, theirs;
    if (!front.response.could_not_ask()) ours = judge_frontend_jwks(ctx, front.response, front_url);
    if (!back.response.could_not_ask()) theirs = judge_backend(ctx, back.response, back_url);
    if (front.response.could_not_ask()) {
        co_return triage::could_not_tell("the frontend API was not asked: " +
                                         front.response.describe());
    }
    if (back.response.could_not_ask()) {
        co_return triage::could_not_tell("the backend API was not asked: " +
                                         back.response.describe());
    }
    if (ours && theirs) {
        co_return triage::done(
            text(judge_pair(ctx, p, *ours, *theirs), "; secret key: ", about_text));
    }
    co_return triage::done(text("not paired: frontend API: ", front.response.describe(),
                                ", backend API: ", back.response.describe(),
                                "; secret key: ", about_text));
}

}  // namespace

void add_pairing(triage::Plugin& plugin) {
    plugin.check<PairingParams>(
        "pairing", "Does the secret key work, and is it of the frontend API's instance?",
        "1 GET of the frontend API, 1 of the backend API with the secret key", pairing,
        jwks_codes({code::revoked, code::mismatched, code::backend_error, code::secret_malformed,
                    code::kinds_differ, code::test_in_production, code::live_in_development}),
        {paired_fact});
}

}  // namespace clerk
