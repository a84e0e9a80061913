/// clerk.token: a supplied token against the key set, the clocks and the API.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

#include "signing.hpp"

using namespace triage::testing;
using namespace std::chrono_literals;
using signing::Key;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using triage::Failure;

namespace {

constexpr std::int64_t now = 1767225600;  // the fake host's clock: 2026-01-01
const std::string jwks = "https://clerk.example.com/.well-known/jwks.json";
const std::string api = "https://api.example.com/v1/me";
const std::string sub = "user_2aBcDeFgHiJkLmNoPqRs", sid = "sess_9zYxWvUtSrQpOnMlKjIh";

struct Claims {
    std::int64_t iat = now - 5, nbf = now - 15, exp = now + 55;
    std::string iss = "https://clerk.example.com", azp = "https://app.example.com";

    std::string json() const {
        return triage::text(R"({"sub":")", sub, R"(","sid":")", sid, R"(","iss":")", iss,
                            R"(","azp":")", azp, R"(","iat":)", iat, R"(,"nbf":)", nbf,
                            R"(,"exp":)", exp, "}");
    }
};

struct Stage {
    std::string token = Key::of_instance().token(Claims().json());
    std::vector<Reply> jwks_replies{signing::good_jwks()};
    std::vector<Reply> api_replies{};  // without, with
    bool reveal = true;
    Params params{};

    Result run() {
        FakeHost host;
        for (const auto& reply : jwks_replies)
            host.answer("GET", jwks, reply);
        for (const auto& reply : api_replies)
            host.answer("GET", api, reply);
        if (reveal) host.allow_reveal();
        params.set("frontend-api", "https://clerk.example.com").secret("token", token);
        if (!api_replies.empty()) params.set("api", api);
        auto result = host.run("token", params);
        EXPECT_THAT(result.violations, IsEmpty());
        EXPECT_THAT(result.to_string(), Not(HasSubstr(sub)));
        EXPECT_THAT(result.to_string(), Not(HasSubstr(sid)));
        return result;
    }
    ReportedFinding only() {
        const auto result = run();
        EXPECT_THAT(result.findings, SizeIs(1)) << result.to_string();
        return result.findings.empty() ? ReportedFinding() : result.findings[0];
    }
};

Stage with_claims(const Claims& claims) {
    Stage stage;
    stage.token = Key::of_instance().token(claims.json());
    return stage;
}

TEST(Token, IsGood) {
    const auto result = Stage().run();
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_EQ(result.summary, "the token is good, expires in 55 s");
    EXPECT_EQ(result.facts.at("kid"), triage::Any(std::string("ins_one")));
    EXPECT_EQ(result.facts.at("expires_in"), triage::Any(std::int64_t{55}));
    for (const auto* code :
         {"clerk.token-malformed", "clerk.token-algorithm", "clerk.token-unknown-key",
          "clerk.token-signature", "clerk.token-issuer", "clerk.token-expired",
          "clerk.token-not-yet", "clerk.token-claims", "clerk.clock-wrong"}) {
        EXPECT_TRUE(result.was_evaluated(code)) << code;
    }
    EXPECT_FALSE(result.was_evaluated("clerk.token-authorized-party")) << "none were named";
    EXPECT_FALSE(result.was_evaluated("clerk.api-open")) << "there is no API";
}

TEST(Token, IsMalformed) {
    const auto good = Key::of_instance().token(Claims().json());
    for (const auto& [token, words] : std::vector<std::pair<std::string, std::string>>{
             {"sk_test_0123456789abcdef0123", "a key, not a token"},
             {"dvb_2aBcDeFgHiJkLmNoPqRs01", "1 parts between dots"},
             {good + ".x", "4 parts between dots"},
             {good.substr(0, good.rfind('.')), "2 parts between dots"},
             {"Bearer " + good, "not JSON in base64"},
             {signing::base64url("[]") + "." + signing::base64url("{}") + ".AAAA", "not JSON"}}) {
        Stage stage;
        stage.token = token;
        const auto found = stage.only();
        EXPECT_EQ(found.code, "clerk.token-malformed") << words;
        EXPECT_THAT(found.message, HasSubstr(words));
    }
}

TEST(Token, WithExtensionsThatNobodyKnowsIsNotGood) {
    for (const auto* crit : {R"(["b64"])", "[]", R"("b64")"}) {
        Stage stage;
        stage.token = Key::of_instance().token(
            Claims().json(), triage::text(R"({"alg":"RS256","kid":"ins_one","crit":)", crit, "}"));
        const auto found = stage.only();
        EXPECT_EQ(found.code, "clerk.token-malformed") << crit;
        EXPECT_THAT(found.message, HasSubstr(triage::text("(crit: ", crit, ")")));
        EXPECT_THAT(stage.run().summary.value_or(""), Not(HasSubstr("is good")));
    }
}

TEST(Token, Algorithm) {
    Stage stage;
    stage.token = Key::of_instance().token(Claims().json(), R"({"alg":"none","kid":"ins_one"})");
    EXPECT_EQ(stage.only().code, "clerk.token-algorithm");
    EXPECT_FALSE(stage.run().was_evaluated("clerk.token-signature"));
}

TEST(Token, OfAnotherInstance) {
    Stage stage;
    stage.token = Key::of_another().token(Claims().json());
    const auto found = stage.only();
    EXPECT_EQ(found.code, "clerk.token-unknown-key");
    EXPECT_EQ(found.message, "signed with key \"ins_two\", the frontend API has ins_one");
    EXPECT_EQ(found.evidence_of("iss"), "https://clerk.example.com");
}

TEST(Token, SignatureIsWrong) {
    Stage stage;
    stage.token = Key::of_another().token(Claims().json(), R"({"alg":"RS256","kid":"ins_one"})");
    EXPECT_EQ(stage.only().code, "clerk.token-signature");
}

TEST(Token, Issuer) {
    Claims claims;
    claims.iss = "https://clerk.other.com";
    auto stage = with_claims(claims);
    EXPECT_EQ(stage.only().code, "clerk.token-issuer");
    stage.params.set("issuer", "https://clerk.other.com");
    EXPECT_THAT(stage.run().findings, IsEmpty());
}

TEST(Token, Times) {
    Claims late;
    late.exp = now - 60;
    const auto expired = with_claims(late).only();
    EXPECT_EQ(expired.code, "clerk.token-expired");
    EXPECT_THAT(expired.message, HasSubstr("expired 60 s ago"));
    Claims early;
    early.nbf = now + 60;
    EXPECT_EQ(with_claims(early).only().code, "clerk.token-not-yet");
    early = {};
    early.iat = now + 60;
    EXPECT_EQ(with_claims(early).only().code, "clerk.token-not-yet");
    Claims edge;
    edge.exp = now - 4;
    EXPECT_THAT(with_claims(edge).run().findings, IsEmpty()) << "within the leeway";
    edge.exp = 9'000'000'000'000'000'000;
    EXPECT_THAT(with_claims(edge).run().findings, IsEmpty()) << "a time that no clock can show";
}

TEST(Token, AClockThatIsWrongIsNotATokenThatHasExpired) {
    Claims claims;  // Clerk's clock is five minutes behind this one, and right
    claims.iat = claims.nbf = now - 300;
    claims.exp = now - 240;
    auto stage = with_claims(claims);
    const auto set = signing::key_set({Key::of_instance().jwk()});
    stage.jwks_replies = {Reply(200).header("Date", "Wed, 31 Dec 2025 23:55:00 GMT").body(set)};
    const auto found = stage.only();
    EXPECT_EQ(found.code, "clerk.clock-wrong");
    EXPECT_THAT(found.message, HasSubstr("ahead of Clerk's, by which the token is valid"));
    stage.jwks_replies = {Reply(200).body(set)};
    EXPECT_EQ(stage.only().code, "clerk.token-expired") << "nothing to compare the clock with";
}

TEST(Token, Claims) {
    Stage stage;
    stage.token = Key::of_instance().token(
        triage::text(R"({"iss":"https://clerk.example.com","exp":)", now + 60, R"(,"iat":"now"})"));
    const auto found = stage.only();
    EXPECT_EQ(found.code, "clerk.token-claims");
    EXPECT_EQ(found.message, "it has no iat, nbf, sub");
}

TEST(Token, AuthorizedParties) {
    Stage stage;
    stage.params.list("authorized-parties", {"https://app.example.com"});
    EXPECT_THAT(stage.run().findings, IsEmpty());
    EXPECT_TRUE(stage.run().was_evaluated("clerk.token-authorized-party"));
    stage.params.list("authorized-parties", {"https://www.example.com"});
    EXPECT_EQ(stage.only().code, "clerk.token-authorized-party");
}

TEST(Token, WithoutAKeySetTheSignatureIsNotJudged) {
    Stage stage;
    stage.jwks_replies = {Reply::hang()};
    const auto result = stage.run();
    EXPECT_TRUE(result.found("clerk.no-answer"));
    EXPECT_THAT(result.findings, SizeIs(1));
    EXPECT_FALSE(result.was_evaluated("clerk.token-signature"));
    EXPECT_TRUE(result.was_evaluated("clerk.token-expired"));
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("signature is not verified"));
}

TEST(Token, TheApiTakesIt) {
    Stage stage;
    stage.api_replies = {Reply(401), Reply(200)};
    const auto result = stage.run();
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_EQ(result.summary,
              "the token is good, expires in 55 s; API: 401 without a token, with "
              "it HTTP 200");
    EXPECT_EQ(result.facts.at("api_status"), triage::Any(std::int64_t{200}));
    EXPECT_TRUE(result.was_evaluated("clerk.api-refuses-token"));
    std::vector<std::string> sent;
    for (const auto& request : result.requests) {
        if (request.header("authorization") == "Bearer " + stage.token) sent.push_back(request.url);
    }
    EXPECT_THAT(sent, testing::ElementsAre(api));
    stage.api_replies = {Reply(401), Reply(403).body("{}")};
    EXPECT_THAT(stage.run().findings, IsEmpty()) << "known, and may not: that is no refusal";
}

TEST(Token, TheApiRefusesAGoodOne) {
    Stage stage;
    stage.api_replies = {Reply(401), Reply(401).header("x-clerk-auth-reason", "jwk-kid-mismatch")};
    const auto found = stage.only();
    EXPECT_EQ(found.code, "clerk.api-refuses-token");
    EXPECT_EQ(found.evidence_of("x-clerk-auth-reason"), "jwk-kid-mismatch");
}

TEST(Token, TheApiIsRightToRefuseABadOne) {
    Claims late;
    late.exp = now - 60;
    auto stage = with_claims(late);
    stage.api_replies = {Reply(401), Reply(401).body("{}")};
    const auto result = stage.run();
    EXPECT_THAT(result.findings, SizeIs(1));
    EXPECT_TRUE(result.found("clerk.token-expired"));
    EXPECT_FALSE(result.was_evaluated("clerk.api-refuses-token"));
}

TEST(Token, TheApiTakesOneThatExpiredLongAgo) {
    Claims late;
    late.exp = now - 60;
    auto stage = with_claims(late);
    stage.api_replies = {Reply(401), Reply(200)};
    EXPECT_FALSE(stage.run().found("clerk.api-accepts-bad-token")) << "it may allow a minute";
    late.exp = now - 600;
    stage.token = Key::of_instance().token(late.json());
    EXPECT_TRUE(stage.run().found("clerk.api-accepts-bad-token"));
}

TEST(Token, TheApiTakesABadOne) {
    Stage stage;
    stage.token = Key::of_another().token(Claims().json());
    stage.api_replies = {Reply(401), Reply(200)};
    const auto result = stage.run();
    EXPECT_TRUE(result.found("clerk.token-unknown-key"));
    EXPECT_TRUE(result.found("clerk.api-accepts-bad-token"));
}

TEST(Token, TheApiFailsOrHangs) {
    Stage stage;
    stage.api_replies = {Reply(401), Reply(500).body("oops")};
    EXPECT_EQ(stage.only().code, "clerk.api-fails-with-token");
    stage.api_replies = {Reply(401), Reply::hang()};
    EXPECT_EQ(stage.only().code, "clerk.api-hangs-with-token");
    stage.api_replies = {Reply::hang(), Reply::hang()};
    const auto down = stage.run();
    EXPECT_TRUE(down.found("clerk.no-answer"));
    EXPECT_FALSE(down.was_evaluated("clerk.api-hangs-with-token")) << "it hangs anyway";
    stage.api_replies = {Reply(200), Reply(200)};
    EXPECT_EQ(stage.only().code, "clerk.api-open");
}

TEST(Token, WithoutRevealOnlyTheApiIsAsked) {
    Stage stage;
    stage.reveal = false;
    const auto nothing = stage.run();
    EXPECT_THAT(nothing.error.value_or(""), HasSubstr("reveal = [NAME]"));
    EXPECT_THAT(nothing.requests, IsEmpty());
    stage.api_replies = {Reply(401), Reply(401).body("{}")};
    const auto result = stage.run();
    EXPECT_THAT(result.findings, IsEmpty()) << "who knows whether the token is good";
    EXPECT_FALSE(result.was_evaluated("clerk.token-signature"));
    EXPECT_FALSE(result.was_evaluated("clerk.api-refuses-token"));
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("not looked into"));
}

TEST(Token, WhatWasNotAskedIsAnError) {
    Stage stage;
    stage.jwks_replies = {Reply::failed(Failure::denied, "no")};
    EXPECT_THAT(stage.run().error.value_or(""), HasSubstr("the frontend API was not asked"));
    stage.jwks_replies = {signing::good_jwks()};
    stage.api_replies = {Reply::failed(Failure::local, "no route")};
    EXPECT_THAT(stage.run().error.value_or(""), HasSubstr("the API was not asked"));
}

}  // namespace
