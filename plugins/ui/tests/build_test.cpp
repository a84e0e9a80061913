/// ui.build against canned pages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

using namespace std::chrono_literals;
using namespace triage::testing;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using triage::Failure;

namespace {

const std::string ui = "http://app.test";
const std::string script_url = ui + "/_next/static/chunks/app.js";
const std::string page_text =
    "<!DOCTYPE html><html><head><link rel=stylesheet href=/a.css>"
    "<script src=/_next/static/chunks/app.js></script></head></html>";

Reply html(const std::string& text) {
    return Reply(200).header("Content-Type", "text/html; charset=utf-8").body(text);
}
Reply script(const std::string& text) {
    return Reply(200).header("Content-Type", "application/javascript").body(text);
}
std::string calls(const std::string& address) {
    return "x();let e=\"" + address + "\".trim();if(e&&\"auto\"!==e.toLowerCase())y()";
}

struct Stage {
    Reply page = html(page_text), style = Reply(200).body("p{}"),
          app = script(calls("http://api.test"));
    Params params = Params().set("url", ui + "/").set("api", "http://api.test");

    Result run() {
        FakeHost host;
        host.answer("GET", ui + "/", page).answer("GET", ui + "/a.css", style);
        host.answer("GET", script_url, app);
        auto result = host.run("build", params);
        EXPECT_THAT(result.violations, IsEmpty());
        return result;
    }
    ReportedFinding only() {
        const auto result = run();
        EXPECT_THAT(result.findings, SizeIs(1)) << result.to_string();
        return result.findings.empty() ? ReportedFinding() : result.findings[0];
    }
};

TEST(Build, AllIsWell) {
    const auto result = Stage().run();
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_EQ(result.summary, "2 script or style files; they call \"http://api.test\"");
    EXPECT_EQ(result.facts.at("api_url"), triage::Any("http://api.test"));
    EXPECT_THAT(result.evaluated, SizeIs(9)) << "all but the settings, which nobody asked about";
    EXPECT_THAT(result.requests, SizeIs(3));
}

TEST(Build, FilesThatAreNotThere) {
    Stage stage;
    stage.app = Reply(404).body("no");
    const auto result = stage.run();
    EXPECT_THAT(result.findings, SizeIs(1));
    const auto found = result.finding("ui.file-missing");
    EXPECT_EQ(found.subject, ui + "/");
    EXPECT_EQ(found.message, "1 of 2 script or style files are not there: HTTP 404");
    EXPECT_EQ(found.evidence_of("files"), script_url + ": HTTP 404");
    EXPECT_FALSE(result.was_evaluated("ui.api-url-other")) << "its script was not seen";
}

TEST(Build, FilesThatHang) {
    Stage stage;
    stage.style = Reply::hang();
    EXPECT_THAT(stage.only().message, HasSubstr("no answer within 3 s"));
}

TEST(Build, APageInTheirPlace) {
    Stage stage;
    stage.app = html(page_text);
    EXPECT_EQ(stage.only().code, "ui.file-is-page");
    stage.app = Reply(200).body(page_text);
    EXPECT_EQ(stage.only().code, "ui.file-is-page") << "by its first line, too";
}

TEST(Build, AnotherApi) {
    Stage stage;
    stage.app = script(calls("http://old.test"));
    const auto found = stage.only();
    EXPECT_EQ(found.code, "ui.api-url-other");
    EXPECT_EQ(found.evidence_of("built with"), "\"http://old.test\"");
}

TEST(Build, TwoAddressesInTwoChunksAreBothJudged) {
    Stage stage;
    stage.app = script(calls("http://api.test") + calls("http://old.test"));
    EXPECT_THAT(stage.only().message, HasSubstr("calls http://old.test"));
}

TEST(Build, ScriptsWithoutTheAddressTellNothing) {
    Stage stage;
    stage.app = script("nothing()");
    const auto result = stage.run();
    ASSERT_TRUE(result.error) << result.to_string();
    EXPECT_THAT(*result.error, HasSubstr("nothing in the page's scripts fits api-pattern"));
    EXPECT_FALSE(result.was_evaluated("ui.api-url-other"));
    EXPECT_TRUE(result.was_evaluated("ui.file-missing"));
}

TEST(Build, WithoutAnApiOnlyFilesCount) {
    Stage stage;
    stage.params = Params().set("url", ui + "/");
    stage.app = script("nothing()");
    const auto result = stage.run();
    EXPECT_EQ(result.summary, "2 script or style files");
    EXPECT_THAT(result.findings, IsEmpty());
}

TEST(Build, SettingsAreCompared) {
    Stage stage;
    stage.params.table("settings", {{"auth-mode", R"re(return"(local|clerk)"===)re"}});
    stage.params.table("expect", {{"auth-mode", "clerk"}});
    stage.app = script(calls("http://api.test") + "return\"local\"===x.Local");
    auto found = stage.only();
    EXPECT_EQ(found.code, "ui.setting-differs");
    EXPECT_EQ(found.subject, "auth-mode");
    EXPECT_EQ(found.message, "built with \"local\", should be \"clerk\"");
    EXPECT_EQ(found.evidence_of("script"), script_url);
    EXPECT_EQ(stage.run().facts.at("setting[auth-mode]"), triage::Any("local"));
    stage.app = script(calls("http://api.test") + "return\"clerk\"===x.Local");
    EXPECT_THAT(stage.run().findings, IsEmpty());
    stage.app = script(calls("http://api.test"));
    EXPECT_TRUE(stage.run().error) << "not found is not the same as equal";
}

TEST(Build, NoPage) {
    Stage stage;
    stage.page = Reply(500).body("Internal Server Error");
    EXPECT_EQ(stage.only().code, "ui.no-page");
    stage.page = Reply(200).body("{}");
    EXPECT_EQ(stage.only().message, "what comes is not HTML");
    stage.page = Reply::failed(Failure::refused);
    EXPECT_EQ(stage.only().code, "ui.no-page");
}

TEST(Build, FilesOfOtherOriginsAreNotAskedFor) {
    Stage stage;
    stage.page = html("<script src=https://cdn.test/x.js></script>" + page_text);
    const auto result = stage.run();
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("1 file not asked for: https://cdn.test/x"));
    EXPECT_THAT(result.requests, SizeIs(3));
}

TEST(Build, NoMoreFilesThanWanted) {
    Stage stage;
    stage.params.set("max-files", 1).set("api", "http://api.test");
    const auto result = stage.run();
    EXPECT_THAT(result.requests, SizeIs(2));
    EXPECT_TRUE(result.error) << "the script with the address was left out";
}

TEST(Build, AScriptThatIsCutTellsNothing) {
    Stage stage;
    stage.app = script(std::string(10'000, ' ') + calls("http://api.test"));
    stage.params.set("max-file-bytes", 5'000);
    EXPECT_TRUE(stage.run().error);
}

TEST(Build, WhatTheRunbookDoesNotAllowIsNotMissing) {
    Stage stage;
    stage.style = Reply::failed(Failure::denied, "not allowed");
    const auto result = stage.run();
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("1 file not asked for"));
}

TEST(Build, APatternNeedsAGroup) {
    Stage stage;
    stage.params.set("api-pattern", "NEXT_PUBLIC");
    EXPECT_THAT(stage.run().error.value_or(""), HasSubstr("has no group"));
}

TEST(Build, ItsDeclarationIsSound) { EXPECT_THAT(FakeHost().declaration_violations(), IsEmpty()); }

TEST(Build, AnyMomentIsGoodToStop) {
    for (int event = 0; event < 5; ++event) {
        FakeHost host;
        host.answer("GET", ui + "/", html(page_text)).answer("GET", ui + "/a.css", Reply(200));
        host.answer("GET", script_url, script(calls("http://api.test"))).cancel_at(event);
        EXPECT_THAT(host.run("build", Stage().params).violations, IsEmpty()) << event;
    }
}

}  // namespace
