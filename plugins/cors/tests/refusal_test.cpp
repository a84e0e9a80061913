/// Why an origin is refused.
#include "stage.hpp"

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace cors::test {
namespace {

Stage refused() {
    Stage stage;
    stage.preflights = {Reply(400).header("access-control-allow-credentials", "true")};
    stage.gets = {to_a_stranger()};
    return stage;
}

TEST(Refusal, SettingsThatAreNotInUse) {
    auto stage = refused();
    EXPECT_FALSE(stage.run().was_evaluated("cors.settings-not-used")) << "they are not known";
    stage.params.set("configured", "http://localhost:3000," + page);
    const auto found = stage.only();
    EXPECT_EQ(found.code, "cors.settings-not-used");
    EXPECT_EQ(found.message,
              "the settings list this origin, yet the API refuses it: it seems to "
              "run with other ones");
    EXPECT_EQ(found.remedy, "") << "the code's own: restart, not add";
    EXPECT_EQ(found.evidence_of("configured"), "http://localhost:3000\n" + page);
    stage.params.set("configured", "*");
    EXPECT_THAT(stage.only().message, HasSubstr("the settings allow every origin"));
}

TEST(Refusal, AListInBracketsIsNotOne) {
    auto stage = refused();
    stage.params.set("configured", "[\"" + page + "\"]");
    const auto found = stage.only();
    EXPECT_EQ(found.code, "cors.origin-near-miss");
    EXPECT_THAT(found.message, HasSubstr("within brackets or quotes, and the API refuses it"));
}

TEST(Refusal, AnOlderValueThatIsInUseIsNamed) {
    auto stage = refused();
    stage.preflights = {to_a_stranger(400), to_a_stranger(400),    to_a_stranger(400),
                        to_a_stranger(400), preflight(page + "/"), to_a_stranger(400)};
    stage.params.set("configured", page);
    const auto found = stage.only();
    EXPECT_EQ(found.code, "cors.settings-not-used");
    EXPECT_EQ(found.evidence_of("allowed-instead"), page + "/");
    stage.params.set("configured", page + "/");
    EXPECT_EQ(stage.only().code, "cors.origin-near-miss");
    EXPECT_THAT(stage.only().message, HasSubstr("; the settings say so too"));
}

TEST(Refusal, WithoutAnyCorsHeaderVariantsAreAskedByGet) {
    Stage stage;
    stage.preflights = {Reply(405)};
    stage.gets = {Reply(200), Reply(200), answer(200, page + "/"), Reply(200)};
    EXPECT_EQ(stage.only().code, "cors.origin-near-miss");
    stage.gets = {Reply(200), Reply(200), Reply(503)};
    EXPECT_EQ(stage.only().evidence_of("variants"), "not all looked for") << "a 503 says nothing";
}

TEST(Refusal, SettingsInUnicode) {
    auto stage = refused();
    stage.params.list("origins", {"https://xn--mnchen-3ya.example"});
    stage.params.set("configured", "https://münchen.example");
    EXPECT_EQ(stage.only().message,
              "the settings say \"https://münchen.example\" (browsers send the host in ASCII), and "
              "browsers send \"https://xn--mnchen-3ya.example\"");
}

TEST(Refusal, WhereItWorksElsewhereTheSettingsAreInUse) {
    const std::string direct = "http://127.0.0.1:8000", plain = "http://app.test";
    FakeHost host;
    host.answer("OPTIONS", api + "/", Reply(405)).answer("GET", api + "/", Reply(401));
    host.answer("OPTIONS", direct + "/", preflight(plain))
        .answer("GET", direct + "/", answer(401, plain))
        .answer("GET", direct + "/", to_a_stranger());
    const auto result = host.run(
        "policy",
        Params().list("api", {api, direct}).list("origins", {plain}).set("configured", plain));
    ASSERT_THAT(result.findings, SizeIs(1)) << result.to_string();
    EXPECT_EQ(result.findings[0].code, "cors.disabled");
    EXPECT_THAT(result.findings[0].remedy, HasSubstr("the proxy that lies between"));
}

TEST(Refusal, WhereEveryoneIsLetThroughVariantsSayNothing) {
    auto stage = refused();
    stage.gets = {to_a_stranger(), Reply(200).header("access-control-allow-origin", "*")};
    const auto result = stage.run();
    EXPECT_TRUE(result.found("cors.origin-not-allowed"));
    EXPECT_THAT(result.requests, SizeIs(6));
}

}  // namespace
}  // namespace cors::test
