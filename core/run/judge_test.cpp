#include "core/run/judge.hpp"

#include <gmock/gmock.h>

namespace triage::run {
namespace {

using model::Verdict;
using model::Weight;
using testing::HasSubstr;

model::CheckInfo declares_a_code() {
    model::CheckInfo check;
    check.codes.push_back({.name = "t.down", .weight = Weight::fail, .doc = "", .remedy = ""});
    return check;
}

plugin::Outcome outcome_with(std::initializer_list<Weight> weights) {
    plugin::Outcome outcome;
    outcome.summary = "measured";
    outcome.evaluated = {0};
    for (const auto weight : weights) {
        outcome.findings.push_back({.code = "t.down",
                                    .weight = weight,
                                    .subject = "x",
                                    .message = "m",
                                    .remedy = "",
                                    .evidence = {}});
    }
    return outcome;
}

Verdict verdict_of(plugin::Outcome outcome) { return judge(outcome, declares_a_code()); }

TEST(Judge, TheWorstFindingDecides) {
    EXPECT_EQ(verdict_of(outcome_with({})), Verdict::pass);
    EXPECT_EQ(verdict_of(outcome_with({Weight::info})), Verdict::pass);
    EXPECT_EQ(verdict_of(outcome_with({Weight::info, Weight::warn})), Verdict::warn);
    EXPECT_EQ(verdict_of(outcome_with({Weight::fail, Weight::warn})), Verdict::fail);
}

TEST(Judge, AnErrorIsNeverAPassOrAWarning) {
    auto outcome = outcome_with({Weight::warn});
    outcome.error = "could not look";
    EXPECT_EQ(verdict_of(outcome), Verdict::error);
}

TEST(Judge, WhatIsKnownToBeBadStaysBad) {
    auto outcome = outcome_with({Weight::fail});
    outcome.error = "could not look at the rest";
    EXPECT_EQ(verdict_of(outcome), Verdict::fail);
}

TEST(Judge, APassThatLookedAtNothingIsAnError) {
    plugin::Outcome outcome;
    outcome.summary = "all good, honestly";
    EXPECT_EQ(judge(outcome, declares_a_code()), Verdict::error);
    EXPECT_THAT(outcome.error, HasSubstr("without having looked"));
    plugin::Outcome facts_only;
    EXPECT_EQ(judge(facts_only, model::CheckInfo{}), Verdict::pass)
        << "declares no codes: only learns facts";
}

TEST(Tally, ShowsTheFailureOfAFlappingCheck) {
    const runbook::Attempts attempts{.count = 3, .pass = 2, .interval = {}};
    Tally tally(attempts);
    tally.add(Verdict::fail, outcome_with({Weight::fail}));
    tally.add(Verdict::pass, outcome_with({}));
    EXPECT_FALSE(tally.decided());
    tally.add(Verdict::pass, outcome_with({}));
    EXPECT_TRUE(tally.decided());
    EXPECT_EQ(tally.verdict(), Verdict::warn);
    EXPECT_EQ(tally.shown().findings.size(), 1U);
}

TEST(Tally, FailureOutweighsNotKnowing) {
    const runbook::Attempts attempts{.count = 2, .pass = 1, .interval = {}};
    Tally tally(attempts);
    tally.add(Verdict::fail, outcome_with({Weight::fail}));
    tally.add(Verdict::error, {});
    EXPECT_EQ(tally.verdict(), Verdict::fail);
}

class FillTest : public testing::Test {
protected:
    model::CheckResult fill_with(plugin::Outcome outcome) {
        Tally tally(check_.attempts);
        const auto verdict = judge(outcome, declares_a_code());
        tally.add(verdict, std::move(outcome));
        model::CheckResult result;
        fill(result, tally, check_, redactor_);
        return result;
    }
    runbook::Check check_;
    redact::Redactor redactor_;
};

TEST_F(FillTest, AFailureThatSometimesPassesIsToldFromASteadyOne) {
    check_.attempts = {.count = 3, .pass = 2, .interval = {}};
    Tally tally(check_.attempts);
    auto down = outcome_with({Weight::fail});
    down.summary = "refused";
    tally.add(Verdict::fail, down);
    tally.add(Verdict::pass, outcome_with({}));
    tally.add(Verdict::fail, down);
    model::CheckResult result;
    fill(result, tally, check_, redactor_);
    EXPECT_EQ(result.verdict, Verdict::fail);
    EXPECT_EQ(result.summary.str(), "flapping, 1 of 3 attempts passed: refused");
    EXPECT_EQ(result.findings.at(0).weight, Weight::fail);
}

TEST_F(FillTest, AWaiverCoversItsCodeOnly) {
    check_.waivers.push_back(
        {.reason = "known, fix on Monday", .until = "2026-12-31", .code = "t.down"});
    const auto waived = fill_with(outcome_with({Weight::fail}));
    EXPECT_EQ(waived.verdict, Verdict::warn);
    EXPECT_THAT(waived.waived.str(), HasSubstr("2026-12-31"));
    check_.waivers[0].code = "t.other";
    EXPECT_EQ(fill_with(outcome_with({Weight::fail})).verdict, Verdict::fail);
}

TEST_F(FillTest, AWaiverDoesNotCoverNotKnowing) {
    check_.waivers.push_back({.reason = "r", .until = "2026-12-31", .code = ""});
    plugin::Outcome outcome;
    outcome.error = "crashed";
    EXPECT_EQ(fill_with(std::move(outcome)).verdict, Verdict::error);
}

TEST_F(FillTest, OnFailWarnLowersFailuresNotErrors) {
    check_.on_fail_warn = true;
    EXPECT_EQ(fill_with(outcome_with({Weight::fail})).verdict, Verdict::warn);
    plugin::Outcome outcome;
    outcome.error = "crashed";
    EXPECT_EQ(fill_with(std::move(outcome)).verdict, Verdict::error);
}

TEST_F(FillTest, EveryStringGoesThroughTheDoor) {
    redactor_.add("key", "super-secret-value");
    const std::string leak = "leaks super-secret-value here";
    plugin::Outcome outcome = outcome_with({});
    outcome.summary = leak;
    outcome.findings.push_back({.code = "t.down",
                                .weight = Weight::fail,
                                .subject = leak,
                                .message = leak,
                                .remedy = leak,
                                .evidence = {{leak, leak}}});
    outcome.facts.push_back({.key = "k", .value = leak});
    outcome.facts.push_back({.key = "k[super-secret-value]", .value = true});
    outcome.log.push_back({.level = 0, .text = leak});
    const auto result = fill_with(std::move(outcome));
    const auto& finding = result.findings[0];
    EXPECT_THAT(result.facts[1].key, testing::Not(HasSubstr("super-secret-value")));
    for (const auto* text : {&result.summary, &finding.subject, &finding.message, &finding.remedy,
                             &finding.evidence[0].name, &finding.evidence[0].value,
                             &result.log[0].text, &std::get<model::Text>(result.facts[0].value)}) {
        EXPECT_THAT(text->str(), testing::Not(HasSubstr("super-secret-value")));
        EXPECT_THAT(text->str(), HasSubstr("leaks"));
    }
}

TEST_F(FillTest, NoTextForgesALineOfTheReport) {
    const std::string forged = "bad\r\n✓ all good\x1b[2K";
    plugin::Outcome outcome = outcome_with({});
    outcome.summary = forged;
    outcome.findings.push_back({.code = "t.down",
                                .weight = Weight::fail,
                                .subject = forged,
                                .message = forged,
                                .remedy = forged,
                                .evidence = {{forged, "<html>\n<body>"}}});
    outcome.metrics.push_back({.name = forged, .value = 1, .unit = forged});
    const auto result = fill_with(std::move(outcome));
    const auto& finding = result.findings[0];
    for (const auto* text : {&result.summary, &finding.subject, &finding.message, &finding.remedy,
                             &finding.evidence[0].name}) {
        EXPECT_EQ(text->str(), "bad ⏎ ✓ all good");
    }
    EXPECT_EQ(result.metrics[0].name, "bad ⏎ ✓ all good");
    EXPECT_EQ(result.metrics[0].unit, "bad ⏎ ✓ all good");
    EXPECT_EQ(finding.evidence[0].value.str(), "<html>\n<body>");
    plugin::Outcome unable;
    unable.error = unable.error_remedy = forged;
    const auto error = fill_with(std::move(unable));
    EXPECT_EQ(error.summary.str(), "bad ⏎ ✓ all good");
    EXPECT_EQ(error.remedy.str(), "bad ⏎ ✓ all good");
}

TEST_F(FillTest, WhatCouldNotBeToldBesideAFailureKeepsItsRemedy) {
    auto outcome = outcome_with({Weight::fail});
    outcome.error = "no permission for http://127.0.0.1:9090";
    outcome.error_remedy = "Allow it.";
    const auto result = fill_with(std::move(outcome));
    EXPECT_EQ(result.verdict, Verdict::fail);
    EXPECT_EQ(result.summary.str(),
              "measured; could not tell everything: no permission for http://127.0.0.1:9090");
    EXPECT_EQ(result.remedy.str(), "Allow it.");
}

TEST_F(FillTest, ASecretOfSeveralLinesIsFoundBeforeTheyAreJoined) {
    redactor_.add("key", "first-half-of-it\nsecond-half-of-it");
    plugin::Outcome outcome = outcome_with({});
    outcome.summary = "got first-half-of-it\nsecond-half-of-it back";
    EXPECT_EQ(fill_with(std::move(outcome)).summary.str(), "got <secret:key> back");
}

}  // namespace
}  // namespace triage::run
