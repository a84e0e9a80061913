/// The plain values of the SDK: URLs, endpoints, text, responses' sentences.
#include <gtest/gtest.h>
#include <triage/http.hpp>
#include <triage/text.hpp>
#include <triage/types.hpp>

using namespace std::chrono_literals;
using triage::Url;

namespace {

TEST(Url, Parts) {
    EXPECT_EQ(Url("http://h:8000/a?b").origin(), "http://h:8000");
    EXPECT_EQ(Url("https://h").host_port(), "h:443");
    EXPECT_EQ(Url("http://user:pw@h/x").host_port(), "h:80");
    EXPECT_EQ(Url("http://[::1]/x").host_port(), "[::1]:80");
    EXPECT_EQ(Url("http://[::1]:81/x").host_port(), "[::1]:81");
}

TEST(Url, Join) {
    EXPECT_EQ(Url("http://h").join("/a").str(), "http://h/a");
    EXPECT_EQ(Url("http://h//").join("a").str(), "http://h/a");
    EXPECT_EQ(Url("http://h/api/?x=1").join("/a?y=2").str(), "http://h/api/a?y=2");
}

TEST(Endpoint, Parts) {
    EXPECT_EQ(triage::Endpoint("db:5432").host(), "db");
    EXPECT_EQ(triage::Endpoint("db:5432").port(), "5432");
    EXPECT_EQ(triage::Endpoint("[::1]:5432").host(), "::1");
}

TEST(HttpDate, IsReadStrictly) {
    const auto read = triage::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->time_since_epoch(), 784111777s);
    for (const auto* none : {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
                             "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMTx",
                             "1994-11-06T08:49:37Z", "Sun, 31 Feb 1994 08:49:37 GMT",
                             "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Xyz 1994 08:49:37 GMT",
                             "Sun, 06 anF 1994 08:49:37 GMT", "Sun, -6 Nov 1994 08:49:37 GMT"})
        EXPECT_FALSE(triage::parse_http_date(none)) << none;
}

TEST(Text, Durations) {
    EXPECT_EQ(triage::to_text(850us), "850 us");
    EXPECT_EQ(triage::to_text(1500us), "1.5 ms");
    EXPECT_EQ(triage::to_text(12340us), "12 ms");
    EXPECT_EQ(triage::to_text(3s), "3 s");
    EXPECT_EQ(triage::to_text(999'700us), "1 s");
    EXPECT_EQ(triage::to_text(90s), "90 s");
    EXPECT_EQ(triage::to_text(10min), "10 min");
    EXPECT_EQ(triage::to_text(-3s), "-3 s");
}

TEST(Text, RunbookDurationsAreExact) {
    EXPECT_EQ(triage::runbook_duration(0us), "0s");
    EXPECT_EQ(triage::runbook_duration(1500ms), "1500ms");
    EXPECT_EQ(triage::runbook_duration(120s), "2m");
    EXPECT_EQ(triage::runbook_duration(7us), "7us");
}

TEST(Text, ExcerptCutsAtACharacter) {
    EXPECT_EQ(triage::excerpt("abc", 3), "abc");
    EXPECT_EQ(triage::excerpt("abcd", 3), "abc…");
    EXPECT_EQ(triage::excerpt("ab\xC3\xA4x", 3), "ab…");
}

triage::Response response(triage::Failure failure, triage::Phase phase, const char* detail = "") {
    triage_http_response abi{};
    abi.size = sizeof abi;
    abi.failure = static_cast<std::uint32_t>(failure);
    abi.phase = static_cast<std::uint32_t>(phase);
    abi.url = triage::to_abi("https://h/x");
    abi.detail = triage::to_abi(detail);
    return triage::detail::to_response(abi, 3s);
}

struct Sentence {
    triage::Failure failure;
    triage::Phase phase;
    const char* detail;
    const char* sentence;
};

class Describes : public testing::TestWithParam<Sentence> {};

TEST_P(Describes, WhatHappened) {
    const auto& [failure, phase, detail, sentence] = GetParam();
    EXPECT_EQ(response(failure, phase, detail).describe(), sentence);
}

using triage::Failure;
using triage::Phase;
INSTANTIATE_TEST_SUITE_P(
    , Describes,
    testing::Values(
        Sentence{Failure::resolve, Phase::resolve, "NXDOMAIN", "no address for h:443: NXDOMAIN"},
        Sentence{Failure::refused, Phase::connect, "", "connection refused by h:443"},
        Sentence{Failure::unreachable, Phase::connect, "no route to host",
                 "cannot reach h:443: no route to host"},
        Sentence{Failure::timeout, Phase::resolve, "",
                 "no answer within 3 s (waiting for the name to be resolved)"},
        Sentence{Failure::timeout, Phase::connect, "",
                 "no answer within 3 s (waiting for the connection)"},
        Sentence{Failure::timeout, Phase::tls, "",
                 "no answer within 3 s (connected, waiting for the TLS handshake)"},
        Sentence{Failure::timeout, Phase::body, "",
                 "no complete answer within 3 s (the head was still arriving)"},
        Sentence{Failure::tls, Phase::tls, "certificate has expired",
                 "TLS with h:443 failed: certificate has expired"},
        Sentence{Failure::closed, Phase::first_byte, "",
                 "connection closed by h:443 before the answer was complete (0 bytes of body)"},
        Sentence{Failure::protocol, Phase::first_byte, "", "what h:443 sent is not HTTP"},
        Sentence{Failure::protocol, Phase::body, "h:443 sent more than 500 response headers",
                 "h:443 sent more than 500 response headers"},
        Sentence{Failure::redirects, Phase::body, "",
                 "gave up after 0 redirects, the last to "
                 "https://h/x"},
        Sentence{Failure::redirects, Phase::body, "https://h/x redirects to itself",
                 "https://h/x redirects to itself"},
        Sentence{Failure::denied, Phase::queue, "POST needs a grant",
                 "not allowed: POST needs a grant"},
        Sentence{Failure::local, Phase::queue, "too many open files", "too many open files"}));

TEST(Response, ShowsHowWhatIsNoHttpStarts) {
    triage_http_response abi{};
    abi.size = sizeof abi;
    abi.failure = TRIAGE_HTTP_PROTOCOL;
    abi.detail = triage::to_abi("h:22 does not speak HTTP");
    const auto body = "SSH-2.0 " + std::string(100, 'x') + "\r\nPassword:";
    abi.body = triage::to_abi(body);
    EXPECT_EQ(triage::detail::to_response(abi, 3s).describe(),
              "h:22 does not speak HTTP: its answer starts with \"SSH-2.0 " + std::string(56, 'x') +
                  "…\"");
    abi.status = 200;
    EXPECT_EQ(triage::detail::to_response(abi, 3s).describe(), "h:22 does not speak HTTP");
}

TEST(Response, OnlyTheTargetsFailuresAreTheTargets) {
    for (const auto failure :
         {Failure::denied, Failure::local, Failure::bad_request, Failure::cancelled}) {
        EXPECT_TRUE(response(failure, Phase::queue).could_not_ask());
    }
    for (const auto failure :
         {Failure::none, Failure::resolve, Failure::refused, Failure::unreachable, Failure::timeout,
          Failure::tls, Failure::closed, Failure::protocol, Failure::redirects}) {
        EXPECT_FALSE(response(failure, Phase::queue).could_not_ask());
    }
}

}  // namespace
