/// health.endpoint: one test for every code, and for what must not be a finding.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

using namespace triage::testing;
using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using triage::Failure;
using triage::Phase;

namespace {

constexpr const char* url = "http://api.test:8000/healthz";

Params params() { return Params().set("url", url); }

Result run(const Reply& reply, const Params& given = params()) {
    FakeHost host;
    host.answer("GET", url, reply);
    auto result = host.run("endpoint", given);
    EXPECT_THAT(result.violations, IsEmpty());
    return result;
}

Reply json_reply() {
    return Reply(200)
        .header("Content-Type", "application/json")
        .body(R"({"ok":true,"n":3,"x":0.5,"deep":{"list":["a",{"b/c":"d"}]},"version":"1.2"})");
}

TEST(HealthPlugin, DeclaresItselfWithoutFault) {
    EXPECT_THAT(FakeHost().declaration_violations(), IsEmpty());
    EXPECT_THAT(FakeHost(load_plugin(TRIAGE_PLUGIN_FILE)).declaration_violations(), IsEmpty());
}

TEST(Endpoint, AllIsWell) {
    const auto result =
        run(Reply(200).header("Server", "uvicorn").body("ok").after(12ms).address("10.0.0.1:8000"));
    EXPECT_EQ(result.summary, "200 in 12 ms, 2 bytes");
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_EQ(result.facts.at("http_status"), triage::Any(std::int64_t{200}));
    EXPECT_EQ(result.facts.at("server"), triage::Any(std::string("uvicorn")));
    EXPECT_EQ(result.facts.at("address"), triage::Any(std::string("10.0.0.1:8000")));
    EXPECT_EQ(result.metric("total"), 12.0);
    EXPECT_EQ(result.metric("first-byte"), 12.0);
    for (const auto* code : {"health.dns", "health.refused", "health.tls", "health.no-answer",
                             "health.status", "health.too-large"}) {
        EXPECT_TRUE(result.was_evaluated(code)) << code;
    }
    for (const auto* code : {"health.header", "health.body", "health.json", "health.slow"}) {
        EXPECT_FALSE(result.was_evaluated(code)) << code << " was not asked for";
    }
}

struct Transport {
    Reply reply;
    const char* code;
    const char* message;
};

class EndpointTransport : public testing::TestWithParam<Transport> {};

TEST_P(EndpointTransport, IsAFinding) {
    const auto& given = GetParam();
    const auto result = run(given.reply);
    ASSERT_EQ(result.findings.size(), 1u) << result.to_string();
    EXPECT_EQ(result.findings[0].code, given.code);
    EXPECT_EQ(result.findings[0].subject, url);
    EXPECT_THAT(result.findings[0].message, HasSubstr(given.message));
    EXPECT_EQ(result.summary, result.findings[0].message);
    EXPECT_FALSE(result.was_evaluated("health.status")) << "no answer settles nothing about it";
    EXPECT_EQ(result.error, std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    , EndpointTransport,
    testing::Values(
        Transport{Reply::failed(Failure::resolve, "NXDOMAIN"), "health.dns",
                  "no address for api.test:8000: NXDOMAIN"},
        Transport{Reply::failed(Failure::refused).address("127.0.0.1:8000"), "health.refused",
                  "connection refused by 127.0.0.1:8000"},
        Transport{Reply::failed(Failure::unreachable, "no route to host"), "health.unreachable",
                  "cannot reach api.test:8000: no route to host"},
        Transport{Reply::failed(Failure::tls, "certificate has expired"), "health.tls",
                  "certificate has expired"},
        Transport{Reply::failed(Failure::closed), "health.closed", "connection closed by"},
        Transport{Reply::failed(Failure::protocol), "health.not-http", "is not HTTP"},
        Transport{Reply::failed(Failure::protocol, "sent more than 500 headers").at(Phase::body),
                  "health.bad-http", "sent more than 500 headers"},
        Transport{Reply::failed(Failure::redirects, "http://a/ redirects to itself"),
                  "health.redirect", "http://a/ redirects to itself"},
        Transport{Reply::failed(Failure::redirects).redirected_from({"http://a/", "http://b/"}),
                  "health.redirect", "gave up after 2 redirects"},
        Transport{Reply::hang(), "health.no-answer",
                  "no answer within 3 s (connected, waiting for the first byte)"},
        Transport{Reply::hang(Phase::connect), "health.no-answer",
                  "no answer within 3 s (waiting for the connection)"},
        Transport{Reply::hang(Phase::tls), "health.no-answer",
                  "no answer within 3 s (connected, waiting for the TLS handshake)"},
        Transport{Reply::hang(Phase::body), "health.no-answer", "no complete answer within 3 s"}));

TEST(Endpoint, AHandshakeWithoutAnAnswerIsNoMatterOfTheDatabase) {
    EXPECT_THAT(run(Reply::hang(Phase::tls)).finding("health.no-answer").remedy,
                HasSubstr("whether this port speaks TLS at all"));
    EXPECT_EQ(run(Reply::hang()).finding("health.no-answer").remedy, "") << "the code's own";
}

TEST(Endpoint, ARefusalSettlesTheNameOnly) {
    const auto result = run(Reply::failed(Failure::refused));
    EXPECT_THAT(result.evaluated, testing::ElementsAre("health.dns", "health.refused"));
}

TEST(Endpoint, WhatWasNeverAskedIsAnErrorAndNoFinding) {
    for (const auto why : {Failure::denied, Failure::local, Failure::bad_request}) {
        const auto result = run(Reply::failed(why, "the reason"));
        EXPECT_THAT(result.findings, IsEmpty());
        EXPECT_THAT(result.evaluated, IsEmpty());
        EXPECT_EQ(result.summary, std::nullopt);
        EXPECT_THAT(result.error.value_or(""), HasSubstr("the reason"));
    }
}

TEST(Endpoint, Status) {
    const auto result = run(Reply(302).header("Location", "/login").body("moved"),
                            params().list("status", {200, 204}));
    const auto& finding = result.finding("health.status");
    EXPECT_EQ(finding.message, "HTTP 302, expected 200 or 204");
    EXPECT_EQ(finding.evidence_of("location"), "/login");
    EXPECT_EQ(finding.evidence_of("body"), "moved");
    EXPECT_THAT(run(Reply(204), params().list("status", {200, 204})).findings, IsEmpty());
}

TEST(Endpoint, TooLarge) {
    const auto result = run(Reply(200).body("0123456789"), params().set("max-body", 9));
    EXPECT_EQ(result.finding("health.too-large").message,
              "more than 9 bytes, the rest was not read");
    EXPECT_THAT(run(Reply(200).body("012345678"), params().set("max-body", 9)).findings, IsEmpty());
}

TEST(Endpoint, WhatWasCutIsNotJudged) {
    const auto given = params()
                           .set("max-body", 9)
                           .set("body", "0123456789")
                           .list("contains", {"9"})
                           .table("json", {{"/ok", true}});
    const auto result = run(Reply(200).body("0123456789"), given);
    ASSERT_EQ(result.findings.size(), 1u) << result.to_string();
    EXPECT_EQ(result.findings[0].code, "health.too-large");
    EXPECT_FALSE(result.was_evaluated("health.body"));
    EXPECT_FALSE(result.was_evaluated("health.json"));
}

/// An https answer whose certificate ends so many days after the fake host's clock.
Result run_https(Reply reply, int days, Params given = Params()) {
    constexpr std::int64_t start = 1'767'225'600;  // 2026-01-01T00:00:00Z
    FakeHost host;
    host.answer("GET", "https://a.test/",
                reply.certificate({.subject = "CN=a.test",
                                   .issuer = "CN=ca",
                                   .names = {},
                                   .not_before_s = 0,
                                   .not_after_s = start + days * 86'400L + 3600,
                                   .pem = {}}));
    return host.run("endpoint", given.set("url", "https://a.test/"));
}

TEST(Endpoint, ACertificateThatEndsSoon) {
    const auto good = run_https(Reply(200), 21);
    EXPECT_THAT(good.findings, IsEmpty()) << good.to_string();
    EXPECT_TRUE(good.was_evaluated("health.certificate-ends"));
    EXPECT_EQ(good.facts.at("certificate_until"), triage::Any(std::string("2026-01-22")));
    EXPECT_EQ(good.metric("certificate-days"), 21.0);
    const auto soon = run_https(Reply(200), 20).finding("health.certificate-ends");
    EXPECT_EQ(soon.message, "the certificate ends on 2026-01-21, in 20 days");
    EXPECT_EQ(soon.weight, triage::Weight::warn);
    const auto sooner = run_https(Reply(200), 6).finding("health.certificate-ends");
    EXPECT_EQ(sooner.weight, triage::Weight::fail);
    EXPECT_FALSE(run_https(Reply(200), 6, Params().set("certificate-warn-days", 0))
                     .found("health.certificate-ends"));
}

TEST(Endpoint, ARedirectToHttp) {
    const auto status = Params().list("status", {200, 302});
    const auto to = [](const char* where) { return Reply(302).header("Location", where); };
    EXPECT_TRUE(run_https(to("http://a.test/"), 99, status).found("health.downgrade"));
    EXPECT_FALSE(run_https(to("https://b.test/"), 99, status).found("health.downgrade"));
    const auto followed =
        run_https(Reply(200).redirected_from({"https://a.test/x", "http://a.test/"}), 99,
                  Params().set("redirects", 3));
    EXPECT_EQ(followed.finding("health.downgrade").message,
              "redirected from https://a.test/x to http://a.test/");
    EXPECT_FALSE(run_https(Reply(200), 99).was_evaluated("health.downgrade"));
}

TEST(Endpoint, Headers) {
    const auto given =
        params()
            .list("require-header", {"x-request-id"})
            .table("expect-headers", {{"content-type", "text/plain"}, {"etag", "*"}});
    EXPECT_THAT(run(Reply(200)
                        .header("X-Request-Id", "abc")
                        .header("Content-Type", "text/plain")
                        .header("ETag", "1"),
                    given)
                    .findings,
                IsEmpty());
    const auto result = run(Reply(200).header("Content-Type", "text/html"), given);
    ASSERT_EQ(result.findings.size(), 3u);
    EXPECT_EQ(result.findings[0].message, "no header x-request-id, expected one");
    EXPECT_EQ(result.findings[1].message,
              "header content-type is \"text/html\", expected \"text/plain\"");
    EXPECT_EQ(result.findings[2].message, "no header etag, expected one");
}

TEST(Endpoint, Body) {
    EXPECT_THAT(run(Reply(200).body("ready"), params().set("body", "ready")).findings, IsEmpty());
    EXPECT_EQ(run(Reply(200).body("readyish"), params().set("body", "ready"))
                  .finding("health.body")
                  .message,
              "the body is not exactly \"ready\"");
    const auto given = params().list("contains", {"<title>", "missing"});
    EXPECT_EQ(run(Reply(200).body("<title>"), given).finding("health.body").message,
              "the body does not contain \"missing\"");
}

TEST(Endpoint, JsonThatIsRight) {
    const auto result = run(json_reply(), params()
                                              .table("json", {{"/ok", true},
                                                              {"/n", 3},
                                                              {"/n", 3.0},
                                                              {"/x", 0.5},
                                                              {"/deep/list/0", "a"},
                                                              {"/deep/list/1/b~1c", "d"}})
                                              .set("version-pointer", "/version"));
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_TRUE(result.was_evaluated("health.json"));
    EXPECT_EQ(result.facts.at("version"), triage::Any(std::string("1.2")));
}

TEST(Endpoint, JsonThatIsWrong) {
    const auto result =
        run(json_reply(),
            params().table("json", {{"/ok", "true"}, {"/n", 4}, {"/nope", 1}, {"/deep", true}}));
    ASSERT_EQ(result.findings.size(), 4u);
    EXPECT_EQ(result.findings[0].message, "/ok is true, expected \"true\"");
    EXPECT_EQ(result.findings[1].message, "/n is 3, expected 4");
    EXPECT_EQ(result.findings[2].message, "no value at /nope, expected 1");
    EXPECT_THAT(result.findings[3].message, HasSubstr("/deep is {\"list\":"));
}

TEST(Endpoint, JsonIsReadDownToADepthAndBelowNobodyCouldTell) {
    const auto nested = [](std::size_t levels) {
        const auto inner = levels - 1;  // one is the object around
        return R"({"ok":true,"a":)" + std::string(inner, '[') + std::string(inner, ']') + "}";
    };
    const auto given = params().table("json", {{"/ok", true}});
    EXPECT_EQ(run(Reply(200).body(nested(256)), given).error, std::nullopt);
    EXPECT_TRUE(run(Reply(200).body(nested(256)), given).was_evaluated("health.json"));
    const auto result = run(Reply(200).body(nested(257)), given);
    EXPECT_THAT(result.findings, IsEmpty()) << "it is JSON";
    EXPECT_FALSE(result.was_evaluated("health.json"));
    EXPECT_THAT(result.error.value_or(""), HasSubstr("nested more than 256 deep"));
    EXPECT_EQ(run(Reply(200).body(nested(257)), params().set("version-pointer", "/v")).error,
              std::nullopt)
        << "nothing of it was to be judged";
}

TEST(Endpoint, ABodyThatIsNoJson) {
    for (const auto* body : {"", "{\"ok\":tru", "{} {}", "\xff"}) {
        const auto result = run(Reply(200).body(body), params().table("json", {{"/ok", true}}));
        EXPECT_THAT(result.finding("health.json").message, HasSubstr("the body is not JSON: "));
    }
    const auto page =
        run(Reply(200).body("<html><title>UI</title>"), params().table("json", {{"/ok", true}}));
    EXPECT_EQ(page.finding("health.json").message,
              "the body is not JSON, but an HTML page titled \"UI\"");
}

TEST(Endpoint, Latency) {
    const auto given = params().set("warn-over", 100ms).set("fail-over", 1s);
    EXPECT_THAT(run(Reply(200).after(100ms), given).findings, IsEmpty());
    const auto slow = run(Reply(200).after(101ms), given);
    EXPECT_EQ(slow.finding("health.slow").message, "took 101 ms, expected at most 100 ms");
    EXPECT_FALSE(slow.found("health.too-slow"));
    EXPECT_TRUE(run(Reply(200).after(2s), given).found("health.too-slow"));
}

TEST(Endpoint, SendsWhatItIsTold) {
    FakeHost host;
    host.answer("HEAD", url, Reply(200));
    const auto result =
        host.run("endpoint", params()
                                 .set("method", "HEAD")
                                 .set("timeout", 7s)
                                 .set("redirects", 3)
                                 .table("headers", {{"X-Env", "test"}})
                                 .table("secret-headers", {{"Authorization", "Bearer canary-77"}}));
    const auto& request = result.requests.at(0);
    EXPECT_EQ(request.header("x-env"), "test");
    EXPECT_EQ(request.header("authorization"), "Bearer canary-77");
    EXPECT_EQ(request.timeout, 7s);
    EXPECT_EQ(request.max_redirects, 3u);
    EXPECT_THAT(result.violations, IsEmpty());
}

TEST(Endpoint, ParametersThatMakeNoSenseAreErrors) {
    const auto error = [](const Params& given) {
        FakeHost host;
        const auto result = host.run("endpoint", given);
        EXPECT_THAT(result.requests, IsEmpty());
        return result.error.value_or("");
    };
    EXPECT_THAT(error(params().set("method", "HEAD").set("body", "x")), HasSubstr("HEAD"));
}

TEST(Endpoint, CancelledMidway) {
    FakeHost host;
    host.answer("GET", url, Reply(200));
    const auto result = host.cancel_at(1).run("endpoint", params());
    EXPECT_TRUE(result.cancelled);
    EXPECT_THAT(result.violations, IsEmpty());
}

TEST(Endpoint, TheBuiltFileGivesTheSameResult) {
    FakeHost host(load_plugin(TRIAGE_PLUGIN_FILE));
    host.answer("GET", url, json_reply());
    const auto given = params().table("json", {{"/ok", false}});
    EXPECT_EQ(host.run("endpoint", given).to_string(), run(json_reply(), given).to_string());
}

}  // namespace
