/// clerk.api: what can be seen of a protected API without any session.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

using namespace triage::testing;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using triage::Failure;

namespace {

const std::string url = "http://api.test/v1/things";

/// As FastAPI says it.
Reply refusal(int status = 401) {
    return Reply(status)
        .header("Content-Type", "application/json")
        .body(R"({"detail":"Not authenticated"})");
}

Result run(const Reply& without, const Reply& with) {
    FakeHost host;
    host.answer("GET", url, without).answer("GET", url, with);
    auto result = host.run("api", Params().set("api", url));
    EXPECT_THAT(result.violations, IsEmpty());
    return result;
}

ReportedFinding only(const Result& result) {
    EXPECT_THAT(result.findings, SizeIs(1)) << result.to_string();
    return result.findings.empty() ? ReportedFinding() : result.findings[0];
}

TEST(Api, RefusesWhatIsNoSession) {
    const auto result = run(refusal(), refusal().after(20ms));
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_EQ(result.summary, "401 without a token in 1 ms; with a made-up one HTTP 401 in 20 ms");
    EXPECT_EQ(result.requests[0].header("authorization"), "");
    EXPECT_THAT(result.requests[1].header("authorization"), testing::StartsWith("Bearer eyJ"));
    for (const auto* code : {"clerk.api-open", "clerk.api-unexpected", "clerk.api-hangs-verifying",
                             "clerk.api-accepts-made-up", "clerk.api-fails-verifying"}) {
        EXPECT_TRUE(result.was_evaluated(code)) << code;
    }
    EXPECT_THAT(run(refusal(403), refusal(400)).findings, IsEmpty()) << "other ways to refuse";
}

TEST(Api, IsOpen) {
    const auto result = run(Reply(200), Reply(200));
    EXPECT_EQ(only(result).code, "clerk.api-open");
    EXPECT_THAT(result.requests, SizeIs(1));
    EXPECT_FALSE(result.was_evaluated("clerk.api-accepts-made-up"));
}

TEST(Api, ThePathIsNotAProtectedOne) {
    EXPECT_EQ(only(run(Reply(404), Reply(404))).code, "clerk.api-unexpected");
    EXPECT_EQ(only(run(Reply(502).body("Bad Gateway"), Reply())).evidence_of("body"),
              "Bad Gateway");
    const auto moved =
        only(run(Reply(307).header("Location", "https://a.test/sign-in?token=x"), Reply()));
    EXPECT_EQ(moved.evidence_of("location"), "https://a.test/sign-in") << "without its query";
}

TEST(Api, TakesATokenThatNobodySigned) {
    EXPECT_EQ(only(run(refusal(), Reply(200))).code, "clerk.api-accepts-made-up");
}

TEST(Api, CannotReachClerk) {
    const auto result = run(refusal(), Reply::hang());
    EXPECT_EQ(only(result).code, "clerk.api-hangs-verifying");
    EXPECT_THAT(only(result).message, HasSubstr("no answer within 3 s"));
    EXPECT_FALSE(result.was_evaluated("clerk.api-accepts-made-up"));
}

TEST(Api, AConnectionThatDoesNotComeAboutSaysNothingOfClerk) {
    const auto result = run(refusal(), Reply::hang(triage::Phase::connect));
    EXPECT_EQ(only(result).code, "clerk.no-answer");
    EXPECT_FALSE(result.was_evaluated("clerk.api-hangs-verifying"));
}

TEST(Api, AnApiThatHangsAnywayIsNotOneThatCannotReachClerk) {
    const auto result = run(Reply::hang(), Reply::hang());
    EXPECT_EQ(only(result).code, "clerk.no-answer");
    EXPECT_FALSE(result.was_evaluated("clerk.api-hangs-verifying"));
}

TEST(Api, FailsWhileVerifying) {
    const auto found = only(run(refusal(), Reply(500).body("oops")));
    EXPECT_EQ(found.code, "clerk.api-fails-verifying");
    EXPECT_EQ(found.evidence_of("body"), "oops");
}

TEST(Api, BreaksOff) {
    EXPECT_EQ(only(run(refusal(), Reply::failed(Failure::closed))).code, "clerk.closed");
}

TEST(Api, AProxyThatRefusesSaysNothingOfTheApi) {
    const auto basic = Reply(401)
                           .header("WWW-Authenticate", "Basic realm=x")
                           .header("Server", "nginx")
                           .body("<html>401 Authorization Required</html>");
    const auto wall = Reply(403).header("Server", "cloudflare").body("<html>Attention</html>");
    for (const auto& reply : {basic, wall, Reply(401), Reply(403).body("denied")}) {
        const auto result = run(reply, reply);
        EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
        EXPECT_THAT(result.error.value_or(""), HasSubstr("is not the API's own"));
        EXPECT_FALSE(result.was_evaluated("clerk.api-accepts-made-up"));
    }
    const auto said = run(basic, basic).error.value_or("");
    EXPECT_THAT(said, HasSubstr("an HTML page, by nginx, that asks for a Basic login"));
    EXPECT_THAT(run(refusal(), wall).error.value_or(""),
                HasSubstr("with a made-up token: HTTP 403 is not the API's own"));
}

TEST(Api, WhatAnswersInItsPlaceIsNamed) {
    const auto ui = only(run(Reply(200).body("<!doctype html><title>UI</title>"), Reply()));
    EXPECT_EQ(ui.code, "clerk.api-unexpected") << "it does not say that the API is open";
    EXPECT_EQ(ui.message, "HTTP 200 without a token, expected 401: an HTML page titled \"UI\"");
    EXPECT_THAT(ui.remedy, HasSubstr("correct the URL"));
    const auto proxy = Reply(502).body("<hr><center>nginx</center>");
    EXPECT_THAT(only(run(proxy, Reply())).message,
                HasSubstr("expected 401: made by a proxy (nginx: its error page)"));
    EXPECT_THAT(only(run(refusal(), proxy)).message, HasSubstr("token: made by a proxy (nginx"));
}

TEST(Api, AnApiMayRefuseInSeveralWays) {
    for (const auto& reply : {Reply(401).header("WWW-Authenticate", "Bearer realm=x"),
                              Reply(401).header("X-Request-Id", "7"), Reply(401).body("{}")}) {
        const auto result = run(reply, reply);
        EXPECT_EQ(result.error, std::nullopt) << result.to_string();
        EXPECT_THAT(result.findings, IsEmpty());
    }
}

TEST(Api, WhatWasNotAskedIsAnError) {
    const auto result = run(Reply::failed(Failure::denied, "no"), Reply());
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_TRUE(result.error.has_value());
}

}  // namespace
