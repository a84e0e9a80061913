/// self.clock: what the kernel's state and other machines' clocks mean.
#include "../clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using triage::Weight;
using triage::testing::FakeHost;
using triage::testing::Params;
using triage::testing::Reply;

namespace self {
namespace {

constexpr ClockLimits limits{true, 2s, 10s};
const KernelClock synchronised{"", true, 3ms};

Reading reading(const std::string& host, std::chrono::microseconds ahead) {
    return {host, "", false, ahead, 500ms};
}

std::vector<std::string> clock_codes_of(const triage::Judgement& judgement) {
    std::vector<std::string> out;
    for (const auto& one : judgement.findings())
        out.emplace_back(one.code->name);
    return out;
}

TEST(Clock, IsWarnedOfIfNothingKeepsIt) {
    auto judgement = judge_clock(limits, {"", false, 16s}, {});
    ASSERT_THAT(clock_codes_of(judgement), ElementsAre("self.clock-unsynchronised"));
    EXPECT_EQ(judgement.findings()[0].weight, Weight::warn);
    judgement = judge_clock({false, 2s, 10s}, {"", false, 16s}, {});
    EXPECT_EQ(judgement.findings()[0].weight, Weight::info);
    judgement = judge_clock(limits, synchronised, {});
    EXPECT_THAT(clock_codes_of(judgement), IsEmpty());
    EXPECT_EQ(judgement.summary(), "synchronised, estimated error 3 ms");
}

TEST(Clock, OfWhichNothingIsKnownIsNoPass) {
    const KernelClock hidden{"Operation not permitted", false, 0s};
    Reading silent{"a.test", "connection refused by 192.0.2.1:80"};
    const auto judgement = judge_clock(limits, hidden, {silent});
    EXPECT_FALSE(outcome_of(judgement).told());
    EXPECT_THAT(outcome_of(judgement).text(), HasSubstr("Operation not permitted"));
    EXPECT_THAT(outcome_of(judgement).text(),
                HasSubstr("a.test did not tell the time: connection"));
    EXPECT_TRUE(judge_clock(limits, hidden, {reading("a.test", 0s)}).outcome().told());
}

TEST(Clock, IsWrongIfSeveralOthersAgreeThatItIs) {
    auto judgement =
        judge_clock(limits, synchronised, {reading("a.test", -61s), reading("b.test", -60s)});
    ASSERT_THAT(clock_codes_of(judgement), ElementsAre("self.clock-wrong"));
    EXPECT_EQ(judgement.findings()[0].weight, Weight::fail);
    EXPECT_THAT(judgement.findings()[0].message,
                HasSubstr("its clock is 60 s behind, say a.test and b.test"));
    judgement = judge_clock(limits, synchronised, {reading("a.test", 4s), reading("b.test", 4s)});
    EXPECT_EQ(judgement.findings()[0].weight, Weight::warn) << "less than skew-fail";
}

TEST(Clock, OfASingleServerMayBeTheWrongOne) {
    auto judgement = judge_clock(limits, synchronised, {reading("a.test", 90s)});
    ASSERT_THAT(clock_codes_of(judgement), ElementsAre("self.clock-differs"));
    EXPECT_EQ(judgement.findings()[0].weight, Weight::warn);
    EXPECT_FALSE(judgement.was_evaluated("self.clock-wrong"));
    judgement = judge_clock(limits, synchronised, {reading("a.test", 90s), reading("a.test", 90s)});
    EXPECT_THAT(clock_codes_of(judgement), ElementsAre("self.clock-differs")) << "one host";
}

TEST(Clock, IsNotCalledWrongWhereOthersDisagree) {
    const std::vector<Reading> third_agrees_with_us{reading("a.test", 60s), reading("b.test", 60s),
                                                    reading("c.test", 0s)};
    EXPECT_THAT(clock_codes_of(judge_clock(limits, synchronised, third_agrees_with_us)),
                ElementsAre("self.clock-differs", "self.clock-differs"));
    const std::vector<Reading> apart{reading("a.test", 60s), reading("b.test", -60s)};
    EXPECT_THAT(clock_codes_of(judge_clock(limits, synchronised, apart)),
                ElementsAre("self.clock-differs", "self.clock-differs"));
}

TEST(Clock, IsComparedAsFarAsTheHeaderTells) {
    auto near = reading("a.test", 2400ms);
    EXPECT_THAT(clock_codes_of(judge_clock(limits, synchronised, {near})), IsEmpty());
    near.give = 100ms;
    EXPECT_THAT(clock_codes_of(judge_clock(limits, synchronised, {near})),
                ElementsAre("self.clock-differs"));
}

TEST(Clock, OfThisMachineIsNotCalledRightByItself) {
    auto own = reading("127.0.0.1", 0s);
    own.own = true;
    auto judgement = judge_clock(limits, synchronised, {own});
    EXPECT_FALSE(judgement.was_evaluated("self.clock-differs"));
    EXPECT_THAT(judgement.summary(), HasSubstr("is on this machine, and has the same clock"));
    own.ahead = 60s;  // a tunnel, then
    EXPECT_THAT(clock_codes_of(judge_clock(limits, synchronised, {own})),
                ElementsAre("self.clock-differs"));
}

/// Under the fake host, whose clock stands at 2026-01-01T00:00:00Z.
triage::testing::Result ask(const std::string& date_a, const Reply& b) {
    FakeHost host;
    host.answer("HEAD", "https://a.test/", Reply(200).header("Date", date_a).after(200ms));
    host.answer("HEAD", "https://b.test/", b);
    auto result = host.run("clock", Params().list("urls", {"https://a.test/", "https://b.test/"}));
    EXPECT_THAT(result.violations, IsEmpty());
    return result;
}

TEST(Clock, IsComparedWithDateHeaders) {
    const std::string now = "Thu, 01 Jan 2026 00:00:00 GMT",
                      later = "Thu, 01 Jan 2026 00:00:30 GMT";
    auto result = ask(now, Reply(405).header("date", now));
    EXPECT_TRUE(result.was_evaluated("self.clock-wrong"));
    EXPECT_FALSE(result.found("self.clock-wrong"));
    EXPECT_FALSE(result.found("self.clock-differs"));
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("agrees with a.test and b.test"));
    EXPECT_TRUE(result.metric("skew"));

    result = ask(later, Reply(200).header("date", later));
    EXPECT_THAT(result.finding("self.clock-wrong").message, HasSubstr("30 s behind"));
    EXPECT_EQ(result.finding("self.clock-wrong").weight, Weight::fail);
}

TEST(Clock, SaysWhoDidNotTell) {
    const std::string now = "Thu, 01 Jan 2026 00:00:00 GMT";
    for (const auto& [reply, words] : {
             std::pair(Reply::failed(triage::Failure::refused), "connection refused"),
             std::pair(Reply(200), "no Date header"),
             std::pair(Reply(200).header("Date", "soon"), "cannot be read"),
             std::pair(Reply(200).header("Date", now).header("Age", "9"), "from a cache"),
         }) {
        const auto result = ask(now, reply);
        EXPECT_THAT(result.summary.value_or(""), HasSubstr(words));
        EXPECT_FALSE(result.was_evaluated("self.clock-wrong"));
    }
}

}  // namespace
}  // namespace self
