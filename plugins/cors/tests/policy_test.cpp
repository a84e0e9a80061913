/// cors.policy against canned answers: what each rule of the Fetch standard lets through.
#include "stage.hpp"

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

namespace cors::test {
namespace {

TEST(Policy, AllIsWell) {
    const auto result = Stage().run();
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_EQ(result.summary, "1 of 1 page/API pairs work, 4 preflights each, cached 10 min");
    EXPECT_THAT(result.evaluated, SizeIs(16))
        << "all but what expose, configured and credentials ask for";
    EXPECT_EQ(result.facts.at("max_age"), triage::Any(std::int64_t{600}));
    EXPECT_EQ(result.facts.at("any_origin"), triage::Any(false));
    EXPECT_THAT(result.requests, SizeIs(6)) << "four preflights, the call, the control";
    const auto& first = result.requests.front();
    EXPECT_EQ(first.method, "OPTIONS");
    EXPECT_EQ(first.header("origin"), page) << "as a browser writes it";
    EXPECT_EQ(first.header("access-control-request-headers"), "authorization,content-type");
    EXPECT_EQ(result.requests.back().header("origin"), "https://triage.invalid");
}

TEST(Policy, AnOriginThatIsNotAllowed) {
    Stage stage;
    stage.preflights = {Reply(400).header("access-control-allow-credentials", "true").body("no")};
    stage.gets = {to_a_stranger()};
    const auto found = stage.only();
    EXPECT_EQ(found.code, "cors.origin-not-allowed");
    EXPECT_EQ(found.subject, page + " -> " + api + "/v1/things");
    EXPECT_EQ(found.message,
              "preflight for every method: HTTP 400, this origin is not allowed "
              "(no Access-Control-Allow-Origin)");
    EXPECT_EQ(found.evidence_of("body"), "no");
    EXPECT_FALSE(stage.run().was_evaluated("cors.method-not-allowed"));
}

TEST(Policy, TheVariantThatIsAllowedIsNamed) {
    Stage stage;
    stage.preflights = {to_a_stranger(400), to_a_stranger(400),    to_a_stranger(400),
                        to_a_stranger(400), preflight(page + "/"), to_a_stranger(400)};
    stage.gets = {Reply(500)};  // the database is down: variants are asked by preflights
    const auto found = stage.run().finding("cors.origin-near-miss");
    EXPECT_EQ(found.message,
              "the API allows \"https://app.example.com/\" (a slash at the end), "
              "and browsers send \"https://app.example.com\"");
}

TEST(Policy, SettingsNameTheEntryThatIsWrong) {
    Stage stage;
    stage.preflights = {Reply(400).header("access-control-allow-credentials", "true")};
    stage.gets = {to_a_stranger()};
    stage.params.set("configured", "http://localhost:3000,https://App.example.COM");
    const auto near = stage.only();
    EXPECT_EQ(near.code, "cors.origin-near-miss");
    EXPECT_THAT(near.message, HasSubstr("the settings say \"https://App.example.COM\" (capital"));
    stage.params.set("configured", "https://else.where");
    const auto absent = stage.only();
    EXPECT_EQ(absent.code, "cors.origin-not-allowed");
    EXPECT_THAT(absent.message, HasSubstr("the settings do not list it"));
}

TEST(Policy, SwitchedOff) {
    Stage stage;
    stage.preflights = {Reply(405).header("allow", "GET")};
    stage.gets = {Reply(401)};
    const auto found = stage.only();
    EXPECT_EQ(found.code, "cors.disabled");
    EXPECT_EQ(found.message, "OPTIONS: HTTP 405, and no answer has a CORS header");
}

TEST(Policy, AServerErrorIsNoCorsProblem) {
    Stage stage;
    stage.gets = {Reply(500).header("x-request-id", "f0"), to_a_stranger()};
    const auto found = stage.only();
    EXPECT_EQ(found.code, "cors.server-error");
    const auto result = stage.run();
    EXPECT_FALSE(result.was_evaluated("cors.response-blocked"));
    EXPECT_TRUE(result.was_evaluated("cors.origin-not-allowed")) << "the preflights say";
    stage.gets = {answer(500), to_a_stranger()};
    EXPECT_THAT(stage.run().findings, IsEmpty()) << "with the headers, pages see the 500";
}

TEST(Policy, AnErrorOfAProxyIsNoCorsProblem) {
    Stage stage;
    stage.preflights = stage.gets = {Reply(502).header("server", "nginx")};
    const auto found = stage.only();
    EXPECT_EQ(found.code, "cors.server-error");
    EXPECT_EQ(found.message,
              "preflight for every method: HTTP 502 without CORS headers; browsers "
              "call that a CORS error, and it is none");
    EXPECT_EQ(found.evidence_of("server"), "nginx");
    EXPECT_FALSE(stage.run().was_evaluated("cors.origin-not-allowed"));
    EXPECT_FALSE(stage.run().was_evaluated("cors.any-origin"));
}

TEST(Policy, NoAnswerIsAFindingAboutTheApi) {
    Stage stage;
    stage.preflights = stage.gets = {Reply::failed(triage::Failure::refused)};
    const auto found = stage.only();
    EXPECT_EQ(found.code, "cors.no-answer");
    EXPECT_FALSE(stage.run().was_evaluated("cors.origin-not-allowed"));
    stage.preflights = {Reply::hang()};
    stage.gets = {answer(), to_a_stranger()};
    EXPECT_THAT(stage.only().message, HasSubstr("no answer within 3 s"));
}

TEST(Policy, WhatCouldNotBeAskedIsNoFinding) {
    Stage stage;
    stage.preflights = {Reply::failed(triage::Failure::denied, "no permission")};
    const auto result = stage.run();
    EXPECT_THAT(result.findings, IsEmpty());
    ASSERT_TRUE(result.error);
    EXPECT_THAT(*result.error, HasSubstr("no permission"));
    stage.gets = {Reply::failed(triage::Failure::refused)};
    EXPECT_TRUE(stage.run().error) << "a finding beside it does not hide it";
    EXPECT_EQ(stage.only().message.substr(0, 5), "GET: ");
}

struct Bad {
    const char* code;
    Reply reply;
};

class OnePreflight : public testing::TestWithParam<Bad> {};

INSTANTIATE_TEST_SUITE_P(
    Rules, OnePreflight,
    testing::Values(
        Bad{"cors.preflight-redirect", Reply(308).header("location", "https://api.test/v1/things")},
        Bad{"cors.several-origins", preflight().header("access-control-allow-origin", page)},
        Bad{"cors.several-origins", preflight(page + ", https://b")},
        Bad{"cors.origin-not-allowed", preflight("https://app.example.com:8443")},
        Bad{"cors.preflight-status",
            Reply(401)
                .header("access-control-allow-origin", "*")
                .header("access-control-allow-methods", "*")
                .header("access-control-allow-headers", "Authorization, Content-Type")},
        Bad{"cors.method-not-allowed",
            Reply(200)
                .header("access-control-allow-origin", page)
                .header("access-control-allow-methods", "get, delete")
                .header("access-control-allow-headers", "authorization,content-type")},
        Bad{"cors.header-not-allowed", Reply(204)
                                           .header("access-control-allow-origin", page)
                                           .header("access-control-allow-methods", "*")
                                           .header("access-control-allow-headers", "*")}),
    [](const auto& tested) {
        std::string name = tested.param.code + std::to_string(tested.index);
        std::erase_if(name, [](char c) { return c == '.' || c == '-'; });
        return name;
    });

TEST_P(OnePreflight, IsBlocked) {
    Stage stage;
    stage.preflights = {GetParam().reply};
    EXPECT_EQ(stage.only().code, GetParam().code);
}

TEST(Policy, AWildcardDoesNotCoverAuthorization) {
    Stage stage;
    stage.preflights = {Reply(204)
                            .header("access-control-allow-origin", "*")
                            .header("access-control-allow-methods", "*")
                            .header("access-control-allow-headers", "*")};
    stage.gets = {answer(200, "*")};
    const auto result = stage.run();
    EXPECT_EQ(result.finding("cors.header-not-allowed").message,
              "preflight for every method: HTTP 204, authorization not covered by "
              "Access-Control-Allow-Headers: *");
    EXPECT_TRUE(result.found("cors.any-origin"));
}

TEST(Policy, MethodsAreNamedTogether) {
    Stage stage;
    stage.preflights = {Reply(200)
                            .header("access-control-allow-origin", page)
                            .header("access-control-allow-headers", "Authorization, Content-Type")};
    EXPECT_EQ(stage.only().message,
              "preflight for PATCH, DELETE: HTTP 200, not in "
              "Access-Control-Allow-Methods: (absent)");
}

TEST(Policy, CookiesNeedMore) {
    Stage stage;
    stage.params.set("credentials", true);
    EXPECT_THAT(stage.run().findings, IsEmpty());
    EXPECT_EQ(stage.run().requests[4].header("cookie"), "triage=1");
    stage.preflights = {preflight("*")};
    EXPECT_EQ(stage.only().code, "cors.credentials");
    stage.preflights = {Reply(200)
                            .header("access-control-allow-origin", page)
                            .header("access-control-allow-credentials", "True")};
    EXPECT_THAT(stage.only().message,
                HasSubstr("Access-Control-Allow-Credentials: true; found: True"));
}

TEST(Policy, TheAnswerItselfNeedsTheHeaders) {
    Stage stage;
    stage.gets = {Reply(200)};
    const auto found = stage.only();
    EXPECT_EQ(found.code, "cors.response-blocked");
    EXPECT_EQ(found.message, "GET: HTTP 200, no CORS headers");
}

TEST(Policy, HeadersThatThePageReadsAreExposed) {
    Stage stage;
    stage.params.list("expose", {"x-total-count", "x-limit", "content-type"});
    const auto found = stage.only();
    EXPECT_EQ(found.code, "cors.not-exposed");
    EXPECT_EQ(found.message, "x-limit not in Access-Control-Expose-Headers: X-Total-Count");
}

TEST(Policy, VaryMattersIfTheAnswerDependsOnTheOrigin) {
    Stage stage;
    const auto without = Reply(200).header("access-control-allow-origin", page);
    stage.gets = {without, to_a_stranger(200)};
    EXPECT_EQ(stage.only().code, "cors.no-vary");
    stage.gets = {without, without};
    EXPECT_THAT(stage.run().findings, IsEmpty()) << "the same for every origin";
    stage.gets = {Reply(without).header("cache-control", "no-store"), to_a_stranger(200)};
    EXPECT_THAT(stage.run().findings, IsEmpty());
}

TEST(Policy, LettingEveryoneInIsARisk) {
    Stage stage;
    const std::string stranger = "https://triage.invalid";
    stage.gets = {answer(), Reply(401).header("access-control-allow-origin", stranger)};
    EXPECT_EQ(stage.only().code, "cors.any-origin");
    EXPECT_EQ(stage.run().facts.at("any_origin"), triage::Any(true));
    stage.gets = {answer(), answer(401, stranger)};
    EXPECT_EQ(stage.only().code, "cors.any-origin-with-credentials");
}

TEST(Policy, MixedContentIsSeenWithoutAsking) {
    Stage stage;
    stage.params = Params().list("api", {"http://api.example.com"}).set("origins", {page});
    const auto result = stage.run();
    EXPECT_TRUE(result.found("cors.mixed-content"));
    EXPECT_THAT(result.requests, IsEmpty());
}

Result same_origin(const Reply& reply) {
    FakeHost host;
    host.answer("GET", page + "/api/", reply);
    auto result = host.run("policy", Params().list("api", {page + "/api"}).set("origins", {page}));
    EXPECT_THAT(result.violations, IsEmpty());
    EXPECT_THAT(result.requests, SizeIs(1));
    EXPECT_EQ(result.requests[0].header("origin"), "") << "browsers send none";
    return result;
}

TEST(Policy, OneOriginNeedsNoPermissionButAnAnswer) {
    const auto good = same_origin(Reply(401));
    EXPECT_THAT(good.findings, IsEmpty());
    EXPECT_EQ(good.summary,
              "page and API have the same origin, so browsers need no permission; GET: HTTP 401");
    EXPECT_TRUE(good.was_evaluated("cors.no-answer"));
    EXPECT_FALSE(good.was_evaluated("cors.disabled")) << "there are no rules to look at";

    const auto silent = same_origin(Reply::failed(triage::Failure::refused));
    EXPECT_TRUE(silent.found("cors.no-answer"));
    EXPECT_EQ(same_origin(Reply(502).body("<center>nginx</center>")).findings.at(0).message,
              "GET: HTTP 502, made by a proxy (nginx: its error page); that is no CORS error, as "
              "page and API have the same origin");
    EXPECT_TRUE(same_origin(Reply::failed(triage::Failure::local, "no route")).error);
}

TEST(Policy, WhatAnswersInPlaceOfTheApiIsNamed) {
    Stage stage;
    const auto ui = Reply(200).header("content-type", "text/html").body("<title>UI</title>");
    stage.preflights = stage.gets = {ui};
    EXPECT_EQ(stage.only().message,
              "OPTIONS: HTTP 200, an HTML page titled \"UI\", and no answer has a CORS header");
    EXPECT_THAT(stage.only().remedy, HasSubstr("correct the API's URL"));
    EXPECT_EQ(stage.only().evidence_of("body"), "<title>UI</title>");
    stage.preflights = stage.gets = {Reply(404).body("<hr><center>nginx</center>")};
    EXPECT_THAT(stage.only().message,
                HasSubstr("HTTP 404, made by a proxy (nginx: its error page), no CORS headers"));
    stage.preflights = stage.gets = {Reply(502).body("<hr><center>nginx</center>")};
    EXPECT_THAT(stage.only().remedy, HasSubstr("without the proxy"));
}

TEST(Policy, TheHeadersAreTheAnswer) {
    Stage stage;
    stage.gets = {
        answer(200).header("content-type", "text/event-stream").chunks({"a", "b"}).gap(60s),
        to_a_stranger()};
    const auto result = stage.run();
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_LT(result.duration, 1s);
    stage.gets = {answer(200).header("content-length", "9").chunks({"a"}).then_closed(),
                  to_a_stranger()};
    EXPECT_THAT(stage.run().findings, IsEmpty()) << "a body that breaks off is no CORS problem";
}

TEST(Policy, WhatWorksElsewhereIsSaid) {
    FakeHost host;
    const std::string direct = "http://127.0.0.1:8000", plain = "http://app.test";
    host.answer("OPTIONS", api + "/", Reply(200)).answer("GET", api + "/", Reply(401));
    host.answer("OPTIONS", direct + "/", preflight(plain))
        .answer("GET", direct + "/", answer(401, plain))
        .answer("GET", direct + "/", to_a_stranger());
    const auto result =
        host.run("policy", Params().list("api", {api, direct}).set("origins", {plain}));
    EXPECT_THAT(result.violations, IsEmpty());
    ASSERT_THAT(result.findings, SizeIs(1)) << result.to_string();
    EXPECT_EQ(result.findings[0].evidence_of("works-at"), direct + "/");
    EXPECT_THAT(*result.summary, HasSubstr("1 of 2 page/API pairs"));
}

TEST(Policy, TheSameProblemAtTwoUrlsIsOneFinding) {
    FakeHost host;
    const std::string plain = "http://app.test";
    for (const std::string base : {"http://api.test/", "http://127.0.0.1:8000/"})
        host.answer("OPTIONS", base, Reply(200)).answer("GET", base, Reply(401));
    const auto result =
        host.run("policy", Params()
                               .list("api", {"http://api.test", "http://127.0.0.1:8000"})
                               .list("origins", {plain}));
    ASSERT_THAT(result.findings, SizeIs(1)) << result.to_string();
    EXPECT_EQ(result.findings[0].evidence_of("same-at"), "http://127.0.0.1:8000/");
}

}  // namespace
}  // namespace cors::test
