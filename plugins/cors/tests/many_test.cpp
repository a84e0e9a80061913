/// Several pages, several URLs, and too little time.
#include "stage.hpp"

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace cors::test {
namespace {

const std::string url = "http://api.test/";
const std::vector<triage::testing::Scalar> three{"http://a.test", "http://b.test", "http://c.test"};

Params three_pages() { return Params().list("api", {"http://api.test"}).list("origins", three); }

TEST(Many, WhatHappensToAllPagesIsOneFinding) {
    FakeHost host;
    host.answer("OPTIONS", url, Reply(405)).answer("GET", url, Reply(401));
    const auto result = host.run("policy", three_pages());
    ASSERT_THAT(result.findings, SizeIs(1)) << result.to_string();
    const auto& found = result.findings[0];
    EXPECT_EQ(found.subject, url);
    EXPECT_EQ(found.message,
              "for all 3 origins: OPTIONS: HTTP 405, and no answer has a CORS header");
    EXPECT_EQ(found.evidence_of("origins"), "http://a.test\nhttp://b.test\nhttp://c.test");
}

TEST(Many, WhatHappensToSomeSaysToWhich) {
    FakeHost host;
    for (int i = 0; i < 8; ++i)
        host.answer("OPTIONS", url, to_a_stranger(400));
    for (int i = 0; i < 4; ++i)
        host.answer("OPTIONS", url, preflight("http://c.test"));
    host.answer("GET", url, to_a_stranger()).answer("GET", url, to_a_stranger());
    host.answer("GET", url, answer(401, "http://c.test")).answer("GET", url, to_a_stranger());
    const auto result = host.run("policy", three_pages());
    ASSERT_THAT(result.findings, SizeIs(1)) << result.to_string();
    EXPECT_THAT(result.findings[0].message, HasSubstr("for 2 of 3 origins: preflight for every"));
    EXPECT_EQ(result.findings[0].evidence_of("origins"), "http://a.test\nhttp://b.test");
    EXPECT_THAT(*result.summary, HasSubstr("1 of 3 page/API pairs"));
}

TEST(Many, PagesThatAreTheSameAreAskedOnce) {
    Stage stage;
    stage.params.list("origins", {page, page + "/", page + ":443/x"})
        .list("api", {api, api + "/"})
        .list("methods", {"GET", "GET"});
    EXPECT_THAT(stage.run().requests, SizeIs(3));
}

TEST(Many, OnlySoManyAtOnce) {
    FakeHost host;
    host.answer("OPTIONS", url, preflight("http://a.test").after(100ms))
        .answer("GET", url, answer(200, "http://a.test").after(100ms));
    const auto result = host.run("policy", three_pages().list("methods", {"GET"}));
    std::map<std::chrono::microseconds, int> begun;
    for (const auto& request : result.requests)
        ++begun[request.at];
    EXPECT_EQ(begun.begin()->second, 6) << "then one for each that ends";
    for (const auto& [at, count] : begun)
        EXPECT_LE(count, 6) << at.count();
}

TEST(Many, ASilentApiCostsOneTimeout) {
    FakeHost host;
    host.deadline(5s).answer("OPTIONS", url, Reply::hang()).answer("GET", url, Reply::hang());
    const auto result = host.run("policy", three_pages());
    ASSERT_THAT(result.findings, SizeIs(1)) << result.to_string();
    EXPECT_EQ(result.findings[0].code, "cors.no-answer");
    EXPECT_EQ(result.findings[0].message,
              "no request is answered: no answer within 3 s (connected, waiting for the first "
              "byte); 2 more origins were not asked then");
    EXPECT_THAT(result.requests, SizeIs(6)) << "the others were not asked in vain";
    EXPECT_EQ(*result.summary, "0 of 3 page/API pairs work, 4 preflights each");
    EXPECT_FALSE(result.facts.contains("max_age")) << "nothing is known of it";
    EXPECT_LT(result.duration, 4s);
}

TEST(Many, SilenceIsAFindingThoughNotEverythingWasAsked) {
    FakeHost host;
    host.deadline(5s).answer("OPTIONS", url, Reply::hang()).answer("GET", url, Reply::hang());
    const auto result = host.run(
        "policy", three_pages().list("methods",
                                     {"GET", "PUT", "POST", "HEAD", "PATCH", "DELETE", "OPTIONS"}));
    EXPECT_FALSE(result.error);
    ASSERT_THAT(result.findings, SizeIs(1)) << result.to_string();
    EXPECT_THAT(result.findings[0].message, HasSubstr("no request is answered: no answer within"));
}

TEST(Many, AVariantThatDoesNotAnswerCostsOnlyItself) {
    FakeHost host;
    host.deadline(5s).answer("GET", url, to_a_stranger());
    for (int i = 0; i < 12; ++i)
        host.answer("OPTIONS", url, to_a_stranger(400));  // the pages'
    host.answer("OPTIONS", url, Reply::hang());
    const auto result = host.run("policy", three_pages());
    EXPECT_FALSE(result.cancelled);
    ASSERT_THAT(result.findings, SizeIs(1)) << result.to_string();
    EXPECT_EQ(result.findings[0].code, "cors.origin-not-allowed");
    EXPECT_EQ(result.findings[0].evidence_of("variants"), "not all looked for");
    EXPECT_FALSE(result.was_evaluated("cors.origin-near-miss"));
    EXPECT_TRUE(result.was_evaluated("cors.no-answer"));
    EXPECT_LT(result.duration, 5s);
}

TEST(Many, VariantsAreAskedSideBySide) {
    FakeHost host;
    host.answer("OPTIONS", url, to_a_stranger(400).after(500ms));
    host.answer("GET", url, to_a_stranger());
    const auto result = host.run("policy", three_pages());
    EXPECT_THAT(result.requests, SizeIs(15 + 1 + 15));
    EXPECT_LT(result.duration, 4s) << "one after another, the variants alone would take 7.5 s";
}

TEST(Many, VariantsAreBounded) {
    FakeHost host;
    host.answer("OPTIONS", url, to_a_stranger(400)).answer("GET", url, to_a_stranger());
    std::vector<triage::testing::Scalar> pages;
    for (int i = 0; i < 20; ++i)
        pages.emplace_back("http://page" + std::to_string(i) + ".test");
    const auto result =
        host.run("policy", Params().list("api", {"http://api.test"}).list("origins", pages));
    EXPECT_LE(result.requests.size(), 20U * 5 + 1 + 40);
    ASSERT_THAT(result.findings, SizeIs(1));
    EXPECT_THAT(result.findings[0].message, HasSubstr("for all 20 origins: "));
    EXPECT_EQ(result.findings[0].evidence_of("variants"), "not all looked for");
}

TEST(Many, TooLittleTimeIsNoFinding) {
    const auto of = [](const Reply& reply) {
        FakeHost host;
        host.deadline(1s).answer("OPTIONS", url, reply).answer("GET", url, reply);
        auto result = host.run("policy", three_pages());
        EXPECT_THAT(result.findings, IsEmpty());
        return result.error.value_or("");
    };
    const auto cut = Reply::failed(triage::Failure::local, "stopped after 1 s");  // by the host
    EXPECT_EQ(of(cut), "OPTIONS http://api.test/ with Origin: http://a.test: stopped after 1 s");
    EXPECT_THAT(of(preflight("http://a.test").after(970ms)), HasSubstr("longer timeout"))
        << "the first six are answered, and then there is no time for the others";
}

TEST(Many, HowLongPreflightsAreKeptIsTheLeastOfAll) {
    Stage stage;
    const auto kept = [&](const char* first, const char* others) {
        const auto saying = [](const char* value) {
            return Reply(200)
                .header("access-control-allow-origin", page)
                .header("access-control-allow-methods", "*")
                .header("access-control-allow-headers", "authorization,content-type")
                .header("access-control-max-age", value);
        };
        stage.preflights = {saying(first), saying(others)};
        const auto result = stage.run();
        EXPECT_THAT(result.findings, IsEmpty());
        return std::pair(result.facts.at("max_age"), *result.summary);
    };
    using triage::Any;
    EXPECT_EQ(kept("600", "10").first, Any(std::int64_t{10}));
    EXPECT_THAT(kept("600", "10").second, HasSubstr("each, cached 10 s to 10 min"));
    EXPECT_EQ(kept("99999999999999999999", "99999999").first, Any(std::int64_t{86400}));
    EXPECT_THAT(kept("86400", "86400").second, HasSubstr("24 h (Chromium 2 h)"));
    for (const auto* wrong : {"-1", "1h", "1.5", ""})
        EXPECT_EQ(kept(wrong, "600").first, Any(std::int64_t{5})) << "Fetch's default: " << wrong;
    EXPECT_EQ(kept("0", "0").first, Any(std::int64_t{0}));
}

}  // namespace
}  // namespace cors::test
