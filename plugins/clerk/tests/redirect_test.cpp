/// clerk.redirect: the ways of a browser that is not signed in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

using namespace triage::testing;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using triage::Failure;

namespace {

const std::string ui = "https://app.example.com";
const std::string page = ui + "/boards";
const std::string fapi = "https://clerk.example.com";
const std::string handshake = fapi +
                              "/v1/client/handshake?redirect_url=https%3A%2F%2Fapp.example.com%2F"
                              "boards&__clerk_hs_reason=dev-browser-missing";
const std::string back = page + "?__clerk_handshake=eyJhbGciOiJSUzI1NiJ9";

Reply redirect(const std::string& location) { return Reply(307).header("Location", location); }

class Walk {
public:
    Walk& at(const std::string& url, const Reply& reply) {
        host_.answer("GET", url, reply);
        return *this;
    }
    Walk& with(const std::string& name, bool value) {
        params_.set(name, value);
        return *this;
    }
    Walk& at_frontend_api(const std::string& url) {
        params_.set("frontend-api", url);
        return *this;
    }
    Walk& sign_in_host(const std::string& name) {
        params_.list("sign-in-hosts", {name});
        return *this;
    }
    Result run() {
        auto result = host_.run("redirect", params_);
        EXPECT_THAT(result.violations, IsEmpty());
        return result;
    }
    ReportedFinding only() {
        const auto result = run();
        EXPECT_THAT(result.findings, SizeIs(1)) << result.to_string();
        return result.findings.empty() ? ReportedFinding() : result.findings[0];
    }

private:
    FakeHost host_;
    Params params_ = Params().set("ui", page).set("frontend-api", fapi);
};

TEST(Redirect, AHandshakeAndBack) {
    const auto result =
        Walk()
            .at(page, redirect(handshake)
                          .header("x-clerk-auth-status", "handshake")
                          .header("x-clerk-auth-reason", "dev-browser-missing"))
            .at(handshake, redirect(back))
            .at(back,
                redirect(page).header("Set-Cookie", "__clerk_db_jwt=dvb_2aBcDeFgHiJkLmNoP; Path=/"))
            .at(page, Reply(200).body("<html>"))
            .run();
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_EQ(result.summary,
              "handshake with clerk.example.com and back, then HTTP 200 (4 requests)");
    EXPECT_EQ(result.requests[0].header("sec-fetch-dest"), "document") << "as browsers ask";
    EXPECT_EQ(result.requests[1].header("cookie"), "") << "the UI's cookies are not Clerk's";
    EXPECT_EQ(result.requests[3].header("cookie"), "__clerk_db_jwt=dvb_2aBcDeFgHiJkLmNoP");
    EXPECT_EQ(result.facts.at("auth_reason"), triage::Any(std::string("dev-browser-missing")));
    for (const auto* code : {"clerk.redirect-host", "clerk.redirect-return", "clerk.redirect-loop",
                             "clerk.ui-error", "clerk.handshake-refused"}) {
        EXPECT_TRUE(result.was_evaluated(code)) << code;
    }
}

TEST(Redirect, ToTheAccountPortal) {
    const std::string portal =
        "https://accounts.example.com/sign-in?redirect_url=https%3A%2F%2Fapp.example.com%2Fboards";
    const auto result = Walk().at(page, redirect(portal)).run();
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_EQ(result.summary,
              "to sign in, browsers go to https://accounts.example.com/sign-in (1 request)");
    EXPECT_EQ(result.facts.at("sign_in"),
              triage::Any(std::string("https://accounts.example.com/sign-in")));
    EXPECT_FALSE(result.was_evaluated("clerk.page-public"));
}

TEST(Redirect, ToTheAccountPortalOfADevelopmentInstance) {
    const std::string query = "/sign-in?redirect_url=https%3A%2F%2Fapp.example.com%2Fboards";
    const auto walk = [&](const std::string& portal) {
        return Walk()
            .at_frontend_api("https://tidy-ant-7.clerk.accounts.dev")
            .at(page, redirect(portal + query))
            .run();
    };
    EXPECT_THAT(walk("https://tidy-ant-7.accounts.dev").findings, IsEmpty());
    EXPECT_TRUE(walk("https://wild-bee-9.accounts.dev").found("clerk.redirect-host"));
}

TEST(Redirect, ToAnotherInstance) {
    const auto found = Walk()
                           .at(page, redirect("https://clerk.other.com/v1/client/handshake"
                                              "?redirect_url=https%3A%2F%2Fapp.example.com"))
                           .only();
    EXPECT_EQ(found.code, "clerk.redirect-host");
    EXPECT_THAT(found.message, HasSubstr("goes to https://clerk.other.com/v1/client/handshake"));
    EXPECT_EQ(
        Walk().at(page, redirect("https://accounts.evil.com/sign-in?redirect_url=x")).only().code,
        "clerk.redirect-host");
}

TEST(Redirect, ToAHostThatIsNamed) {
    const std::string satellite =
        "https://primary.test/sign-in?redirect_url=https%3A%2F%2Fapp.example.com%2F";
    EXPECT_TRUE(Walk().at(page, redirect(satellite)).run().found("clerk.redirect-host"));
    EXPECT_THAT(Walk().at(page, redirect(satellite)).sign_in_host("primary.test").run().findings,
                IsEmpty());
    EXPECT_THAT(Walk().at(page, redirect(satellite)).sign_in_host("Primary.Test").run().findings,
                IsEmpty());
}

TEST(Redirect, ThroughAProxyOfTheirOwn) {
    const std::string proxied = ui + "/__clerk";
    const std::string to = proxied + "/v1/client/handshake?redirect_url=" + ui + "/boards";
    const auto result = Walk()
                            .at_frontend_api(proxied)
                            .at(page, redirect(to))
                            .at(to, redirect(back))
                            .at(back, Reply(200))
                            .run();
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_EQ(Walk().at_frontend_api(ui + "/elsewhere").at(page, redirect(to)).only().code,
              "clerk.redirect-host");
}

struct Return {
    const char* redirect_url;
    const char* words;
};
class WrongReturn : public testing::TestWithParam<Return> {};

TEST_P(WrongReturn, IsExplained) {
    const std::string portal = "https://accounts.example.com/sign-in";
    const auto found = Walk().at(page, redirect(portal + GetParam().redirect_url)).only();
    EXPECT_EQ(found.code, "clerk.redirect-return");
    EXPECT_THAT(found.message, HasSubstr(GetParam().words));
}

INSTANTIATE_TEST_SUITE_P(
    , WrongReturn,
    testing::Values(
        Return{"", "no redirect_url"}, Return{"?redirect_url=", "no redirect_url"},
        Return{"?redirect_url=http%3A%2F%2Fapp.example.com%2F", "browsers reach it by https"},
        Return{"?redirect_url=https%3A%2F%2Fapp.example.com%3A3000%2F", "its inner port"},
        Return{"?redirect_url=http%3A%2F%2Flocalhost%3A3000%2F", "does not know the name"}));

TEST(Redirect, ASignInPageOfTheirOwn) {
    const std::string sign_in = ui + "/sign-in?redirect_url=%2Fboards";
    const auto result = Walk()
                            .at(page, redirect("/sign-in?redirect_url=%2Fboards"))
                            .at(sign_in, Reply(200).header("x-clerk-auth-status", "signed-out"))
                            .run();
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("browsers stay at the UI"));
}

TEST(Redirect, ASignInPageThatRedirectsToItself) {
    const std::string sign_in = ui + "/sign-in?redirect_url=%2Fboards";
    const auto found = Walk().at(page, redirect(sign_in)).at(sign_in, redirect(sign_in)).only();
    EXPECT_EQ(found.code, "clerk.redirect-loop");
    EXPECT_EQ(found.message,
              "a plain redirect loop, without Clerk's handshake: the UI redirects to "
              "https://app.example.com/sign-in again");
    EXPECT_THAT(found.remedy, HasSubstr("the proxy before it"));
}

TEST(Redirect, HandshakesWithoutEnd) {
    const auto found = Walk()
                           .at(page, redirect(handshake))
                           .at(handshake, redirect(back))
                           .at(back, redirect(handshake))
                           .only();
    EXPECT_EQ(found.code, "clerk.redirect-loop");
    EXPECT_THAT(found.message, HasSubstr("wants another one"));
}

TEST(Redirect, PagesWithoutEnd) {
    Walk walk;
    walk.at(page, redirect("/p0"));
    for (int i = 0; i < 12; ++i)
        walk.at(triage::text(ui, "/p", i), redirect(triage::text("/p", i + 1)));
    const auto result = walk.run();
    EXPECT_EQ(result.summary,
              "a plain redirect loop, without Clerk's handshake: no end after 10 requests "
              "(10 requests)");
    EXPECT_THAT(result.findings, SizeIs(1));
}

TEST(Redirect, CookiesOfTheFrontendApiForTheWholeDomain) {
    const auto session = [](const char* attributes) {
        return redirect(page).header("Set-Cookie", std::string("__client_uat=0") + attributes);
    };
    const auto good = Walk()
                          .at(page, redirect(handshake))
                          .at(handshake, session("; Path=/; Domain=example.com; Secure"))
                          .at(page, Reply(200))
                          .run();
    EXPECT_THAT(good.findings, IsEmpty()) << good.to_string();
    EXPECT_EQ(good.requests[2].header("cookie"), "__client_uat=0");
    const auto lost = Walk()
                          .at(page, redirect(handshake))
                          .at(handshake, session("; Path=/; Secure"))
                          .at(page, redirect(handshake))
                          .only();
    EXPECT_EQ(lost.code, "clerk.redirect-loop");
}

TEST(Redirect, NothingOfClerk) {
    const auto found = Walk().at(page, Reply(200).body("<html>hello</html>")).only();
    EXPECT_EQ(found.code, "clerk.ui-without-clerk");
    EXPECT_THAT(found.message, HasSubstr("no redirect and no x-clerk-auth-status"));
}

TEST(Redirect, APublicPageIsNotAUiWithoutClerk) {
    const auto found =
        Walk().at(page, Reply(200).header("x-clerk-auth-status", "signed-out")).only();
    EXPECT_EQ(found.code, "clerk.page-public");
}

TEST(Redirect, TheUiLacksItsKey) {
    const auto found = Walk().at(page, Reply(500).body("Internal Server Error")).only();
    EXPECT_EQ(found.code, "clerk.ui-key-missing");
    EXPECT_EQ(found.message, "HTTP 500 and 21 bytes");
}

TEST(Redirect, OtherErrorsOfTheUiAreNot) {
    for (const auto& reply :
         {Reply(500).header("Content-Type", "text/html").body("<html>Oops</html>"),
          Reply(500).body(std::string(5000, 'x')), Reply(502).body("Bad Gateway"), Reply(404),
          Reply(307), redirect("https://a b/")}) {
        EXPECT_EQ(Walk().at(page, reply).only().code, "clerk.ui-error");
    }
}

TEST(Redirect, TheUiRejectsTheHandshake) {
    const auto found = Walk()
                           .at(page, redirect(handshake))
                           .at(handshake, redirect(back))
                           .at(back, Reply(500).body("Internal Server Error"))
                           .only();
    EXPECT_EQ(found.code, "clerk.handshake-rejected");
    EXPECT_THAT(found.message, HasSubstr("comes back from the handshake"));
    EXPECT_THAT(found.message, Not(HasSubstr("eyJ")));
}

TEST(Redirect, TheFrontendApiRefusesTheHandshake) {
    const auto found =
        Walk()
            .at(page, redirect(handshake))
            .at(handshake, Reply(400).body(R"({"errors":[{"code":"origin_invalid"}]})"))
            .only();
    EXPECT_EQ(found.code, "clerk.handshake-refused");
    EXPECT_EQ(found.evidence_of("clerk"), "origin_invalid");
}

TEST(Redirect, TheHandshakeGoesElsewhere) {
    const auto found = Walk()
                           .at(page, redirect(handshake))
                           .at(handshake, redirect("https://else.example.com/"))
                           .only();
    EXPECT_EQ(found.code, "clerk.redirect-return");
}

TEST(Redirect, NotFollowedIfNotWanted) {
    const auto result = Walk().at(page, redirect(handshake)).with("follow", false).run();
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_THAT(result.requests, SizeIs(1));
    EXPECT_FALSE(result.was_evaluated("clerk.redirect-loop"));
}

TEST(Redirect, WhatDoesNotAnswerIsNamed) {
    const auto down = Walk().at(page, Reply::failed(Failure::refused)).only();
    EXPECT_EQ(down.code, "clerk.refused");
    EXPECT_THAT(down.message, HasSubstr("UI: "));
    EXPECT_EQ(down.remedy, "") << "the code's own fits all";
    const auto remedy = [](Failure failure) {
        return Walk().at(page, Reply::failed(failure)).only().remedy;
    };
    EXPECT_THAT(remedy(Failure::timeout), HasSubstr("the service's own log"));
    EXPECT_THAT(remedy(Failure::resolve), HasSubstr("the host's name in the URL"));
    EXPECT_THAT(remedy(Failure::unreachable), HasSubstr("whether the host is up"));
    EXPECT_THAT(remedy(Failure::tls), HasSubstr("the proxy's, where one ends TLS"));
    const auto silent = Walk().at(page, Reply::hang(triage::Phase::tls)).only();
    EXPECT_EQ(silent.code, "clerk.no-answer");
    EXPECT_THAT(silent.remedy, HasSubstr("whether this port speaks TLS at all"));
    const auto clerk = Walk().at(page, redirect(handshake)).at(handshake, Reply::hang()).only();
    EXPECT_EQ(clerk.code, "clerk.no-answer");
    EXPECT_THAT(clerk.message, HasSubstr("frontend API, handshake: "));
    EXPECT_EQ(clerk.remedy, "") << "the code's own, of Clerk";
    EXPECT_THAT(clerk.subject, Not(HasSubstr("redirect_url"))) << "queries are not shown";
}

TEST(Redirect, AnotherSchemeIsTheRunbooksMistake) {
    FakeHost host;
    host.answer("GET", "http://app.example.com/", redirect("https://app.example.com/"));
    const auto result = host.run(
        "redirect", Params().set("ui", "http://app.example.com/").set("frontend-api", fapi));
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_THAT(result.error.value_or(""), HasSubstr("the UI is at https://app.example.com"));
}

}  // namespace
