#include "../requests.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

#include "../codes.hpp"
#include "harness.hpp"

using namespace std::chrono_literals;
using testing::HasSubstr;
using triage::Weight;

namespace logs {
namespace {

/// A log of access lines, and what it means.
class Requests : public testing::Test {
protected:
    Requests() {
        params.min_requests = 20;
        params.share_warn = 0.01;
        params.share_fail = 0.05;
        params.rate_limited_warn = 0.01;
        params.unauthorized_warn = 0.8;
        params.slow_share_warn = 0.05;
        params.slow = 1s;
        params.zone = "UTC";
    }
    void add(int count, const std::string& path, int status,
             const std::string& client = "1.1.1.1") {
        for (int i = 0; i < count; ++i)
            log += "INFO:     " + client + ":5 - \"GET " + path + " HTTP/1.1\" " +
                   std::to_string(status) + " x\n";
    }
    triage::Judgement judge() {
        const auto patterns = RequestCounter::patterns().value();
        RequestCounter counter(patterns, params, test_reading(), {}, 0);
        counter.lines(log);
        triage::Judgement out;
        judge_requests(params, "app.log", counter, out);
        return out;
    }
    static std::vector<std::pair<std::string, Weight>> codes(const triage::Judgement& judgement) {
        std::vector<std::pair<std::string, Weight>> out;
        for (const auto& one : judgement.findings())
            out.emplace_back(std::string(one.code->name).substr(5), one.weight);
        return out;
    }
    std::vector<std::pair<std::string, Weight>> found() { return codes(judge()); }

    RequestsParams params;
    std::string log;
};

using Codes = std::vector<std::pair<std::string, Weight>>;

TEST_F(Requests, AllIsWell) {
    add(50, "/a", 200);
    add(5, "/a", 404);
    const auto judgement = judge();
    EXPECT_TRUE(judgement.findings().empty());
    EXPECT_EQ(judgement.summary(),
              "app.log: 55 requests, 0 with 5xx (0 %), 0 with 401 or 403, 0 with 429");
    EXPECT_TRUE(judgement.was_evaluated("logs.broad-5xx"));
    EXPECT_FALSE(judgement.was_evaluated("logs.slow-requests")) << "the lines say no durations";
}

TEST_F(Requests, OfFewNothingIsClaimed) {
    add(10, "/a", 500);
    EXPECT_TRUE(found().empty());
    EXPECT_FALSE(judge().was_evaluated("logs.broad-5xx"));
}

TEST(RequestsCheck, FewOrNoneAreNoFalseGreen) {
    triage::testing::FakeHost host;
    host.wall_clock(test_now);
    const auto folder =
        std::filesystem::temp_directory_path() / ("triage-requests-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const auto check = [&](const std::string& text) {
        const auto log = folder / "app.log", other = folder / "other.log";
        std::ofstream(log) << text;
        std::ofstream(other) << "hello\n";
        return host.run("requests", triage::testing::Params().list("files", {log, other}));
    };
    const auto few = check("INFO: 1.1.1.1:5 - \"GET /a HTTP/1.1\" 500 x\n");
    ASSERT_TRUE(few.found("logs.few-requests"));
    EXPECT_EQ(few.finding("logs.few-requests").weight, Weight::info);
    EXPECT_FALSE(few.was_evaluated("logs.broad-5xx"));
    EXPECT_THAT(*few.summary, HasSubstr("no request in 1 other source"));
    EXPECT_THAT(*check("hello\n").error, HasSubstr("no line tells of a request"));
    std::filesystem::remove_all(folder);
}

TEST_F(Requests, BroadIsToldFromOneRoute) {
    add(90, "/healthz", 200, "1.1.1.1");
    add(10, "/a", 500, "1.1.1.2");
    EXPECT_EQ(found(), (Codes{{"client-errors", Weight::warn}})) << "of one client only";
    add(10, "/a", 500, "1.1.1.3");
    EXPECT_EQ(found(), (Codes{{"route-5xx", Weight::fail}}));
    add(10, "/b", 500, "1.1.1.2");
    add(10, "/c", 500, "1.1.1.3");
    EXPECT_EQ(found(), (Codes{{"broad-5xx", Weight::fail}}));
    EXPECT_THAT(judge().findings()[0].message,
                HasSubstr("40 of 130 requests (30.8 %) end with 5xx"));
    EXPECT_EQ(judge().findings()[0].evidence[1].second,
              "GET /a: 20 of 20\nGET /b: 10 of 10\nGET /c: 10 of 10");
}

TEST_F(Requests, FewFailuresAreAWarning) {
    for (const auto* client : {"1.1.1.1", "1.1.1.2"}) {
        add(96, "/a", 200, client);
        add(2, "/a", 503, client);
    }
    EXPECT_EQ(found(), (Codes{{"route-5xx", Weight::warn}}));
}

TEST_F(Requests, ARouteThatIsDownIsSeenAmongMany) {
    add(5000, "/healthz", 200);
    add(10, "/rare", 500, "1.1.1.2");
    add(10, "/rare", 500, "1.1.1.3");
    EXPECT_EQ(found(), (Codes{{"route-5xx", Weight::fail}}));
}

TEST_F(Requests, RefusedOnes) {
    add(90, "/a", 401);
    add(10, "/a", 429);
    EXPECT_EQ(found(), (Codes{{"rate-limited", Weight::warn}, {"unauthorized", Weight::warn}}));
}

TEST_F(Requests, ARequestThatIsLoggedTwiceCountsOnce) {
    add(30, "/a", 200);
    for (int i = 0; i < 25; ++i)
        log +=
            "2026-11-26 11:59:00,000 INFO app http.request.complete method=GET path=/a "
            "status_code=200 duration_ms=2500 client_ip=1.1.1.1 request_id=1\n";
    EXPECT_THAT(judge().summary(), HasSubstr("30 requests"));
    EXPECT_EQ(found(), (Codes{{"slow-requests", Weight::warn}})) << "of the form that says it";
}

TEST_F(Requests, IgnoredRoutesDoNotCount) {
    add(30, "/a", 500);
    add(30, "/b", 200);
    params.ignore_routes = {"/a"};
    EXPECT_TRUE(found().empty());
}

TEST_F(Requests, RoutesAndClientsAreBounded) {
    for (int i = 0; i < 3000; ++i)
        add(1,
            "/x" + std::string(1, static_cast<char>('a' + i % 26)) +
                std::string(static_cast<std::size_t>(i / 26), 'y'),
            200, "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250));
    EXPECT_TRUE(found().empty());
}

}  // namespace
}  // namespace logs
