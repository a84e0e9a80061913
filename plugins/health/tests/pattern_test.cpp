/// health.pattern: each row of the table, its look-alikes, and what is left unsaid.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

using namespace triage::testing;
using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using triage::Failure;
using triage::Phase;

namespace {

constexpr const char* nil = "00000000-0000-0000-0000-000000000000";

Reply from_app(int status, std::string body = "{\"detail\":\"x\"}") {
    return Reply(status).header("x-request-id", "f0c4").body(std::move(body)).after(2ms);
}

/// The API as it is when all is well; a test spoils a part of it.
struct Api {
    Reply healthz = from_app(200, "{\"ok\":true}").header("server", "uvicorn");
    Reply readyz = from_app(200, "{\"ok\":true}");
    Reply openapi = from_app(200, R"({"info":{"version":"0.1.0"}})");
    Reply boards = from_app(401);
    Reply probe = from_app(404).after(5ms);

    Api& gets(const Reply& reply) {
        healthz = readyz = openapi = boards = reply;
        return *this;
    }
    Api& everything(const Reply& reply) {
        probe = reply;
        return gets(reply);
    }

    Result run(Params params = Params(), std::uint64_t seed = 0) const {
        FakeHost host;
        if (seed != 0) host.shuffle(seed);
        const std::string base = "http://api.test";
        host.answer("GET", base + "/healthz", healthz)
            .answer("GET", base + "/readyz", readyz)
            .answer("GET", base + "/openapi.json", openapi)
            .answer("GET", base + "/api/v1/boards", boards)
            .answer("POST", base + "/api/v1/boards/" + nil + "/webhooks/" + nil, probe);
        auto result = host.run("pattern", params.set("base", base + "/"));
        EXPECT_THAT(result.violations, IsEmpty());
        return result;
    }
};

/// The one finding of a run.
ReportedFinding only(const Result& result) {
    EXPECT_EQ(result.findings.size(), 1u) << result.to_string();
    EXPECT_EQ(result.error, std::nullopt);
    return result.findings.empty() ? ReportedFinding() : result.findings[0];
}

TEST(Pattern, AllIsWell) {
    const auto result = Api().run();
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_EQ(result.summary,
              "healthz 200, readyz 200, openapi 200, api 401, db probe 404; slowest 5 ms");
    EXPECT_EQ(result.duration, 5ms) << "all at the same time";
    EXPECT_EQ(result.evaluated.size(), 21u) << "a pass speaks for every row";
    EXPECT_EQ(result.facts.at("app_version"), triage::Any(std::string("0.1.0")));
    EXPECT_EQ(result.facts.at("server"), triage::Any(std::string("uvicorn")));
    EXPECT_EQ(result.facts.at("db_probe_status"), triage::Any(std::int64_t{404}));
    const auto& probe = result.requests.back();
    EXPECT_EQ(probe.method, "POST");
    EXPECT_EQ(probe.body, "{}");
    EXPECT_EQ(probe.header("content-type"), "application/json");
}

TEST(Pattern, TheOrderOfAnswersDoesNotMatter) {
    const auto expected = Api().run().to_string();
    for (std::uint64_t seed = 1; seed < 10; ++seed) {
        EXPECT_EQ(Api().run({}, seed).to_string(), expected);
    }
}

TEST(Pattern, Refused) {
    const auto result = Api().everything(Reply::failed(Failure::refused)).run();
    EXPECT_EQ(only(result).code, "health.api-refused");
    EXPECT_EQ(only(result).message, "connection refused by api.test:80");
    EXPECT_THAT(result.evaluated, ElementsAre("health.api-refused", "health.api-unreachable"));
}

TEST(Pattern, Unreachable) {
    for (const auto& reply :
         {Reply::failed(Failure::resolve, "NXDOMAIN"),
          Reply::failed(Failure::unreachable, "no route"), Reply::hang(Phase::connect)}) {
        EXPECT_EQ(only(Api().everything(reply).run()).code, "health.api-unreachable");
    }
    const auto expired = only(Api().everything(Reply::failed(Failure::tls, "expired")).run());
    EXPECT_EQ(expired.code, "health.tls");
    EXPECT_EQ(expired.remedy, "") << "the code's own";
}

TEST(Pattern, AHandshakeWithoutAnAnswerIsNoMatterOfTheRoute) {
    const auto finding = only(Api().everything(Reply::hang(Phase::tls)).run());
    EXPECT_EQ(finding.code, "health.tls");
    EXPECT_EQ(finding.message, "no answer within 3 s (connected, waiting for the TLS handshake)");
    EXPECT_THAT(finding.remedy, HasSubstr("whether this port speaks TLS at all"));
}

TEST(Pattern, EverythingHangs) {
    const auto result = Api().everything(Reply::hang()).run();
    EXPECT_EQ(only(result).code, "health.api-hung");
    EXPECT_THAT(only(result).message, HasSubstr("no answer within 3 s"));
    EXPECT_EQ(result.duration, 3s);
    EXPECT_FALSE(result.was_evaluated("health.db-probe-hung")) << "nothing is known of the DB";
}

TEST(Pattern, ThreadPoolStarved) {
    Api api;
    api.healthz = api.readyz = api.boards = api.probe = Reply::hang();
    const auto result = api.run();
    EXPECT_EQ(only(result).code, "health.threadpool-starved");
    EXPECT_EQ(only(result).message,
              "no answer within 3 s from healthz, readyz, api while openapi answers 200");
    EXPECT_FALSE(result.was_evaluated("health.db-probe-hung"));
}

TEST(Pattern, ProxyError) {
    for (const int status : {502, 503, 504}) {
        const auto result = Api().everything(Reply(status).body("<h1>Back soon</h1>")).run();
        EXPECT_EQ(only(result).code, "health.proxy-error");
        EXPECT_EQ(only(result).message,
                  triage::text("HTTP ", status,
                               " for all paths: not made by the API, as it has no x-request-id"));
    }
    const auto made_by_app = Api().gets(from_app(502)).run();
    EXPECT_EQ(only(made_by_app).code, "health.broad-5xx") << "with a request id the app made it";
}

TEST(Pattern, AProxyIsNamedByItsErrorPage) {
    Api api;
    api.boards = Reply(403).header("server", "nginx").body("<hr><center>nginx/1.22</center>");
    const auto finding = only(api.run());
    EXPECT_EQ(finding.code, "health.proxy-error");
    EXPECT_EQ(finding.message, "HTTP 403 for api: made by a proxy (nginx: its error page)");
    EXPECT_THAT(finding.remedy, HasSubstr("the proxy's rules"));
    EXPECT_EQ(finding.evidence_of("server"), "nginx");
    api.boards = from_app(504).body("<center>nginx</center>");
    EXPECT_EQ(only(api.run()).code, "health.proxy-error") << "a proxy may add request ids, too";
}

TEST(Pattern, ARequestIdInTheBodyIsTheApplicationsToo) {
    Api api;
    api.boards = Reply(502).body(R"({"detail":"gateway","request_id":"f0c4"})");
    EXPECT_EQ(only(api.run()).code, "health.api-5xx");
}

TEST(Pattern, AHeaderThatIsTakenAwayIsNoOtherService) {
    Api api;
    api.healthz = api.readyz = Reply(200).body("{\"ok\":true}");
    api.openapi = Reply(200).body("{}");
    api.boards = Reply(401).body(R"({"detail":"Unauthorized","request_id":"f0c4"})");
    api.probe = Reply(404);
    EXPECT_EQ(only(api.run()).code, "health.mark-lost");
    EXPECT_EQ(only(api.run()).message, "all answers are as expected, but none has x-request-id");
    api.probe = Reply(500);
    EXPECT_TRUE(api.run().found("health.db-probe-5xx")) << "the rest is judged all the same";
    api.readyz = from_app(200, "{\"ok\":true}");
    EXPECT_EQ(only(api.run()).code, "health.foreign-service") << "lost here and there: two answer";
}

TEST(Pattern, Redirected) {
    const auto reply = Reply(308).header("location", "https://api.test/healthz");
    const auto finding = only(Api().everything(reply).run());
    EXPECT_EQ(finding.code, "health.api-redirected");
    EXPECT_EQ(finding.message, "HTTP 308 for all paths: redirected to https://api.test/healthz");
    Api api;
    api.healthz = Reply(301).header("location", "http://api.test/healthz");
    EXPECT_THAT(only(api.run()).message, HasSubstr("/healthz redirects to itself"));
}

TEST(Pattern, NoSuchPath) {
    Api api;
    api.boards = from_app(404);
    const auto result = api.run();
    EXPECT_EQ(only(result).code, "health.no-such-path");
    EXPECT_EQ(only(result).message, "api: HTTP 404 by the API itself, expected 401");
    EXPECT_FALSE(result.was_evaluated("health.db-probe-5xx")) << "its 404 is no database's either";
}

TEST(Pattern, ForeignService) {
    const auto said = [](const Reply& reply) {
        const auto finding = only(Api().everything(reply).run());
        EXPECT_EQ(finding.code, "health.foreign-service");
        return finding.message;
    };
    EXPECT_EQ(said(Reply(200).body("{\"ok\":true}")),
              "healthz answers HTTP 200 without x-request-id");
    EXPECT_EQ(said(Reply(404)), "healthz answers HTTP 404 without x-request-id");
    EXPECT_EQ(said(Reply(200)
                       .header("content-type", "text/html")
                       .body("<html><title>Mission Control</title>")),
              "healthz answers HTTP 200 with an HTML page titled \"Mission Control\", not with the "
              "API's answer");
    EXPECT_THAT(said(Reply(200).body("<h1>Welcome to nginx!</h1>")),
                HasSubstr("the welcome page of nginx"));
    EXPECT_THAT(said(Reply::failed(Failure::protocol)), HasSubstr("is not HTTP"));
    Api api;
    api.healthz = from_app(200, "{\"ok\": true }");
    EXPECT_EQ(only(api.run()).message,
              "healthz answers HTTP 200 with the body \"{\"ok\": true }\", expected "
              "\"{\"ok\":true}\"");
    EXPECT_FALSE(api.run().was_evaluated("health.db-probe-5xx"));
}

// An API that crashes, and a proxy that cuts answers off, are no other service.
TEST(Pattern, BrokenAnswers) {
    const auto finding = only(Api().everything(Reply::failed(Failure::closed)).run());
    EXPECT_EQ(finding.code, "health.api-broken");
    EXPECT_THAT(finding.message, testing::StartsWith("all paths: "));
    EXPECT_THAT(finding.message, HasSubstr("connection closed"));
    const auto against_the_rules = Reply::failed(Failure::protocol).at(Phase::body);
    EXPECT_EQ(only(Api().everything(against_the_rules).run()).code, "health.api-broken");
    Api api;
    api.boards = Reply::failed(Failure::closed);
    const auto result = api.run();
    EXPECT_EQ(only(result).code, "health.api-broken");
    EXPECT_THAT(only(result).message, testing::StartsWith("api: "));
    EXPECT_FALSE(result.was_evaluated("health.db-probe-5xx"));
}

TEST(Pattern, NoRequestIdWanted) {
    Api api;
    api.everything(Reply(200).body("{\"ok\":true}"));
    const auto result = api.run(
        Params().set("request-id-header", "").set("api-status", 200).set("db-probe-status", 200));
    EXPECT_THAT(result.findings, IsEmpty());
}

TEST(Pattern, WithoutAMarkNothingIsSaidToBeTheApisOwn) {
    Api api;
    const auto run = [&] { return api.run(Params().set("request-id-header", "")); };
    api.gets(Reply(500));
    EXPECT_EQ(only(run()).message, "5xx from 4 of 4 paths: healthz, readyz, openapi, api");
    api.gets(Reply(502).body("<center>nginx</center>"));
    EXPECT_EQ(only(run()).code, "health.proxy-error");
    api = Api();
    api.boards = Reply(401).body("<center>nginx</center>");
    EXPECT_THAT(run().findings, IsEmpty()) << "it is what the runbook expects";
    EXPECT_EQ(only(api.run()).message,
              "api answers HTTP 401, made by a proxy (nginx: its error page)");
}

TEST(Pattern, ARedirectOrAMissingDocumentOfTheApiItselfCutsNobodyOff) {
    Api api;
    api.boards = from_app(307).header("location", "http://api.test/api/v1/boards/");
    EXPECT_EQ(only(api.run()).code, "health.api-unexpected");
    EXPECT_EQ(only(api.run()).evidence_of("location"), "http://api.test/api/v1/boards/");
    api = Api();
    api.openapi = from_app(404);
    EXPECT_EQ(only(api.run()).code, "health.api-unexpected");
}

TEST(Pattern, ServerErrors) {
    const auto broad = only(Api().gets(from_app(500)).run());
    EXPECT_EQ(broad.code, "health.broad-5xx");
    EXPECT_EQ(broad.message,
              "5xx by the API itself from 4 of 4 paths: healthz, readyz, openapi, api");
    Api api;
    api.boards = from_app(500);
    const auto one = only(api.run());
    EXPECT_EQ(one.code, "health.api-5xx");
    EXPECT_EQ(one.message, "api answers HTTP 500 after 2 ms");
    EXPECT_EQ(one.evidence_of("request-id"), "f0c4");
    api.openapi = from_app(500);
    EXPECT_EQ(only(api.run()).code, "health.api-5xx") << "two are not broad";
    api.readyz = from_app(500);
    EXPECT_EQ(only(api.run()).code, "health.broad-5xx");
}

TEST(Pattern, MoreApiPathsTellOneRouteFromMany) {
    const auto run = [](int gateways, int activity) {
        FakeHost host;
        host.answer("GET", "http://a/healthz", from_app(200, "{\"ok\":true}"))
            .answer("GET", "http://a/readyz", from_app(200, "{\"ok\":true}"))
            .answer("GET", "http://a/openapi.json", from_app(200))
            .answer("GET", "http://a/api/v1/boards", from_app(500))
            .answer("GET", "http://a/gateways", from_app(gateways))
            .answer("GET", "http://a/activity", from_app(activity));
        return host.run("pattern",
                        Params()
                            .set("base", "http://a")
                            .list("more-api-paths", {"/gateways", "/activity"})
                            .set("db-probe", false)
                            .table("secret-headers", {{"Authorization", "Bearer c-77"}}));
    };
    const auto many = run(500, 500);
    EXPECT_EQ(only(many).code, "health.broad-5xx");
    EXPECT_EQ(only(many).message,
              "5xx by the API itself from 3 of 6 paths: api, /gateways, /activity");
    for (const auto& request : many.requests) {
        const bool is_public = request.url.ends_with("z") || request.url.ends_with("json");
        EXPECT_EQ(request.header("authorization"), is_public ? "" : "Bearer c-77") << request.url;
    }
    EXPECT_EQ(only(run(401, 401)).code, "health.api-5xx");
}

TEST(Pattern, SlowIsNotHung) {
    Api api;
    api.boards = from_app(401).after(2s);
    EXPECT_EQ(only(api.run()).code, "health.slow");
    EXPECT_EQ(only(api.run()).message, "slow, not hung: api 2 s; expected at most 1.5 s");
    EXPECT_THAT(api.run(Params().set("warn-over", 2s)).findings, IsEmpty());
}

TEST(Pattern, OnePathHangs) {
    Api api;
    api.boards = Reply::hang();
    EXPECT_EQ(only(api.run()).code, "health.partly-hung");
}

TEST(Pattern, NotReady) {
    Api api;
    api.readyz = from_app(503, "{\"ok\":false,\"db\":\"down\"}");
    const auto finding = only(api.run());
    EXPECT_EQ(finding.code, "health.not-ready");
    EXPECT_THAT(finding.evidence_of("body"), HasSubstr("\"db\":\"down\""));
}

TEST(Pattern, UnexpectedStatus) {
    Api api;
    api.boards = from_app(200);
    EXPECT_EQ(only(api.run()).code, "health.api-unexpected");
    EXPECT_THAT(only(api.run()).message,
                HasSubstr("api answers HTTP 200 after 2 ms, expected 401"));
    EXPECT_THAT(api.run(Params().set("api-status", 200)).findings, IsEmpty());
}

TEST(Pattern, DbProbe) {
    Api api;
    api.probe = from_app(500).after(900ms);
    EXPECT_EQ(only(api.run()).code, "health.db-probe-5xx");
    api.probe = from_app(500).after(1100ms);
    EXPECT_EQ(only(api.run()).code, "health.db-probe-slow-5xx");
    api.probe = from_app(500).after(30s);
    EXPECT_EQ(only(api.run()).message,
              "did not answer within 3 s: pool exhausted, lock or hung database");
    EXPECT_EQ(only(api.run(Params().set("timeout", 8s))).code, "health.db-probe-hung");
    api.probe = from_app(405);
    EXPECT_EQ(only(api.run()).code, "health.db-probe-unexpected");
    api.probe = Reply::failed(Failure::closed);
    EXPECT_EQ(only(api.run()).code, "health.db-probe-unexpected");
}

TEST(Pattern, AProxyThatGivesUpOnTheDbProbeSaysThatItHangs) {
    Api api;
    api.probe = Reply(504).body("<center>nginx</center>").after(2s);
    EXPECT_EQ(only(api.run()).code, "health.db-probe-hung");
    EXPECT_EQ(only(api.run()).message,
              "a proxy gave up on it after 2 s (HTTP 504): pool exhausted, lock or hung database");
}

TEST(Pattern, A404OfAPathThatTheApiDoesNotHaveIsNoAnswerOfTheDatabase) {
    Api api;
    const auto lists = [&](const std::string& path, const std::string& method) {
        api.openapi = from_app(200, "{\"paths\":{\"" + path + "\":{\"" + method + "\":{}}}}");
        return api.run();
    };
    const std::string path = "/api/v1/boards/{board_id}/webhooks/{webhook_id}";
    EXPECT_THAT(lists(path, "post").findings, IsEmpty());
    EXPECT_EQ(only(lists(path, "get")).code, "health.db-probe-unexpected");
    EXPECT_EQ(only(lists("/api/v1/boards/{id}/webhooks", "post")).message,
              "openapi.json has no POST for the probe's path: HTTP 404 says nothing of the "
              "database");
}

TEST(Pattern, TheCertificateIsJudgedToo) {
    FakeHost host;
    constexpr std::int64_t noon = 1'767'268'800;  // 2026-01-01T12:00:00Z
    auto healthz = from_app(200, "{\"ok\":true}")
                       .certificate({.subject = "CN=a",
                                     .issuer = "CN=ca",
                                     .names = {},
                                     .not_before_s = 0,
                                     .not_after_s = noon + 20 * 24 * 3600L,
                                     .pem = ""});
    host.answer("GET", "https://a/healthz", healthz)
        .answer("GET", "https://a/readyz", from_app(200, "{\"ok\":true}"))
        .answer("GET", "https://a/openapi.json", from_app(200))
        .answer("GET", "https://a/api/v1/boards", from_app(401));
    const auto result =
        host.run("pattern", Params().set("base", "https://a").set("db-probe", false));
    EXPECT_EQ(only(result).code, "health.certificate-ends");
}

/// The fake host takes any text: what a pattern refuses the host's own validation shows.
std::string pattern_of(const std::string& name) {
    const FakeHost host;
    const auto& plugin = host.plugin();
    for (std::uint32_t i = 0; i < plugin.check_count; ++i) {
        const auto& check = *plugin.checks[i];
        if (check.name != std::string("pattern")) continue;
        for (std::uint32_t j = 0; j < check.param_count; ++j) {
            const auto& param = *check.params[j];
            if (param.name == name && param.pattern != nullptr) return param.pattern;
        }
    }
    return "";
}

TEST(Pattern, WrongParametersAreCaughtBeforeAnythingRuns) {
    for (const auto* status : {"api-status", "db-probe-status"}) {
        EXPECT_THROW(Api().run(Params().set(status, 99)), std::invalid_argument) << status;
        EXPECT_THROW(Api().run(Params().set(status, 600)), std::invalid_argument) << status;
    }
    for (const auto* path : {"healthz-path", "readyz-path", "openapi-path", "api-path",
                             "more-api-paths", "db-probe-path"})
        EXPECT_EQ(pattern_of(path), "/\\S*") << path;
    EXPECT_THAT(pattern_of("request-id-header"), HasSubstr("0-9A-Za-z-]*"));
}

TEST(Pattern, ADbProbeThatWasNotMadeIsNoPass) {
    Api api;
    api.probe = Reply::failed(Failure::denied, "POST needs [allow] health = { write = [\"…\"] }.");
    const auto result = api.run();
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_EQ(result.error,
              "no database probe: not allowed: POST needs [allow] health = { write = [\"…\"] }. "
              "Set db-probe = false if it is not wanted.");
    EXPECT_TRUE(result.was_evaluated("health.api-5xx"));
    EXPECT_FALSE(result.was_evaluated("health.db-probe-5xx"));
    EXPECT_FALSE(result.was_evaluated("health.db-probe-hung"));
    EXPECT_EQ(result.facts.count("db_probe_status"), 0u);
    api.probe = Reply::failed(Failure::denied, "only GET, HEAD and OPTIONS are granted");
    EXPECT_THAT(api.run().error.value_or(""),
                HasSubstr("OPTIONS are granted. Set db-probe = false if it is not wanted."));
    api.probe = Reply::failed(Failure::local, "too many open files");
    EXPECT_THAT(api.run().error.value_or(""),
                AllOf(HasSubstr("too many open files"), Not(HasSubstr("db-probe = false"))));
}

TEST(Pattern, WhatTheOtherRequestsFoundCountsWithoutTheDbProbe) {
    Api api;
    api.everything(Reply::failed(Failure::refused)).probe = Reply::failed(Failure::denied);
    const auto result = api.run();
    EXPECT_TRUE(result.found("health.api-refused"));
    EXPECT_THAT(result.error.value_or(""), HasSubstr("no database probe"));
}

TEST(Pattern, ADbProbeThatIsNotWantedIsNotSent) {
    const auto result = Api().run(Params().set("db-probe", false));
    EXPECT_EQ(result.requests.size(), 4u);
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("db probe not wanted"));
    EXPECT_FALSE(result.was_evaluated("health.db-probe-5xx"));
}

TEST(Pattern, WhatWasNeverAskedIsAnErrorAndNoFinding) {
    Api api;
    api.openapi = Reply::failed(Failure::local, "too many open files");
    const auto result = api.run();
    EXPECT_THAT(result.error.value_or(""), HasSubstr("too many open files"));
    EXPECT_THAT(result.findings, IsEmpty());
}

TEST(Pattern, CancelledAtEveryEvent) {
    for (int event = 0; event < 6; ++event) {
        FakeHost host;
        for (const auto* path : {"healthz", "readyz", "openapi.json"}) {
            host.answer("GET", std::string("http://a/") + path, from_app(200));
        }
        host.answer("GET", "http://a/api/v1/boards", from_app(401));
        host.answer("POST", std::string("http://a/api/v1/boards/") + nil + "/webhooks/" + nil,
                    from_app(404));
        const auto result = host.cancel_at(event).run("pattern", Params().set("base", "http://a"));
        EXPECT_TRUE(result.cancelled) << event;
        EXPECT_THAT(result.violations, IsEmpty());
    }
}

}  // namespace
