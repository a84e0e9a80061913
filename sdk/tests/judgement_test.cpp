#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/judgement.hpp>

namespace {

using triage::Judgement;
using triage::Weight;

constexpr triage::Code many{"work.many", Weight::fail, "Too many", "End some"};
constexpr triage::Code other{"work.other", Weight::warn, "Another", "Look"};

TEST(Judgement, FindsFromALimitOn) {
    Judgement out;
    EXPECT_EQ(out.over(many, 9, 10, 20, "jobs", "9 jobs"), nullptr);
    EXPECT_EQ(out.over(many, 10, 10, 20, "jobs", "10 jobs")->weight, Weight::warn);
    EXPECT_EQ(out.over(many, 20, 10, 20, "jobs", "20 jobs")->weight, Weight::fail);
    EXPECT_EQ(out.over(many, 25, 30, 20, "jobs", "25 jobs")->weight, Weight::fail);
    EXPECT_EQ(out.findings().size(), 3);
}

TEST(Judgement, KnowsWhatWasLookedFor) {
    Judgement out;
    EXPECT_FALSE(out.was_evaluated("work.many"));
    EXPECT_FALSE(out.has_looked());
    out.evaluated(many);
    EXPECT_EQ(out.found(other, "it", "is there").weight, Weight::warn);
    EXPECT_TRUE(out.was_evaluated("work.many"));
    EXPECT_TRUE(out.has_looked());
    EXPECT_TRUE(out.was_evaluated("work.other"));
}

TEST(Judgement, SaysItsPartsAndWhatCouldNotBeTold) {
    Judgement out;
    EXPECT_EQ(out.summary(), "");
    out.say("one");
    out.say("two");
    EXPECT_EQ(out.summary(), "one; two");
    out.could_not_tell("no right to look");
    EXPECT_EQ(out.outcome().text(), "one; two; no right to look");
}

}  // namespace
