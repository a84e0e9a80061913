#include "core/plan/plan.hpp"

#include <gmock/gmock.h>

namespace triage::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

runbook::Check check(const std::string& id, std::vector<std::string> needs = {},
                     std::vector<std::string> tags = {}) {
    runbook::Check made;
    made.id = made.base_id = id;
    made.plugin = "health";
    made.check = "endpoint";
    made.needs = std::move(needs);
    made.tags = std::move(tags);
    return made;
}

runbook::Runbook book(std::vector<runbook::Check> checks) {
    runbook::Runbook made;
    made.steps.push_back({.id = "impact", .title = "Impact", .doc = ""});
    made.checks = std::move(checks);
    return made;
}

void use_fact(runbook::Check& user, const std::string& of) {
    model::ArgValue value;
    value.value = model::Template{{model::FactRef{.check = of, .key = "version"}}};
    user.arguments.push_back({.name = "expect", .items = {{.key = "", .value = value}}});
}

TEST(Plan, OrdersByNeedsAndFacts) {
    auto runbook = book({check("a"), check("b", {"a"}), check("c")});
    use_fact(runbook.checks[2], "b");
    const auto plan = make_plan(runbook, {}, {});
    ASSERT_TRUE(plan);
    EXPECT_THAT(plan->nodes[1].needs, ElementsAre(0));
    EXPECT_THAT(plan->nodes[2].needs, IsEmpty()) << "a fact orders, it does not block";
    EXPECT_THAT(plan->nodes[2].after, ElementsAre(1));
    EXPECT_EQ(plan->nodes[0].depth, 0U);
    EXPECT_EQ(plan->nodes[2].depth, 2U);
    EXPECT_EQ(plan->selected, 3U);
}

TEST(Plan, WhenWaitsForTheCheckWhoseFactItReads) {
    auto runbook = book({check("ui"), check("clerk")});
    runbook.checks[1].when =
        runbook::When{.check = "ui", .fact = "auth_mode", .is = {"clerk"}, .is_not = {}};
    EXPECT_THAT(make_plan(runbook, {}, {})->nodes[1].after, ElementsAre(0));
}

TEST(Plan, ABaseIdMeansAllInstances) {
    auto runbook = book({check("cors[a]"), check("cors[b]"), check("after", {"cors"})});
    runbook.checks[0].base_id = runbook.checks[1].base_id = "cors";
    EXPECT_THAT(make_plan(runbook, {}, {})->nodes[2].needs, ElementsAre(0, 1));
}

TEST(Plan, OnlyTakesAlongWhatIsNeeded) {
    const auto runbook = book({check("a"), check("b", {"a"}), check("c")});
    const auto plan = make_plan(runbook, {}, {.only = {"b"}, .tags = {}, .skip_tags = {}});
    EXPECT_FALSE(plan->nodes[0].skipped);
    EXPECT_FALSE(plan->nodes[1].skipped);
    EXPECT_EQ(plan->nodes[2].skipped, "not selected by --only");
    EXPECT_EQ(plan->selected, 2U);
}

TEST(Plan, OnlyTakesAWholeStep) {
    const auto runbook = book({check("a"), check("b")});
    EXPECT_EQ(make_plan(runbook, {}, {.only = {"impact"}, .tags = {}, .skip_tags = {}})->selected,
              2U);
}

TEST(Plan, UnknownNameIsAnErrorWithTheNearest) {
    const auto plan = make_plan(book({check("database")}), {},
                                {.only = {"databse"}, .tags = {}, .skip_tags = {}});
    ASSERT_FALSE(plan);
    EXPECT_THAT(plan.error().message, HasSubstr("'databse'"));
    EXPECT_THAT(plan.error().message, HasSubstr("'database'"));
}

TEST(Plan, TagsSelectAndLeaveOut) {
    const auto runbook = book({check("a", {}, {"db"}), check("b", {}, {"db", "slow"}), check("c")});
    const auto plan = make_plan(runbook, {}, {.only = {}, .tags = {"db"}, .skip_tags = {"slow"}});
    EXPECT_FALSE(plan->nodes[0].skipped);
    EXPECT_EQ(plan->nodes[1].skipped, "left out by --skip-tag");
    EXPECT_EQ(plan->nodes[2].skipped, "not selected by --tag");
}

TEST(Plan, UnknownTagsAreErrorsWithTheNearest) {
    const auto runbook = book({check("a", {}, {"db"}), check("b", {}, {"slow", "db"})});
    for (const auto& selection : {Selection{.only = {}, .tags = {"db", "slwo"}, .skip_tags = {}},
                                  Selection{.only = {}, .tags = {}, .skip_tags = {"slwo"}}}) {
        const auto plan = make_plan(runbook, {}, selection);
        ASSERT_FALSE(plan);
        EXPECT_EQ(plan.error().message, "no check has the tag 'slwo'. Did you mean 'slow'?");
        EXPECT_EQ(plan.error().remedy, "This runbook has: db, slow.");
    }
    const auto none =
        make_plan(book({check("a")}), {}, {.only = {}, .tags = {"x"}, .skip_tags = {}});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().remedy, "This runbook has no tags.");
}

TEST(Plan, DeepChecksRunOnlyOnRequest) {
    model::PluginInfo info;
    info.id = "health";
    info.checks.push_back({.name = "endpoint", .doc = "", .cost = "", .deep = true});
    const Plugins plugins{{"health", info}};
    EXPECT_EQ(make_plan(book({check("a")}), plugins, {})->selected, 0U);
    EXPECT_EQ(make_plan(book({check("a")}), plugins,
                        {.only = {}, .tags = {}, .skip_tags = {}, .deep = true})
                  ->selected,
              1U);
}

TEST(Plan, ACircleIsRefused) {
    EXPECT_FALSE(make_plan(book({check("a", {"b"}), check("b", {"a"})}), {}, {}));
}

}  // namespace
}  // namespace triage::plan
