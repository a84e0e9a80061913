/// Which code a request without a complete response is.
#include <gtest/gtest.h>
#include <triage/plugin.hpp>
#include <triage/transport.hpp>

namespace {

using triage::Code;
using triage::Weight;

constexpr Code dns{"x.dns", Weight::fail, "dns", ""}, refused{"x.refused", Weight::fail, "", ""},
    unreachable{"x.unreachable", Weight::fail, "", ""}, tls{"x.tls", Weight::fail, "", ""},
    no_answer{"x.no-answer", Weight::fail, "", ""}, closed{"x.closed", Weight::fail, "", ""},
    not_http{"x.not-http", Weight::fail, "", ""}, bad_http{"x.bad-http", Weight::fail, "", ""},
    redirect{"x.redirect", Weight::fail, "", ""};

constexpr triage::TransportCodes codes(const Code* of_redirects) {
    return {.dns = dns,
            .refused = refused,
            .unreachable = unreachable,
            .tls = tls,
            .no_answer = no_answer,
            .closed = closed,
            .not_http = not_http,
            .bad_http = bad_http,
            .redirect = of_redirects};
}

std::string code_of(std::uint32_t failure, std::uint32_t status = 0, bool follows = true) {
    triage_http_response abi{};
    abi.size = sizeof abi;
    abi.status = status;
    abi.failure = failure;
    const auto response = triage::detail::to_response(abi, std::chrono::seconds(1));
    return codes(follows ? &redirect : nullptr).of(response).name;
}

TEST(Transport, EachFailureHasItsCode) {
    EXPECT_EQ(code_of(TRIAGE_HTTP_RESOLVE), "x.dns");
    EXPECT_EQ(code_of(TRIAGE_HTTP_REFUSED), "x.refused");
    EXPECT_EQ(code_of(TRIAGE_HTTP_UNREACHABLE), "x.unreachable");
    EXPECT_EQ(code_of(TRIAGE_HTTP_TLS), "x.tls");
    EXPECT_EQ(code_of(TRIAGE_HTTP_TIMEOUT), "x.no-answer");
    EXPECT_EQ(code_of(TRIAGE_HTTP_CLOSED, 200), "x.closed");
    EXPECT_EQ(code_of(TRIAGE_HTTP_PROTOCOL), "x.not-http");
    EXPECT_EQ(code_of(TRIAGE_HTTP_PROTOCOL, 200), "x.bad-http");
    EXPECT_EQ(code_of(TRIAGE_HTTP_REDIRECTS, 302), "x.redirect");
    EXPECT_EQ(code_of(TRIAGE_HTTP_REDIRECTS, 302, false), "x.bad-http");
}

TEST(Transport, AreDeclaredTogether) {
    EXPECT_EQ(codes(nullptr).with().size(), 8U);
    const auto all = codes(&redirect).with({{"x.own", Weight::warn, "", ""}});
    ASSERT_EQ(all.size(), 10U);
    EXPECT_STREQ(all.front().name, "x.dns");
    EXPECT_STREQ(all.back().name, "x.own");
}

}  // namespace
