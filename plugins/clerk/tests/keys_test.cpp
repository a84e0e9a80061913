/// clerk.keys: each code, and what must not be taken for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

#include "signing.hpp"

using namespace triage::testing;
using namespace std::chrono_literals;
using signing::Key;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using triage::Failure;

namespace {

const std::string host = "clerk.example.com";
const std::string base = "https://" + host;
const std::string jwks_url = base + "/.well-known/jwks.json";

Params params(const std::string& key = signing::publishable_key(host)) {
    return Params().set("publishable-key", key).set("frontend-api", base);
}

Result run(const Reply& reply, const Params& given = params()) {
    FakeHost fake;
    fake.answer("GET", jwks_url, reply);
    auto result = fake.run("keys", given);
    EXPECT_THAT(result.violations, IsEmpty());
    return result;
}

/// The only finding.
ReportedFinding only(const Result& result) {
    EXPECT_THAT(result.findings, SizeIs(1)) << result.to_string();
    return result.findings.empty() ? ReportedFinding() : result.findings[0];
}
ReportedFinding only(const Reply& reply, const Params& given = params()) {
    return only(run(reply, given));
}

TEST(ClerkPlugin, DeclaresItselfWithoutFault) {
    EXPECT_THAT(FakeHost().declaration_violations(), IsEmpty());
    EXPECT_THAT(FakeHost(load_plugin(TRIAGE_PLUGIN_FILE)).declaration_violations(), IsEmpty());
}

TEST(Keys, AllIsWell) {
    const auto result = run(signing::good_jwks());
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_EQ(result.summary,
              "pk_test of clerk.example.com; 1 of 1 keys verify, in 1 ms; this "
              "clock is within 1 s of Clerk's");
    EXPECT_EQ(result.facts.at("frontend_api"), triage::Any(host));
    EXPECT_EQ(result.facts.at("instance"), triage::Any(std::string("development")));
    EXPECT_EQ(result.facts.at("kids"), triage::Any(std::string("ins_one")));
    for (const auto* code :
         {"clerk.publishable-key-malformed", "clerk.secret-key-published", "clerk.key-kind",
          "clerk.other-frontend-api", "clerk.dns", "clerk.tls", "clerk.no-answer",
          "clerk.jwks-status", "clerk.jwks-malformed", "clerk.jwks-key", "clerk.clock-skew"}) {
        EXPECT_TRUE(result.was_evaluated(code)) << code;
    }
    EXPECT_FALSE(result.was_evaluated("clerk.test-key-in-production")) << "nobody said what it is";
}

TEST(Keys, AMalformedKeyIsToldAndTheFrontendApiIsAskedAllTheSame) {
    const auto result = run(signing::good_jwks(), params("pk_test_Y2xlcmsuZXhhbXBsZS5jb20"));
    const auto found = only(result);
    EXPECT_EQ(found.code, "clerk.publishable-key-malformed");
    EXPECT_EQ(found.evidence_of("value"), "pk_test_Y2xlcmsuZXhhbXBsZS5jb20");
    EXPECT_TRUE(result.was_evaluated("clerk.jwks-key"));
    EXPECT_FALSE(result.was_evaluated("clerk.other-frontend-api"));
}

TEST(Keys, WithoutAHostNothingIsAsked) {
    const auto result = FakeHost().run("keys", Params().set("publishable-key", "hunter2hunter2"));
    EXPECT_EQ(only(result).evidence_of("value"), "14 bytes, not shown");
    EXPECT_THAT(result.requests, IsEmpty());
    EXPECT_FALSE(result.was_evaluated("clerk.dns"));
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("nobody knows which frontend API"));
}

TEST(Keys, ASecretKeyThatIsPublished) {
    const std::string key = "sk_live_Zm9vYmFyYmF6cXV4Zm9vYmFy0123";
    const auto result = run(signing::good_jwks(), params(key));
    EXPECT_EQ(only(result).code, "clerk.secret-key-published");
    EXPECT_THAT(result.to_string(), testing::Not(HasSubstr(key)));
}

TEST(Keys, AnotherFrontendApiThanExpected) {
    const auto given = params(signing::publishable_key("clerk.other.com"));
    const auto found = only(signing::good_jwks(), given);
    EXPECT_EQ(found.code, "clerk.other-frontend-api");
    EXPECT_EQ(found.message, "it names clerk.other.com, expected clerk.example.com");
    const auto capitals = params(signing::publishable_key("Clerk.Example.com"));
    EXPECT_THAT(run(signing::good_jwks(), capitals).findings, IsEmpty()) << "hosts have no case";
}

TEST(Keys, AProxyIsAskedInstead) {
    FakeHost fake;
    fake.answer("GET", "https://app.example.com/__clerk/.well-known/jwks.json",
                signing::good_jwks());
    const auto result =
        fake.run("keys", params().set("proxy-url", "https://app.example.com/__clerk"));
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_THAT(result.violations, IsEmpty());
}

TEST(Keys, WithoutFrontendApiTheKeySaysWhere) {
    FakeHost fake;
    fake.answer("GET", jwks_url, signing::good_jwks());
    const auto key = signing::publishable_key(host);
    const auto result = fake.run("keys", Params().set("publishable-key", key));
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_FALSE(result.was_evaluated("clerk.other-frontend-api")) << "nothing to compare with";
}

TEST(Keys, KindAndHostContradict) {
    const std::string dev = "prepared-rodent-52.clerk.accounts.dev";
    const auto url = "https://" + dev;
    for (const auto* kind : {"live", "test"}) {
        FakeHost fake;
        fake.answer("GET", url + "/.well-known/jwks.json", signing::good_jwks());
        const auto key = signing::publishable_key(dev, kind);
        const auto result =
            fake.run("keys", Params().set("publishable-key", key).set("frontend-api", url));
        EXPECT_EQ(result.found("clerk.key-kind"), std::string(kind) == "live");
    }
}

TEST(Keys, TestKeysInProduction) {
    const auto live = signing::publishable_key(host, "live"), test = signing::publishable_key(host);
    const auto found = only(signing::good_jwks(), params(test).set("environment", "production"));
    EXPECT_EQ(found.code, "clerk.test-key-in-production");
    EXPECT_EQ(found.message, "it is a test key, of a development instance; this is production");
    EXPECT_EQ(only(signing::good_jwks(), params(live).set("environment", "development")).code,
              "clerk.live-key-in-development");
    const auto fits = run(signing::good_jwks(), params(live).set("environment", "production"));
    EXPECT_THAT(fits.findings, IsEmpty());
    EXPECT_TRUE(fits.was_evaluated("clerk.test-key-in-production"));
}

struct Transport {
    Reply reply;
    const char* code;
};
class KeysTransport : public testing::TestWithParam<Transport> {};

TEST_P(KeysTransport, LookAlikesAreToldApart) {
    const auto result = run(GetParam().reply);
    EXPECT_EQ(only(result).code, GetParam().code);
    EXPECT_THAT(only(result).message, HasSubstr("frontend API: "));
    EXPECT_FALSE(result.was_evaluated("clerk.jwks-status"));
    EXPECT_FALSE(result.was_evaluated("clerk.clock-skew"));
}

INSTANTIATE_TEST_SUITE_P(
    , KeysTransport,
    testing::Values(Transport{Reply::failed(Failure::resolve), "clerk.dns"},
                    Transport{Reply::failed(Failure::refused), "clerk.refused"},
                    Transport{Reply::failed(Failure::unreachable), "clerk.unreachable"},
                    Transport{Reply::failed(Failure::tls, "expired"), "clerk.tls"},
                    Transport{Reply::failed(Failure::closed), "clerk.closed"},
                    Transport{Reply::failed(Failure::protocol), "clerk.not-http"},
                    Transport{Reply::failed(Failure::protocol).at(triage::Phase::body),
                              "clerk.bad-http"},
                    Transport{Reply::hang(), "clerk.no-answer"},
                    Transport{Reply::hang(triage::Phase::tls), "clerk.no-answer"}));

TEST(Keys, WhatWasNotAskedIsNoFindingAndTheKeyIsJudgedAllTheSame) {
    const auto result = run(Reply::failed(Failure::denied, "no permission for " + base));
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_THAT(result.error.value_or(""), HasSubstr("no permission for " + base));
    EXPECT_TRUE(result.was_evaluated("clerk.publishable-key-malformed"));
    EXPECT_FALSE(result.was_evaluated("clerk.dns"));
}

TEST(Keys, StatusTellsWhetherClerkAnswers) {
    const auto clerk =
        only(Reply(404).body(R"({"errors":[{"message":"m","code":"resource_not_found"}]})"));
    EXPECT_EQ(clerk.code, "clerk.jwks-status");
    EXPECT_EQ(clerk.message, "frontend API: HTTP 404, expected 200; Clerk says resource_not_found");
    const auto stranger = only(Reply(502).body("<html>Bad Gateway</html>"));
    EXPECT_THAT(stranger.message, HasSubstr("not Clerk's own: an HTML page"));
    const auto moved = only(Reply(302).header("Location", "https://portal.example/login"));
    EXPECT_EQ(moved.evidence_of("location"), "https://portal.example/login");
}

TEST(Keys, WhatIsNoKeySet) {
    for (const auto& [body, words] : std::vector<std::pair<std::string, std::string>>{
             {"<!doctype html><html>Sign in to the Wi-Fi", "an HTML page"},
             {"", "not JSON"},
             {"{}", "no list \"keys\""},
             {R"({"keys":{}})", "no list \"keys\""},
             {R"({"keys":[]})", "its list of keys is empty"},
             {std::string(300'000, ' '), "larger than 256 KiB"}}) {
        const auto result = run(signing::jwks_reply(body));
        EXPECT_EQ(only(result).code, "clerk.jwks-malformed") << body.substr(0, 50);
        EXPECT_THAT(only(result).message, HasSubstr(words));
        EXPECT_FALSE(result.was_evaluated("clerk.jwks-key"));
    }
}

TEST(Keys, KeysThatCannotVerify) {
    const auto& key = Key::of_instance();
    for (const auto& [jwk, words] : std::vector<std::pair<std::string, std::string>>{
             {Key::weak().jwk(), "it has 1024 bits, expected 2048 to 16384"},
             {key.jwk_with("n", std::string(4000, 'x')), "bits, expected 2048 to 16384"},
             {key.jwk_with("kty", "EC"), "its type is \"EC\", not RSA"},
             {key.jwk_with("alg", "RS512"), "its algorithm is \"RS512\""},
             {key.jwk_with("use", "enc"), "its use is \"enc\""},
             {key.jwk_with("kid", ""), "it has no kid"},
             {key.jwk_with("n", "?"), "n and e cannot be read"},
             {key.jwk_with("e", "AA"), "n and e cannot be read"},
             {key.jwk_with("e", "AQ"), "n and e cannot be read"},
             {key.jwk("", R"(,"d":"AQAB")"), "its private part is published"},
             {R"("text")", "it has no kid"}}) {
        const auto found = only(signing::jwks_reply(signing::key_set({jwk})));
        EXPECT_EQ(found.code, "clerk.jwks-key") << jwk;
        EXPECT_THAT(found.message, HasSubstr(words));
        EXPECT_EQ(found.weight, std::nullopt) << "none is left";
    }
    for (const auto* optional : {"alg", "use"}) {
        const auto set = signing::key_set({key.jwk_with(optional, "")});
        EXPECT_THAT(run(signing::jwks_reply(set)).findings, IsEmpty()) << optional;
    }
}

TEST(Keys, ABadKeyBesideAGoodOneIsAWarning) {
    const auto& key = Key::of_instance();
    const auto twice = signing::key_set({key.jwk(), key.jwk()});
    const auto found = only(signing::jwks_reply(twice));
    EXPECT_EQ(found.message, "key 2 of 2: another key has the same kid");
    EXPECT_EQ(found.weight, triage::Weight::warn);
    const auto two = signing::key_set({key.jwk(), Key::of_another().jwk()});
    const auto result = run(signing::jwks_reply(two));
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_EQ(result.facts.at("kids"), triage::Any(std::string("ins_one, ins_two")));
}

TEST(Keys, ClockSkew) {
    const auto dated = [](const char* date) {
        return Reply(200).header("Date", date).body(signing::key_set({Key::of_instance().jwk()}));
    };
    const auto ahead = only(dated("Wed, 31 Dec 2025 23:59:55 GMT"));
    EXPECT_EQ(ahead.code, "clerk.clock-skew");
    EXPECT_EQ(ahead.message, "this clock is 4 s ahead of Clerk's, expected at most 2 s");
    const auto behind = only(dated("Thu, 01 Jan 2026 00:02:00 GMT"));
    EXPECT_EQ(behind.code, "clerk.clock-wrong");
    EXPECT_THAT(behind.message, HasSubstr("120 s behind Clerk's, expected at most 10 s"));
    EXPECT_THAT(run(dated("Wed, 31 Dec 2025 23:59:57 GMT")).findings, IsEmpty())
        << "a Date has whole seconds";
    EXPECT_THAT(run(dated("Thu, 01 Jan 2026 00:02:00 GMT"),
                    params().set("fail-skew", "5m").set("warn-skew", "5m"))
                    .findings,
                IsEmpty());
}

TEST(Keys, ASlowAnswerIsNoSkew) {
    const auto slow = signing::good_jwks().after(2900ms);
    EXPECT_THAT(run(slow, params().set("warn-skew", "0s")).findings, IsEmpty());
}

TEST(Keys, ACachedAnswerTellsNothingOfTheClock) {
    const auto result = run(Reply(200)
                                .header("Date", "Thu, 01 Jan 2020 00:00:00 GMT")
                                .header("Age", "86400")
                                .body(signing::key_set({Key::of_instance().jwk()})));
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_FALSE(result.was_evaluated("clerk.clock-skew"));
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("came from a cache"));
    const auto none = run(Reply(200).body(signing::key_set({Key::of_instance().jwk()})));
    EXPECT_FALSE(none.was_evaluated("clerk.clock-skew"));
}

}  // namespace
