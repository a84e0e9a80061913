/// clerk.keys: what can be known without any secret.
#include <triage/web_url.hpp>

#include "clerk.hpp"
#include "clock.hpp"
#include "environment.hpp"
#include "frontend_api.hpp"
#include "key.hpp"
#include "transport.hpp"

using namespace std::chrono_literals;

namespace clerk {
namespace {

using triage::Context;
using triage::text;

struct KeysParams : Asking {
    std::string publishable_key;
    triage::Url frontend_api, proxy_url;
    std::string environment;
    std::chrono::microseconds warn_skew, fail_skew;

    static void describe(triage::Describe<KeysParams>& d) {
        using P = KeysParams;
        d.required("publishable-key", &P::publishable_key, "The key that the UI has, pk_…")
            .example("pk_test_Y2xlcmsuZXhhbXBsZS5jb20k");
        d.optional("frontend-api", &P::frontend_api,
                   "Where the frontend API should be; it must be what the key says")
            .example("https://clerk.example.com");
        d.optional("proxy-url", &P::proxy_url,
                   "Where browsers reach the frontend API through a proxy of your own")
            .example("https://app.example.com/__clerk");
        describe_environment(d);
        d.optional("warn-skew", &P::warn_skew, 2s, "Warn when this clock is off by more")
            .at_least(0ms)
            .not_above("fail-skew");
        d.optional("fail-skew", &P::fail_skew, 10s,
                   "Fail when this clock is off by more; verifiers allow some 5 to 10 s")
            .at_least(0ms);
        describe_asking(d);
    }
};

}  // namespace

namespace code {
using triage::Code;
using triage::Weight;
namespace {

constexpr Code key_malformed{
    "clerk.publishable-key-malformed", Weight::fail, "The publishable key is none",
    "Copy it anew from Clerk's dashboard (API keys), without quotes, and rebuild the UI"};
constexpr Code secret_published{
    "clerk.secret-key-published", Weight::fail,
    "A secret key stands where the publishable key belongs: browsers get it",
    "Rotate the secret key in Clerk's dashboard at once, then put the publishable key there and "
    "rebuild the UI"};
constexpr Code key_kind{
    "clerk.key-kind", Weight::fail,
    "The publishable key says that it is live, and names a development instance",
    "Copy it anew from Clerk's dashboard (API keys): nobody can make one kind of the other"};
constexpr Code other_frontend_api{
    "clerk.other-frontend-api", Weight::fail,
    "The publishable key names another frontend API than the one that is expected",
    "Look of which instance the key is: it is not the one of frontend-api"};

}  // namespace
}  // namespace code

namespace {

constexpr triage::Fact<std::string> frontend_api_fact{"frontend_api",
                                                      "Host of the frontend API, by the key"};
constexpr triage::Fact<std::string> instance_fact{"instance", "development or production"};
constexpr triage::Fact<std::string> kids_fact{"kids", "Ids of the keys that verify tokens"};

constexpr std::string_view subject = "publishable key";

/// Shown only if it looks like one: who knows what was put there by mistake.
std::string shown(const std::string& key) {
    if (key.starts_with("pk_")) return triage::excerpt(key, 100);
    return text(key.size(), " bytes, not shown");
}

void judge_key(Context& ctx, const KeysParams& p, const PublishableKey& key) {
    ctx.evaluated(code::key_malformed, code::secret_published);
    if (key.is_secret_key) {
        if (!p.publishable_key.empty()) ctx.add_secret(p.publishable_key);
        ctx.found(code::secret_published, subject, "it is a secret key (sk_…)");
        return;
    }
    if (!key.ok()) {
        ctx.found(code::key_malformed, subject, key.wrong)
            .evidence("value", shown(p.publishable_key));
        return;
    }
    ctx.fact(frontend_api_fact, key.host);
    ctx.fact(instance_fact, instance_name(*key.kind));
    judge_environment(ctx, p.environment, *key.kind, subject);
    ctx.evaluated(code::key_kind);
    if (*key.kind == Kind::live && is_development_host(key.host)) {
        ctx.found(
            code::key_kind, subject,
            text("it is a live key, and its host ", key.host, " is of a development instance"));
    }
    const auto named = triage::parse_web_url("https://" + key.host);
    const auto expected = triage::parse_web_url(p.frontend_api.str());
    if (!named || !expected) return;
    ctx.evaluated(code::other_frontend_api);
    if (named->host_port() == expected->host_port()) return;
    ctx.found(code::other_frontend_api, subject,
              text("it names ", named->host_port(), ", expected ", expected->host_port()))
        .evidence("frontend-api", p.frontend_api.str());
}

/// Where to ask: as browsers do.
triage::Url base_of(const KeysParams& p, const PublishableKey& key) {
    if (!p.proxy_url.str().empty()) return p.proxy_url;
    if (!p.frontend_api.str().empty()) return p.frontend_api;
    return triage::Url(key.host.empty() ? "" : "https://" + key.host);
}

std::string judge_clock(Context& ctx, const KeysParams& p, const JwksAnswer& answer) {
    std::string why;
    const auto skew = skew_of(answer.response, answer.before, answer.after, why);
    if (!skew) return "clock not compared: " + why;
    ctx.evaluated(code::clock_skew, code::clock_wrong);
    ctx.metric("clock-skew", *skew);
    const auto words = text("this clock is ", describe_skew(*skew), " Clerk's");
    const bool is_wrong = std::chrono::abs(*skew) > p.fail_skew;
    if (!is_wrong && std::chrono::abs(*skew) <= p.warn_skew) return words;
    ctx.found(is_wrong ? code::clock_wrong : code::clock_skew, "clock",
              text(words, ", expected at most ", is_wrong ? p.fail_skew : p.warn_skew))
        .evidence("date", *answer.response.header("date"));
    return words;
}

std::string describe_key(const PublishableKey& key) {
    if (!key.ok()) return text("publishable key: ", key.wrong);
    return text("pk_", name_of(*key.kind), " of ", key.host);
}

triage::Check keys(const KeysParams& p, Context& ctx) {
    if (auto wrong = wrong_asking(p); !wrong.empty()) co_return triage::could_not_tell(wrong);
    const auto key = parse_publishable_key(p.publishable_key);
    judge_key(ctx, p, key);
    const auto base = base_of(p, key);
    if (base.str().empty()) {
        co_return triage::done(describe_key(key) + "; so nobody knows which frontend API to ask");
    }
    const auto url = base.join("/.well-known/jwks.json");
    const auto answer = co_await ask_jwks(ctx, request(p, url));
    if (answer.response.could_not_ask()) {
        co_return triage::could_not_tell(
            text("the frontend API ", base.str(), " was not asked: ", answer.response.describe()));
    }
    const auto set = judge_frontend_jwks(ctx, answer.response, url);
    if (!answer.response.ok()) {
        co_return triage::done(text(describe_key(key), "; ", answer.response.describe()));
    }
    ctx.metric("total", answer.response.total());
    const auto clock = judge_clock(ctx, p, answer);
    if (!set) co_return triage::done(text(describe_key(key), "; no key that verifies; ", clock));
    ctx.fact(kids_fact, list(set->kids()));
    co_return triage::done(text(describe_key(key), "; ", set->kids().size(), " of ",
                                set->keys.size(), " keys verify, in ", answer.response.total(),
                                "; ", clock));
}

}  // namespace

void add_keys(triage::Plugin& plugin) {
    plugin.check<KeysParams>(
        "keys", "Is the publishable key one, and does its frontend API give good keys?",
        "1 GET of the frontend API", keys,
        jwks_codes({code::key_malformed, code::secret_published, code::key_kind,
                    code::other_frontend_api, code::test_in_production, code::live_in_development,
                    code::clock_skew, code::clock_wrong}),
        {frontend_api_fact, instance_fact, kids_fact});
}

}  // namespace clerk
