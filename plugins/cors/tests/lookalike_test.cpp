/// What browsers call a CORS error, and is one of another kind or none.
#include "stage.hpp"

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace cors::test {
namespace {

Reply open_to_all(int status = 200) {
    return Reply(status).header("access-control-allow-origin", "*");
}

TEST(LookAlike, AServerThatKnowsNoOptionsIsUp) {
    Stage stage;
    stage.preflights = {Reply(501)};
    stage.gets = {Reply(200)};
    EXPECT_EQ(stage.only().code, "cors.disabled");
    EXPECT_EQ(stage.only().message, "OPTIONS: HTTP 501, and no answer has a CORS header");
}

TEST(LookAlike, HeadersOnGetDoNotAnswerPreflights) {
    for (const int status : {405, 501, 200}) {
        Stage stage;
        stage.preflights = {Reply(status)};
        stage.gets = {open_to_all(), to_a_stranger()};
        const auto found = stage.only();
        EXPECT_EQ(found.code, "cors.preflight-status") << status;
        EXPECT_THAT(found.message, HasSubstr("no CORS headers, which other answers have: "));
        EXPECT_THAT(found.remedy, HasSubstr("Answer OPTIONS with 2xx and the CORS headers"));
    }
}

struct Before {
    int status;
    const char* what;
    const char* remedy;
};

class LookAlikeBeforeCors : public testing::TestWithParam<Before> {};

INSTANTIATE_TEST_SUITE_P(
    Statuses, LookAlikeBeforeCors,
    testing::Values(Before{401, "authentication comes before", "without authentication"},
                    Before{403, "authentication or a firewall", "answers 403"},
                    Before{404, "no such path, or no route for OPTIONS", "Give the check a path"},
                    Before{429, "a rate limit comes before", "out of the rate limit"}),
    [](const auto& tested) { return "Http" + std::to_string(tested.param.status); });

TEST_P(LookAlikeBeforeCors, IsNamedWithItsRemedy) {
    Stage stage;
    stage.preflights = stage.gets = {Reply(GetParam().status)};
    const auto everything = stage.only();
    EXPECT_EQ(everything.code, "cors.preflight-status");
    EXPECT_THAT(everything.message, HasSubstr("no CORS headers, nor on GET"));
    EXPECT_THAT(everything.message, HasSubstr(GetParam().what));
    EXPECT_THAT(everything.remedy, HasSubstr(GetParam().remedy));
    EXPECT_THAT(stage.run().requests, SizeIs(6)) << "no variants: the origin is not the cause";

    stage.gets = {answer(), to_a_stranger()};
    EXPECT_THAT(stage.only().message, HasSubstr("no CORS headers, which other answers have"));
    EXPECT_THAT(stage.only().remedy, HasSubstr(GetParam().remedy));
}

TEST(LookAlike, ARefusalMayHaveNoOtherSignThanVary) {
    Stage stage;
    stage.preflights = {Reply(403).header("vary", "Origin, Accept").body("Invalid CORS request")};
    stage.gets = {Reply(403).header("vary", "Origin")};
    EXPECT_EQ(stage.only().code, "cors.origin-not-allowed");
}

TEST(LookAlike, APreflightThatFailsWithTheHeaders) {
    Stage stage;
    stage.preflights = {Reply(500)
                            .header("access-control-allow-origin", "*")
                            .header("access-control-allow-methods", "*")
                            .header("access-control-allow-headers", "authorization, *")};
    const auto found = stage.only();
    EXPECT_EQ(found.code, "cors.preflight-status");
    EXPECT_THAT(found.message, HasSubstr("HTTP 500, the CORS headers are right"));
    EXPECT_THAT(found.remedy, HasSubstr("API's log"));
}

TEST(LookAlike, APreflightThatIsRefusedIsSeenBesideA500) {
    Stage stage;
    stage.preflights = {Reply(400).header("access-control-allow-credentials", "true")};
    stage.gets = {Reply(500)};
    const auto result = stage.run();
    EXPECT_TRUE(result.found("cors.server-error"));
    EXPECT_TRUE(result.found("cors.origin-not-allowed"));
    EXPECT_FALSE(result.was_evaluated("cors.response-blocked"));
}

TEST(LookAlike, A503OfTheApplicationSaysWhatCorsSays) {
    Stage stage;
    stage.preflights.clear();
    stage.params.list("methods", {"GET"}).list("headers", {"accept"});
    stage.gets = {to_a_stranger(503)};
    EXPECT_EQ(stage.only().code, "cors.origin-not-allowed") << "the CORS rules have seen it";
}

TEST(LookAlike, TheRequestThatBreaksOffIsNamed) {
    Stage stage;
    stage.preflights = {preflight(), preflight(), preflight(),
                        Reply::failed(triage::Failure::closed)};
    const auto found = stage.only();
    EXPECT_EQ(found.code, "cors.no-answer");
    EXPECT_THAT(found.message, HasSubstr("preflight for DELETE: connection closed"));
    EXPECT_EQ(found.subject, page + " -> " + api + "/v1/things");
    EXPECT_EQ(found.evidence_of("request"), "OPTIONS " + api + "/v1/things");
    EXPECT_EQ(found.evidence_of("origin"), page);

    stage.preflights = {preflight()};
    stage.gets = {Reply::failed(triage::Failure::closed), to_a_stranger()};
    EXPECT_THAT(stage.only().message, HasSubstr("GET: connection closed"));
    EXPECT_EQ(stage.only().evidence_of("request"), "GET " + api + "/v1/things");
}

TEST(LookAlike, AListWithoutCommasFailsThePreflight) {
    Stage stage;
    stage.preflights = {Reply(200)
                            .header("access-control-allow-origin", page)
                            .header("access-control-allow-methods", "GET POST PATCH DELETE")
                            .header("access-control-allow-headers", "authorization,content-type")};
    EXPECT_EQ(stage.only().message,
              "preflight for every method: HTTP 200, no list with commas: "
              "Access-Control-Allow-Methods: GET POST PATCH DELETE");
}

TEST(LookAlike, AMessageIsNoPlaceForAnEndlessHeader) {
    Stage stage;
    stage.preflights = {Reply(307).header("location", "/" + std::string(60000, 'x'))};
    EXPECT_LT(stage.only().message.size(), 400);
    EXPECT_LT(stage.only().evidence_of("location").size(), 1100);
}

TEST(LookAlike, TrueTwiceIsNotTrue) {
    Stage stage;
    stage.params.set("credentials", true);
    stage.preflights = {preflight().header("access-control-allow-credentials", "true")};
    EXPECT_EQ(stage.only().code, "cors.credentials");
}

TEST(LookAlike, AnAllowedNullIsAnotherOrigin) {
    Stage stage;
    stage.preflights = {preflight("null")};
    stage.gets = {answer(200, "null"), to_a_stranger()};
    EXPECT_EQ(stage.only().code, "cors.origin-not-allowed");
}

}  // namespace
}  // namespace cors::test
