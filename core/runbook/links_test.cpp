// What checks say about each other: for-each, needs, when, facts, circles.
#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runbook/graph.hpp"
#include "core/runbook/testing.hpp"

namespace triage::runbook {
namespace {

using testing::check_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::summary;
using testing::texts;
using testing::validate_text;

constexpr const char* cors =
    "[vars]\norigins = ['https://a', 'https://b']\n[[step]]\nid = 's'\n"
    "[[step.check]]\nid = 'cors'\nuse = 'cors.preflight'\nfor-each = '${var.origins}'\n"
    "title = 'From ${each}'\nwith = { base = 'http://x', origin = '${each}' }\n";

std::string check(const std::string& id, const std::string& rest = "") {
    return fmt::format(
        "[[step.check]]\nid = '{}'\nuse = 'health.endpoint'\nwith.url = 'http://x'\n{}\n", id,
        rest);
}

TEST(ForEach, MakesOneCheckOfEachValue) {
    const auto validated = validate_text(cors);
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    ASSERT_EQ(validated.runbook.checks.size(), 2U);
    const auto& second = validated.runbook.checks[1];
    EXPECT_EQ(second.id, "cors[https://b]");
    EXPECT_EQ(second.base_id, "cors");
    EXPECT_EQ(second.title, "From https://b");
    EXPECT_THAT(texts(second, "origin"), ElementsAre("https://b"));
}

TEST(ForEach, ValuesKeepTheirTypes) {
    const auto validated = validate_text("[[step]]\nid = 's'\n" +
                                         check("c", "for-each = [1, 20]\nwith.size = '${each}'"));
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_EQ(validated.runbook.checks[1].id, "c[20]");
    EXPECT_THAT(texts(validated.runbook.checks[1], "size"), ElementsAre("20"));
}

TEST(ForEach, OverAnUnsetVariableIsOneError) {
    const auto validated =
        validate_text("[vars]\nnone = {}\n[[step]]\nid = 's'\n" +
                      check("c", "for-each = '${var.none}'\nwith.method = '${each}'") +
                      check("d", "needs = ['c']"));
    EXPECT_TRUE(validated.usable());
    EXPECT_EQ(validated.diagnostics.size(), 1U);
    EXPECT_TRUE(check_of(validated, "c").unmet);
    EXPECT_THAT(check_of(validated, "d").needs, ElementsAre("c"));
}

TEST(ForEach, SaysOnceWhatIsWrongInEveryInstance) {
    const auto validated = validate_text(
        "[[step]]\nid = 's'\n" +
        check("c", "for-each = [1, 2, 3]\nwith.size = 'x'\nwith.method = 'M${each}'"));
    EXPECT_EQ(validated.diagnostics.size(), 4U);  // the method differs, the size does not
}

TEST(ForEach, MakesNoMoreThanTheLimit) {
    std::string values;
    for (int i = 0; i < 1001; ++i)
        values += fmt::format("{},", i);
    std::string text = "vars.many = [" + values + "]\n[[step]]\nid = 's'\n";
    for (int i = 0; i < 100; ++i)
        text += fmt::format(
            "[[step.check]]\nid = 'c{}'\nuse = 'redis.ping'\nfor-each = '${{var.many}}'\n", i);
    const auto validated = validate_text(text);
    EXPECT_FALSE(validated.usable());
    EXPECT_EQ(std::ranges::count(validated.diagnostics, Rule::out_of_bounds, &Diagnostic::rule), 1);
    EXPECT_LE(validated.runbook.checks.size(), 100'000U);
}

TEST(Needs, OfABaseIdMeanAllInstances) {
    const auto validated =
        validate_text(cors + check("a", "needs = ['b', 'cors', 'cors[https://a]']") + check("b"));
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_THAT(check_of(validated, "a").needs,
                ElementsAre("cors[https://a]", "cors[https://b]", "b"));
}

TEST(Needs, OfOneInstance) {
    const auto validated = validate_text(cors + check("a", "needs = ['cors[https://b]']"));
    EXPECT_THAT(check_of(validated, "a").needs, ElementsAre("cors[https://b]"));
}

TEST(Facts, StayReferences) {
    const auto validated =
        validate_text(cors +
                      check("a",
                            "with.json = { a = '${fact.b.version}', b = 'v${fact.b.version}!' }\n"
                            "with.size = '${fact.b.version}'") +
                      check("b"));
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    const auto& a = check_of(validated, "a");
    EXPECT_THAT(texts(a, "json"), ElementsAre("a=<version of b>", "b=v<version of b>!"));
    EXPECT_THAT(texts(a, "size"), ElementsAre("<version of b>"));
    EXPECT_THAT(a.needs, IsEmpty());
}

TEST(Facts, OfAnInstance) {
    const auto validated =
        validate_text(cors + check("a", "with.json = { a = '${fact.cors[https://b].allowed}' }"));
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_THAT(texts(check_of(validated, "a"), "json"),
                ElementsAre("a=<allowed of cors[https://b]>"));
}

TEST(Facts, ABaseIdMeansTheOnlyInstance) {
    auto inputs = testing::inputs();
    inputs.vars = {{"origins", "https://c.d"}};
    const auto validated =
        validate_text(cors + check("a",
                                   "with.json = { a = '${fact.cors.allowed}' }\n"
                                   "when = { check = 'cors', fact = 'allowed', is = true }"),
                      inputs);
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    const auto& a = check_of(validated, "a");
    EXPECT_THAT(texts(a, "json"), ElementsAre("a=<allowed of cors[https://c.d]>"));
    EXPECT_EQ(a.when->check, "cors[https://c.d]");
}

TEST(When, ComparesText) {
    const auto validated = validate_text(
        "vars.mode = 'clerk'\n[[step]]\nid = 's'\n" + check("b") +
        check("a",
              "when = { check = 'b', fact = 'auth_mode', is = ['${var.mode}', true, 5, 1.5] }") +
        check("c", "when = { check = 'b', fact = 'auth_mode', is-not = 'local' }"));
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_THAT(check_of(validated, "a").when->is, ElementsAre("clerk", "true", "5", "1.5"));
    EXPECT_THAT(check_of(validated, "c").when->is_not, ElementsAre("local"));
    EXPECT_THAT(check_of(validated, "c").when->is, IsEmpty());
}

TEST(Cycles, AreFoundThroughEveryKindOfEdge) {
    const auto validated =
        validate_text("[[step]]\nid = 's'\n" + check("a", "needs = ['b']") +
                      check("b", "with.size = '${fact.c.version}'") +
                      check("c", "when = { check = 'a', fact = 'version', is = 1 }") +
                      check("d", "needs = ['a']"));
    ASSERT_EQ(validated.diagnostics.size(), 1U);
    EXPECT_THAT(validated.diagnostics[0].message, HasSubstr("a → b → c → a"));
    EXPECT_THAT(validated.diagnostics[0].remedy, HasSubstr("a needs b (test.toml:"));
    EXPECT_THAT(validated.diagnostics[0].remedy, HasSubstr("b uses a fact of c (test.toml:"));
    EXPECT_THAT(validated.diagnostics[0].remedy, HasSubstr("c has a condition on a (test.toml:"));
}

TEST(Cycles, ManyOfThemAreAllReported) {
    std::string text = "[[step]]\nid = 's'\n";
    for (int i = 0; i < 5; ++i) {
        text += check(fmt::format("a{}", i), fmt::format("needs = ['b{}']", i));
        text += check(fmt::format("b{}", i), fmt::format("needs = ['a{}']", i));
    }
    EXPECT_EQ(validate_text(text).diagnostics.size(), 5U);
}

TEST(Graph, ALongChainNeedsNoStack) {
    Graph graph(200'000);
    for (std::size_t i = 0; i + 1 < graph.size(); ++i)
        graph[i].push_back({i, i + 1, EdgeKind::needs, {}});
    EXPECT_THAT(find_cycles(graph), IsEmpty());
    graph.back().push_back({graph.size() - 1, 0, EdgeKind::needs, {}});
    const auto cycles = find_cycles(graph);
    ASSERT_EQ(cycles.size(), 1U);
    EXPECT_EQ(cycles[0].size(), graph.size());
}

TEST(Graph, ADiamondIsNoCircle) {
    Graph graph(4);
    for (const auto& [from, to] : {std::pair(0, 1), {0, 2}, {1, 3}, {2, 3}})
        graph[static_cast<std::size_t>(from)].push_back(
            {static_cast<std::size_t>(from), static_cast<std::size_t>(to), EdgeKind::needs, {}});
    EXPECT_THAT(find_cycles(graph), IsEmpty());
}

// Ten thousand errors, each with ten thousand possible names.
TEST(Large, RunbooksWithManyErrorsAreAnswered) {
    std::string text = "[[step]]\nid = 's'\n";
    for (int i = 0; i < 10'000; ++i)
        text += check(fmt::format("c{}", i), fmt::format("needs = ['x{}']\nwith.bad{} = 1", i, i));
    const auto validated = validate_text(text);
    EXPECT_EQ(validated.diagnostics.size(), 1001U);
    EXPECT_EQ(validated.diagnostics.back().message, "and 19000 more errors");
    EXPECT_FALSE(validated.usable());
}

TEST(Large, DependenciesAreLimited) {
    std::string values;
    for (int i = 0; i < 1001; ++i)
        values += fmt::format("{},", i);
    const auto each = "for-each = [" + values + "]\n";
    const auto validated = validate_text("[[step]]\nid = 's'\n" + check("a", each) +
                                         check("b", each + "needs = ['a']"));
    ASSERT_FALSE(validated.usable());
    EXPECT_THAT(validated.diagnostics[0].message, HasSubstr("more than 1000000 dependencies"));
}

TEST(Large, WhatIsMissingDoesNotHideWhatIsWrong) {
    std::string text = "[[step]]\nid = 's'\n";
    for (int i = 0; i < 2'000; ++i)
        text += fmt::format("[[step.check]]\nid = 'c{}'\nuse = 'redis.ping'\n", i);
    EXPECT_TRUE(validate_text(text).usable());
    EXPECT_FALSE(validate_text(text + "tilte = 1\n").usable());
}

TEST(Large, TenThousandChecksAreValid) {
    const auto document = parse(testing::large_runbook(10'000), "large.toml");
    ASSERT_TRUE(document);
    const auto validated = validate(*document, testing::catalog(),
                                    testing::with_environment({{"TOKEN", "0123456789"}}));
    EXPECT_THAT(summary(validated.diagnostics), IsEmpty());
    EXPECT_EQ(validated.runbook.checks.size(), 10'000U);
}

}  // namespace
}  // namespace triage::runbook
