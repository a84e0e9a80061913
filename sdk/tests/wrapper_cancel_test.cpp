/// Cancellation at every moment: nothing is left, and nothing is touched that is gone (the same
/// tests run under AddressSanitizer).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

#include "workbench.hpp"

using namespace triage::testing;
using namespace std::chrono_literals;
using testing::IsEmpty;

namespace {

struct Case {
    const char* check;
    Params params;
    int events;  // of an undisturbed run
};

void say_answers(FakeHost& host) {
    for (const auto* path : {"0", "1", "2", "3", "4", "body", "status"}) {
        host.answer("GET", std::string("http://a/") + path, Reply().body(path).after(100ms));
    }
    host.answer("GET", "http://a/stream", Reply().body("abcdef").chunk_size(2).gap(1ms));
}

class Cancelled : public testing::TestWithParam<Case> {};

TEST_P(Cancelled, AtEveryEvent) {
    const auto& given = GetParam();
    for (int event = 0; event < given.events; ++event) {
        FakeHost host;
        say_answers(host);
        const auto result = host.cancel_at(event).run(given.check, given.params);
        EXPECT_TRUE(result.cancelled) << "at event " << event;
        EXPECT_EQ(result.summary, std::nullopt);
        EXPECT_EQ(result.error, std::nullopt);
        EXPECT_THAT(result.violations, IsEmpty());
        EXPECT_EQ(workbench::frames_alive, 0) << "at event " << event;
    }
    FakeHost host;
    say_answers(host);
    const auto undisturbed = host.cancel_at(given.events).run(given.check, given.params);
    EXPECT_FALSE(undisturbed.cancelled);
    EXPECT_EQ(undisturbed.events, given.events);
}

INSTANTIATE_TEST_SUITE_P(, Cancelled,
                         testing::Values(Case{"get", Params().set("url", "http://a/0"), 2},
                                         Case{"many", Params().set("base", "http://a"), 7},
                                         Case{"pair", Params().set("base", "http://a"), 3},
                                         Case{"stream", Params().set("url", "http://a/stream"), 6},
                                         Case{"work", Params().set("text", "rows"), 3},
                                         Case{"sleeps", Params(), 3}),
                         [](const auto& param) { return std::string(param.param.check); });

TEST(Cancellation, TheDeadlineCancels) {
    FakeHost host;
    host.answer("GET", "http://a/", Reply::hang());
    const auto result = host.deadline(2s).run("get", Params().set("url", "http://a/"));
    EXPECT_TRUE(result.cancelled);
    EXPECT_EQ(result.duration, 2s);
    EXPECT_TRUE(result.requests.at(0).cancelled);
}

TEST(Cancellation, ABlockingCheckSeesIt) {
    FakeHost host;
    const auto result = host.cancel_at(5).run("blocking", Params().set("text", "loop"));
    EXPECT_EQ(result.finding("workbench.other").message, "5 rounds");
    EXPECT_TRUE(result.cancelled);
}

}  // namespace
