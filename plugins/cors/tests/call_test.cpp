/// Which calls need a preflight: Fetch, 2.2.1 and 2.2.2.
#include "../call.hpp"

#include "stage.hpp"

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace cors::test {
namespace {

TEST(Call, SafelistedHeadersNeedNoPermission) {
    EXPECT_THAT(unsafe_names({"Accept", "accept-language", "Content-Language: de, en;q=0.5"}),
                IsEmpty());
    for (const auto* form : {"text/plain", "Text/Plain; charset=utf-8", "multipart/form-data",
                             " application/x-www-form-urlencoded "})
        EXPECT_THAT(unsafe_names({std::string("content-type: ") + form}), IsEmpty()) << form;
    for (const auto* range : {"bytes=0-", "bytes=0-1023", "bytes=99-100"})
        EXPECT_THAT(unsafe_names({std::string("range: ") + range}), IsEmpty()) << range;
}

TEST(Call, OthersNeedOne) {
    EXPECT_THAT(unsafe_names({"X-Request-Id", "Authorization", "authorization"}),
                ElementsAre("authorization", "x-request-id"))
        << "sorted, in lower case, each once";
    EXPECT_THAT(unsafe_names({"content-type", "range"}), SizeIs(2)) << "the value is not known";
    for (const std::string header :
         {"content-type: application/json", "content-type: text/plain; a=\"b\"",
          "content-type: ", "accept: a(b)", "accept-language: de_DE", "range: bytes=-500",
          "range: bytes=9-8", "range: bytes=0-1,5-6", "range: items=0-1"})
        EXPECT_THAT(unsafe_names({header}), SizeIs(1)) << header;
    EXPECT_THAT(unsafe_names({"accept: " + std::string(129, 'a')}), SizeIs(1)) << "over 128 bytes";
}

TEST(Call, WhatNeedsNoPreflightIsJudgedByItsAnswer) {
    Stage stage;
    stage.preflights.clear();  // one that is sent is a violation
    stage.params.list("methods", {"GET", "HEAD", "POST"})
        .list("headers", {"accept", "content-type: text/plain"});
    const auto result = stage.run();
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_EQ(result.summary, "1 of 1 page/API pairs work, no preflight needed");
    EXPECT_THAT(result.requests, SizeIs(2)) << "the call and the control";
    EXPECT_FALSE(result.was_evaluated("cors.preflight-status"));
    EXPECT_FALSE(result.facts.contains("max_age"));
}

TEST(Call, OnlyWhatNeedsAPreflightGetsOne) {
    Stage stage;
    stage.params.list("headers", {"accept"});
    const auto result = stage.run();
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    ASSERT_THAT(result.requests, SizeIs(4));
    EXPECT_EQ(result.requests[0].header("access-control-request-method"), "PATCH");
    EXPECT_EQ(result.requests[0].header("access-control-request-headers"), "")
        << "browsers ask for unsafe names only";
    EXPECT_EQ(result.requests[1].header("access-control-request-method"), "DELETE");
}

TEST(Call, WithoutPreflightTheAnswerSaysWhatIsWrong) {
    Stage stage;
    stage.preflights.clear();
    stage.params.list("methods", {"GET"}).list("headers", {"accept"});
    stage.gets = {to_a_stranger()};
    EXPECT_EQ(stage.only().code, "cors.origin-not-allowed");
    stage.gets = {Reply(200)};
    EXPECT_EQ(stage.only().code, "cors.disabled");
    stage.gets = {Reply(429)};
    EXPECT_EQ(stage.only().code, "cors.response-blocked");
    EXPECT_EQ(stage.only().message,
              "GET: HTTP 429, no CORS headers: a rate limit comes before the CORS rules");
    stage.gets = {Reply(302).header("location", "https://login.test/")};
    EXPECT_EQ(stage.only().message,
              "GET: HTTP 302, no CORS headers, and redirected to https://login.test/");
    stage.gets = {Reply(503)};
    EXPECT_EQ(stage.only().code, "cors.server-error");
}

TEST(Call, ARedirectedCallIsNotJudgedAtItsTarget) {
    Stage stage;
    stage.gets = {answer(307).header("location", api + "/v1/things/"), to_a_stranger()};
    EXPECT_EQ(stage.only().code, "cors.redirected");
    EXPECT_THAT(stage.only().message, HasSubstr("where browsers ask again"));
    stage.gets = {answer(302).header("location", "https://login.test/"), to_a_stranger()};
    EXPECT_THAT(stage.only().message, HasSubstr("Origin: null"));
    EXPECT_THAT(stage.only().remedy, HasSubstr("401 and the CORS headers"));
    EXPECT_THAT(*stage.run().summary, HasSubstr("0 of 1")) << "what happens there is not known";
    stage.gets = {answer(304), to_a_stranger()};
    EXPECT_THAT(stage.run().findings, IsEmpty()) << "304 leads nowhere";
}

TEST(Methods, AreSentAsFetchNormalisesThem) {
    EXPECT_EQ(normalised("get"), "GET");
    EXPECT_EQ(normalised("Options"), "OPTIONS");
    EXPECT_EQ(normalised("dELETE"), "DELETE");
    for (const auto* kept : {"patch", "Patch", "PATCH", "query", "geT2", ""})
        EXPECT_EQ(normalised(kept), kept);
    EXPECT_TRUE(is_forbidden_method("trace"));
    EXPECT_FALSE(is_forbidden_method("traces"));
}

}  // namespace
}  // namespace cors::test
