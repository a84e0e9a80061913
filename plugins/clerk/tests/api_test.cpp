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
    const auto result = run(Reply(401), Reply(401).after(20ms));
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_EQ(result.summary, "401 without a token in 1 ms; with a made-up one HTTP 401 in 20 ms");
    EXPECT_EQ(result.requests[0].header("authorization"), "");
    EXPECT_THAT(result.requests[1].header("authorization"), testing::StartsWith("Bearer eyJ"));
    for (const auto* code : {"clerk.api-open", "clerk.api-unexpected", "clerk.api-hangs-verifying",
                             "clerk.api-accepts-made-up", "clerk.api-fails-verifying"}) {
        EXPECT_TRUE(result.was_evaluated(code)) << code;
    }
    EXPECT_THAT(run(Reply(403), Reply(400)).findings, IsEmpty()) << "other ways to refuse";
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
    EXPECT_EQ(only(run(Reply(401), Reply(200))).code, "clerk.api-accepts-made-up");
}

TEST(Api, CannotReachClerk) {
    const auto result = run(Reply(401), Reply::hang());
    EXPECT_EQ(only(result).code, "clerk.api-hangs-verifying");
    EXPECT_THAT(only(result).message, HasSubstr("no answer within 3 s"));
    EXPECT_FALSE(result.was_evaluated("clerk.api-accepts-made-up"));
}

TEST(Api, AnApiThatHangsAnywayIsNotOneThatCannotReachClerk) {
    const auto result = run(Reply::hang(), Reply::hang());
    EXPECT_EQ(only(result).code, "clerk.no-answer");
    EXPECT_FALSE(result.was_evaluated("clerk.api-hangs-verifying"));
}

TEST(Api, FailsWhileVerifying) {
    const auto found = only(run(Reply(401), Reply(500).body("oops")));
    EXPECT_EQ(found.code, "clerk.api-fails-verifying");
    EXPECT_EQ(found.evidence_of("body"), "oops");
}

TEST(Api, BreaksOff) {
    EXPECT_EQ(only(run(Reply(401), Reply::failed(Failure::closed))).code, "clerk.closed");
}

TEST(Api, WhatWasNotAskedIsAnError) {
    const auto result = run(Reply::failed(Failure::denied, "no"), Reply());
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_TRUE(result.error.has_value());
}

}  // namespace
