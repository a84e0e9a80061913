/// clerk.pairing: the secret key against the frontend API's key set.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

#include "signing.hpp"

using namespace triage::testing;
using signing::Key;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using triage::Failure;

namespace {

const std::string front = "https://clerk.example.com/.well-known/jwks.json";
const std::string back = "https://api.clerk.com/v1/jwks";
const std::string secret = "sk_test_Zm9vYmFyYmF6cXV4Zm9vYmFy0123";
const auto invalid_key =
    R"({"errors":[{"message":"The key is invalid.","code":"clerk_key_invalid"}]})";

struct Stage {
    Reply frontend = signing::good_jwks(), backend = signing::good_jwks();
    bool reveal = true;
    Params params = Params()
                        .set("frontend-api", "https://clerk.example.com")
                        .secret("secret-key", secret)
                        .set("publishable-key", signing::publishable_key("clerk.example.com"));

    Result run() {
        FakeHost host;
        host.answer("GET", front, frontend).answer("GET", back, backend);
        if (reveal) host.allow_reveal();
        auto result = host.run("pairing", params);
        EXPECT_THAT(result.violations, IsEmpty());
        return result;
    }
    ReportedFinding only() {
        const auto result = run();
        EXPECT_THAT(result.findings, SizeIs(1)) << result.to_string();
        return result.findings.empty() ? ReportedFinding() : result.findings[0];
    }
};

TEST(Pairing, BothKeysAreOfOneInstance) {
    const auto result = Stage().run();
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_EQ(result.summary, "both keys are of one instance (ins_one); secret key: sk_test");
    EXPECT_EQ(result.facts.at("paired"), triage::Any(true));
    for (const auto* code : {"clerk.keys-mismatched", "clerk.secret-key-revoked",
                             "clerk.secret-key-malformed", "clerk.key-kinds-differ"}) {
        EXPECT_TRUE(result.was_evaluated(code)) << code;
    }
    for (const auto& request : result.requests) {
        const bool is_backend = request.url == back;
        EXPECT_EQ(request.header("authorization"), is_backend ? "Bearer " + secret : "");
    }
}

TEST(Pairing, WithoutRevealTheFormatIsNotEvaluated) {
    Stage stage;
    stage.reveal = false;
    const auto result = stage.run();
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_EQ(result.error, std::nullopt);
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("format is not looked at"));
    EXPECT_FALSE(result.was_evaluated("clerk.secret-key-malformed"));
    EXPECT_FALSE(result.was_evaluated("clerk.key-kinds-differ"));
    EXPECT_TRUE(result.was_evaluated("clerk.keys-mismatched"));
}

TEST(Pairing, KeysOfTwoInstances) {
    Stage stage;
    stage.backend = signing::jwks_reply(signing::key_set({Key::of_another().jwk()}));
    const auto found = stage.only();
    EXPECT_EQ(found.code, "clerk.keys-mismatched");
    EXPECT_EQ(found.message,
              "no key is in both sets: the frontend API has ins_one, the secret "
              "key's instance ins_two");
    EXPECT_EQ(stage.run().facts.at("paired"), triage::Any(false));
}

TEST(Pairing, AChangeOfKeysIsNoMismatch) {
    Stage stage;
    stage.backend =
        signing::jwks_reply(signing::key_set({Key::of_another().jwk(), Key::of_instance().jwk()}));
    EXPECT_THAT(stage.run().findings, IsEmpty());
}

TEST(Pairing, ARevokedKey) {
    Stage stage;
    stage.backend = Reply(401).body(invalid_key);
    const auto found = stage.only();
    EXPECT_EQ(found.code, "clerk.secret-key-revoked");
    EXPECT_EQ(found.evidence_of("clerk"), "clerk_key_invalid");
    EXPECT_FALSE(stage.run().was_evaluated("clerk.keys-mismatched"));
}

TEST(Pairing, A401OfSomebodyElseIsNotARevokedKey) {
    Stage stage;
    stage.backend = Reply(401).body("<html>Proxy authentication required</html>");
    const auto found = stage.only();
    EXPECT_EQ(found.code, "clerk.backend-api-error");
    EXPECT_THAT(found.message, HasSubstr("not Clerk's own: an HTML page"));
    EXPECT_FALSE(stage.run().was_evaluated("clerk.secret-key-revoked"));
}

TEST(Pairing, OtherErrorsOfTheBackendApi) {
    Stage stage;
    stage.backend = Reply(503).body("upstream");
    EXPECT_EQ(stage.only().code, "clerk.backend-api-error");
    stage.backend = Reply(200).body("<html></html>");
    EXPECT_THAT(stage.only().message, HasSubstr("no key set, it is not JSON"));
    stage.backend = Reply(429).body(R"({"errors":[{"code":"too_many_requests"}]})");
    const auto limited = stage.only();
    EXPECT_EQ(limited.weight, triage::Weight::warn);
    EXPECT_THAT(limited.remedy, HasSubstr("asks Clerk too often"));
}

TEST(Pairing, WhatDoesNotAnswerIsNamed) {
    Stage stage;
    stage.backend = Reply::failed(Failure::refused);
    auto found = stage.only();
    EXPECT_EQ(found.code, "clerk.refused");
    EXPECT_EQ(found.subject, back);
    EXPECT_THAT(found.message, HasSubstr("backend API: "));
    stage.backend = Reply(401).body(invalid_key);
    stage.frontend = Reply::hang();
    const auto both = stage.run();
    EXPECT_TRUE(both.found("clerk.no-answer"));
    EXPECT_TRUE(both.found("clerk.secret-key-revoked")) << "one says nothing about the other";
    EXPECT_FALSE(both.was_evaluated("clerk.keys-mismatched"));
}

TEST(Pairing, WhatWasNotAskedIsAnError) {
    Stage stage;
    stage.backend = Reply::failed(Failure::denied, "the secret may only be sent to …");
    const auto result = stage.run();
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_THAT(result.error.value_or(""), HasSubstr("the backend API was not asked"));
    EXPECT_FALSE(result.was_evaluated("clerk.secret-key-revoked"));
    stage = {};
    stage.frontend = Reply::failed(Failure::local, "no route");
    EXPECT_THAT(stage.run().error.value_or(""), HasSubstr("the frontend API was not asked"));
}

TEST(Pairing, AMalformedSecretKey) {
    Stage stage;
    stage.params = Params()
                       .set("frontend-api", "https://clerk.example.com")
                       .secret("secret-key", "sk_test_Zm9vYmFyYmF6cXV4Zm9v\"");
    const auto found = stage.only();
    EXPECT_EQ(found.code, "clerk.secret-key-malformed");
    EXPECT_THAT(found.message, HasSubstr("letters and digits"));
}

TEST(Pairing, KindsOfKeysDiffer) {
    Stage stage;
    stage.params.set("publishable-key", signing::publishable_key("clerk.example.com", "live"));
    const auto found = stage.only();
    EXPECT_EQ(found.code, "clerk.key-kinds-differ");
    EXPECT_EQ(found.message, "the publishable key is a live key, the secret key a test key");
    stage.params.set("publishable-key", "nonsense");
    EXPECT_FALSE(stage.run().was_evaluated("clerk.key-kinds-differ"));
}

TEST(Pairing, ATestSecretKeyInProduction) {
    Stage stage;
    stage.params.set("environment", "production");
    const auto found = stage.only();
    EXPECT_EQ(found.code, "clerk.test-key-in-production");
    EXPECT_EQ(found.subject, "secret key");
}

TEST(Pairing, TwoCaFilesAreOneTooMany) {
    Stage stage;
    stage.params.list("ca-file", {"/a.pem", "/b.pem"});
    const auto result = stage.run();
    EXPECT_THAT(result.error.value_or(""), HasSubstr("ca-file names 2 files"));
    EXPECT_THAT(result.requests, IsEmpty());
}

}  // namespace
