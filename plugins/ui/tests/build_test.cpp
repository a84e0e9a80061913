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
    const auto found = stage.only();
    EXPECT_EQ(found.code, "ui.file-missing");
    EXPECT_THAT(found.message, HasSubstr("1 of 2 script or style files did not come: no answer "));
    EXPECT_THAT(found.message, HasSubstr("within 3 s"));
    EXPECT_EQ(found.remedy, "Look at what serves the UI's files, and at its log");
}

TEST(Build, APageInTheirPlace) {
    Stage stage;
    stage.app = html(page_text);
    EXPECT_EQ(stage.only().code, "ui.file-is-page");
    stage.app = Reply(200).body(page_text);
    EXPECT_EQ(stage.only().code, "ui.file-is-page") << "by its first line, too";
    stage.app = Reply(200).header("Content-Type", "application/xhtml+xml").body("x");
    EXPECT_EQ(stage.only().code, "ui.file-is-page");
    stage.app = script("\xEF\xBB\xBF \n<html>");
    EXPECT_EQ(stage.only().code, "ui.file-is-page");
    stage.app = script("<!-- old\n" + calls("http://api.test"));
    EXPECT_THAT(stage.run().findings, IsEmpty());
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

TEST(Build, WhatIsExpectedNeedsAPattern) {
    Stage stage;
    stage.params.table("expect", {{"auth_mode", "clerk"}});
    EXPECT_THAT(stage.run().error.value_or(""),
                HasSubstr("settings has no auth_mode, which expect names"));
}

TEST(Build, NoPage) {
    Stage stage;
    stage.page = Reply(500).body("Internal Server Error");
    EXPECT_EQ(stage.only().code, "ui.no-page");
    stage.page = Reply(200).body("{}");
    EXPECT_EQ(stage.only().message, "what comes is not HTML");
    stage.page = Reply::failed(Failure::refused);
    EXPECT_EQ(stage.only().code, "ui.no-page");
    stage.page = Reply(200).header("Content-Type", "text/plain; x=1").body(page_text);
    EXPECT_EQ(stage.only().message, "comes as text/plain: browsers show its source");
}

TEST(Build, APageByAnyNameOfIt) {
    Stage stage;
    stage.page = Reply(203).header("Content-Type", "Application/XHTML+xml").body(page_text);
    EXPECT_THAT(stage.run().findings, IsEmpty());
    stage.page = Reply(200).body(page_text);
    EXPECT_THAT(stage.run().findings, IsEmpty()) << "without a type, by its look";
}

TEST(Build, APageThatNamesNothingTellsNothing) {
    Stage stage;
    stage.page = html("<html><div>Welcome to nginx</div></html>");
    const auto result = stage.run();
    EXPECT_THAT(result.error.value_or(""),
                HasSubstr("the page names no script or style: is it the UI?"));
    EXPECT_THAT(result.findings, IsEmpty());
}

TEST(Build, WhatIsUnknownIsNoPass) {
    Stage stage;
    stage.page = html("<script src='http://[/x.js'></script>" + page_text);
    EXPECT_THAT(stage.run().error.value_or(""), HasSubstr("no http(s) URL"));
    stage.page = html(page_text + std::string(5'000, ' '));
    stage.params.set("max-file-bytes", 1'000);
    EXPECT_THAT(stage.run().error.value_or(""), HasSubstr("the rest of the page"));
    stage.app = Reply(404);
    EXPECT_EQ(stage.only().code, "ui.file-missing") << "what was found counts";
}

TEST(Build, APreloadThatIsRunIsAScript) {
    Stage stage;
    stage.page = html("<link rel=preload as=style href=/_next/static/chunks/app.js>" + page_text);
    const auto result = stage.run();
    EXPECT_EQ(result.facts.at("api_url"), triage::Any("http://api.test")) << result.to_string();
    EXPECT_THAT(result.requests, SizeIs(3));
}

// A page with `count` scripts; each takes `each`, or never comes.
Result run_many(int count, const Params& params, std::chrono::seconds each, bool hang = false) {
    FakeHost host;
    std::string text = "<!doctype html><div>";
    for (int i = 0; i < count; ++i) {
        const auto path = "/" + std::to_string(i) + ".js";
        text += "<script src=" + path + "></script>";
        host.answer("GET", ui + path, hang ? Reply::hang() : script("f()").after(each));
    }
    host.answer("GET", ui + "/", html(text));
    return host.run("build", params);
}

TEST(Build, FewAreAskedForAtOnce) {
    auto params = Params().set("url", ui + "/").set("timeout", 1s);
    auto result = run_many(20, params, 1s);
    EXPECT_THAT(result.violations, IsEmpty());
    EXPECT_EQ(result.summary, "20 script or style files") << "8 at once: 3 s";
    EXPECT_FALSE(result.error);
    params.set("max-file-bytes", 33'554'432);
    result = run_many(5, params, 1s);
    EXPECT_EQ(result.summary, "5 script or style files");
    result = run_many(20, params, 1s);
    EXPECT_THAT(result.error.value_or(""), HasSubstr("no time left")) << "one at once: 10 s";
    EXPECT_THAT(result.error.value_or(""), testing::Not(HasSubstr("20 script")));
}

TEST(Build, ReportsBeforeItsTimeIsOver) {
    const auto params = Params().set("url", ui + "/");
    const auto result = run_many(60, params, 0s, true);
    EXPECT_THAT(result.violations, IsEmpty());
    const auto found = result.finding("ui.file-missing");
    EXPECT_THAT(found.message, HasSubstr("did not come"));
    EXPECT_THAT(found.evidence_of("files"), HasSubstr(ui + "/0.js")) << "in the page's order";
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("not looked at"));
}

TEST(Build, FilesOfOtherOriginsAreNotAskedFor) {
    Stage stage;
    stage.page = html("<script src=https://cdn.test/x.js></script>" + page_text);
    const auto result = stage.run();
    EXPECT_THAT(result.summary.value_or(""),
                HasSubstr("1 file of other origins not asked for: https://cdn.test/x"));
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
    EXPECT_THAT(result.error.value_or(""), HasSubstr("1 not looked at: http://app.test/a.css"));
    EXPECT_FALSE(result.was_evaluated("ui.file-missing")) << "it may be";
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
