/// One page and one API under the fake host, for the tests of cors.policy.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

namespace cors::test {

using triage::testing::FakeHost;
using triage::testing::Params;
using triage::testing::Reply;
using triage::testing::ReportedFinding;
using triage::testing::Result;

inline const std::string api = "https://api.test";
inline const std::string page = "https://app.example.com";

/// What Starlette's CORSMiddleware answers to an origin that it knows.
inline Reply preflight(const std::string& origin = page) {
    return Reply(200)
        .header("access-control-allow-origin", origin)
        .header("access-control-allow-methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT")
        .header("access-control-allow-headers", "authorization,content-type")
        .header("access-control-allow-credentials", "true")
        .header("access-control-max-age", "600")
        .header("vary", "Origin");
}
inline Reply answer(int status = 401, const std::string& origin = page) {
    return Reply(status)
        .header("access-control-allow-origin", origin)
        .header("access-control-allow-credentials", "true")
        .header("access-control-expose-headers", "X-Total-Count")
        .header("vary", "Origin");
}
inline Reply to_a_stranger(int status = 401) {
    return Reply(status).header("access-control-allow-credentials", "true");
}

/// One page and one API. GETs are asked in this order: the page's, the control's, near misses'.
struct Stage {
    std::vector<Reply> preflights{preflight()};
    std::vector<Reply> gets{answer(), to_a_stranger()};
    Params params =
        Params().list("api", {api}).list("origins", {page + "/"}).set("path", "/v1/things");

    Result run() {
        FakeHost host;
        for (const auto& reply : preflights)
            host.answer("OPTIONS", api + "/v1/things", reply);
        for (const auto& reply : gets)
            host.answer("GET", api + "/v1/things", reply);
        auto result = host.run("policy", params);
        EXPECT_THAT(result.violations, testing::IsEmpty());
        return result;
    }
    /// The only finding.
    ReportedFinding only() {
        const auto result = run();
        EXPECT_THAT(result.findings, testing::SizeIs(1)) << result.to_string();
        return result.findings.empty() ? ReportedFinding() : result.findings[0];
    }
};

}  // namespace cors::test
