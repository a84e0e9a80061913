#include "core/model/verdict.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace triage::model {
namespace {

using enum Verdict;
constexpr Verdict all_verdicts[] = {pass, warn, fail, error, blocked, skip};

struct Row {
    std::vector<Verdict> verdicts;
    Verdict overall;
    int code;
};

class Overall : public testing::TestWithParam<Row> {};

TEST_P(Overall, IsComputedFromEveryVerdict) {
    EXPECT_EQ(overall(GetParam().verdicts), GetParam().overall);
    EXPECT_EQ(exit_code(overall(GetParam().verdicts), false), GetParam().code);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Overall,
    testing::Values(
        Row{{}, error, 3},                 // nothing was selected
        Row{{skip}, error, 3},             // nothing was looked at
        Row{{skip, skip}, error, 3},       //
        Row{{pass}, pass, 0},              //
        Row{{pass, pass, skip}, pass, 0},  // a skip says why it is none of our business
        Row{{warn}, warn, 0},              //
        Row{{pass, warn, skip}, warn, 0},  //
        Row{{error}, error, 3},            //
        Row{{pass, error}, error, 3},      // error + pass is not pass
        Row{{warn, error}, error, 3},      //
        Row{{blocked}, error, 3},          //
        Row{{pass, blocked}, error, 3},    //
        Row{{skip, blocked}, error, 3},    //
        Row{{fail}, fail, 1},              //
        Row{{error, fail}, fail, 1},       // something is bad: that counts more than not knowing
        Row{{fail, blocked, error, warn, pass, skip}, fail, 1}));

// Every pair, both ways: order is irrelevant, and the worse one decides.
TEST(Overall, OfPairsIsTheWorseOne) {
    const auto rank = [](Verdict verdict) {
        return verdict == fail                          ? 4
               : verdict == error || verdict == blocked ? 3
               : verdict == warn                        ? 2
               : verdict == pass                        ? 1
                                                        : 0;
    };
    constexpr Verdict by_rank[] = {error, pass, warn, error, fail};
    for (const auto a : all_verdicts) {
        for (const auto b : all_verdicts) {
            const Verdict ab[] = {a, b};
            const Verdict ba[] = {b, a};
            EXPECT_EQ(overall(ab), by_rank[std::max(rank(a), rank(b))]) << name(a) << name(b);
            EXPECT_EQ(overall(ab), overall(ba)) << name(a) << name(b);
        }
    }
}

TEST(ExitCode, IsThatOfTheInterruptionWhateverIsKnown) {
    for (const auto verdict : all_verdicts)
        EXPECT_EQ(exit_code(verdict, true), 130);
}

TEST(ExitCode, OfAVerdictThatNoRunHasIsUnknown) {
    EXPECT_EQ(exit_code(blocked, false), 3);
    EXPECT_EQ(exit_code(skip, false), 3);
}

TEST(Verdict, NamesGoBothWays) {
    for (const auto verdict : all_verdicts)
        EXPECT_EQ(verdict_from(name(verdict)), verdict);
    EXPECT_EQ(verdict_from("passed"), std::nullopt);
    EXPECT_EQ(verdict_from(""), std::nullopt);
}

TEST(Weight, HasNames) {
    EXPECT_EQ(name(Weight::info), "info");
    EXPECT_EQ(name(Weight::warn), "warn");
    EXPECT_EQ(name(Weight::fail), "fail");
}

}  // namespace
}  // namespace triage::model
