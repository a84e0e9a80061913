/// Who answered: error pages as these programs write them, and what must not be taken for one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

using namespace triage::testing;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

constexpr const char* url = "http://api.test/healthz";

Result ask(const Reply& reply, Params params = Params()) {
    FakeHost host;
    host.answer("GET", url, reply);
    auto result =
        host.run("endpoint", params.set("url", url).list("require-header", {"x-request-id"}));
    EXPECT_THAT(result.violations, IsEmpty());
    return result;
}

struct Page {
    const char* name;
    Reply reply;
};

class ErrorPage : public testing::TestWithParam<Page> {};

TEST_P(ErrorPage, NamesItsMaker) {
    const auto result = ask(GetParam().reply, Params().table("json", {{"/ok", true}}));
    ASSERT_EQ(result.findings.size(), 1u) << "its body and headers are not the service's";
    EXPECT_EQ(result.findings[0].code, "health.status");
    EXPECT_THAT(result.findings[0].message,
                HasSubstr(std::string(": made by a proxy (") + GetParam().name + ": "));
    EXPECT_THAT(result.findings[0].remedy, HasSubstr("without the proxy"));
}

INSTANTIATE_TEST_SUITE_P(
    , ErrorPage,
    testing::Values(
        Page{"nginx", Reply(502).body("<hr><center>nginx/1.22.1</center>\r\n</body>")},
        Page{"HAProxy", Reply(503).body("<html><body><h1>503 Service Unavailable</h1>\nNo server "
                                        "is available to handle this request.\n</body></html>")},
        Page{"HAProxy", Reply(504).body("<html><body><h1>504 Gateway Time-out</h1>\nThe server "
                                        "didn't respond in time.\n</body></html>")},
        Page{"Envoy", Reply(503).body("upstream connect error or disconnect/reset before headers. "
                                      "reset reason: connection failure")},
        Page{"Traefik", Reply(503).body("no available server\n")},
        Page{"Traefik or another one in Go", Reply(502).body("Bad Gateway")},
        Page{"Caddy", Reply(502).header("server", "Caddy")},
        Page{"Cloudflare", Reply(502).header("server", "cloudflare").body("error code: 502")},
        Page{"Cloudflare", Reply(522).header("server", "cloudflare").body("<html>")},
        Page{"AWS load balancer", Reply(503).header("server", "awselb/2.0").body("<html>")},
        Page{"Apache", Reply(502).body("<p>The proxy server received an invalid\r\nresponse")},
        Page{"Varnish", Reply(503).body("<h3>Guru Meditation:</h3>")},
        Page{"Squid", Reply(503).header("x-squid-error", "ERR_CONNECT_FAIL 111")}));

TEST(Maker, TheApplicationIsKnownByItsMark) {
    const auto finding =
        ask(Reply(503).header("x-request-id", "f0c4").header("server", "nginx").body("{}"))
            .finding("health.status");
    EXPECT_EQ(finding.message,
              "HTTP 503, expected 200: made by the application (it has x-request-id)");
    EXPECT_EQ(finding.evidence_of("x-request-id"), "f0c4");
    EXPECT_EQ(finding.evidence_of("server"), "nginx");
}

TEST(Maker, NobodyIsNamedWithoutASign) {
    for (const auto& reply :
         {Reply(502).header("server", "nginx").body("{\"detail\":\"x\"}"),
          Reply(500).body("Bad Gateway"), Reply(502).header("via", "1.1 edge"), Reply(404)}) {
        const auto finding = ask(reply).finding("health.status");
        EXPECT_THAT(finding.message, Not(HasSubstr("made by"))) << finding.message;
    }
    EXPECT_EQ(ask(Reply(502).header("via", "1.1 edge")).finding("health.status").evidence_of("via"),
              "1.1 edge");
}

TEST(Maker, APageThatIsWantedIsLookedAt) {
    const auto result = ask(Reply(404).body("<center>nginx</center>"),
                            Params().list("status", {404}).list("contains", {"lost"}));
    EXPECT_TRUE(result.found("health.body"));
    EXPECT_TRUE(result.found("health.header"));
}

}  // namespace
