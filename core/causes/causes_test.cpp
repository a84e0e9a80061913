#include "core/causes/causes.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/causes/examples.hpp"

namespace triage::causes {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class CausesTest : public testing::Test {
protected:
    CausesTest() { std::filesystem::create_directory(folder_); }
    ~CausesTest() override { std::filesystem::remove_all(folder_); }

    std::string write(const std::string& name, const std::string& text) {
        std::ofstream(folder_ / name) << text;
        return (folder_ / name).string();
    }
    Loaded load_one(const std::string& text) { return load({write("one.toml", text)}, redactor_); }

    std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("triage-causes-" + std::to_string(::getpid()));
    redact::Redactor redactor_;
};

std::vector<std::string> messages(const Loaded& loaded) {
    std::vector<std::string> out;
    for (const auto& one : loaded.diagnostics)
        out.push_back(one.message);
    return out;
}

constexpr const char* whole = R"(
[[cause]]
id = "db.stopped"
title = "The database refuses connections"
component = "database"
each = "target"
proof = ["db.refused"]
explains = { "health.db-probe-5xx@api" = 2, "logs.db-refused ~ port" = 3 }
leads-to = ["api.broken"]
expects = ["logs.db-refused"]
requires = ["x.y"]
refuted-by = ["db.password"]
impact = { database = "down", api = "degraded" }
scope = "all"
fix = "start it"
isolate = "do without"
ask = "Was it stopped?"
doc = "https://www.postgresql.org/docs/current/server-start.html"

  [[cause.example]]
  name = "stopped"
  present = ["db.refused"]
  absent = ["db.password"]
  also = ["api.broken"]

[[cause]]
id = "api.broken"
title = "The API answers 5xx"
explains = { "health.api-5xx" = 2 }
fix = "look at its log"
)";

TEST_F(CausesTest, AreReadWhole) {
    const auto loaded = load_one(whole);
    EXPECT_THAT(messages(loaded), IsEmpty());
    ASSERT_THAT(loaded.rules, SizeIs(2));
    const auto& rule = loaded.rules[0];
    EXPECT_EQ(rule.id, "db.stopped");
    EXPECT_EQ(rule.component, "database");
    EXPECT_TRUE(rule.each_target);
    ASSERT_THAT(rule.explains, SizeIs(2));
    EXPECT_EQ(rule.explains[1].sign.text, "port");
    EXPECT_EQ(rule.explains[1].weight, 3);
    EXPECT_THAT(rule.leads_to, ElementsAre("api.broken"));
    EXPECT_EQ(rule.impact.at("api"), model::State::degraded);
    EXPECT_EQ(rule.scope, model::Scope::all);
    ASSERT_THAT(rule.examples, SizeIs(1));
    EXPECT_THAT(rule.examples[0].also, ElementsAre("api.broken"));
    EXPECT_THAT(rule.place, HasSubstr("one.toml:2"));
    EXPECT_EQ(loaded.rules[1].component, "api") << "the first part of the id";
}

TEST_F(CausesTest, EverythingWrongIsSaidAtOnceAndWhere) {
    const auto loaded = load_one(R"(
[[cause]]
id = "db.stopped"
titel = "x"
fix = "y"
proof = ["refused"]
explains = { "a.b" = 4 }
impact = { api = "broken" }
scope = "everyone"
leads-to = ["db.stoped"]

[[cause]]
id = "Database"
title = "x"
fix = "y"
proof = ["a.b"]

[[cause]]
id = "a.empty"
title = "x"
fix = "y"

[[cause]]
id = "db.stopped"
title = "x"
fix = "y"
proof = ["a.b"]
)");
    EXPECT_THAT(messages(loaded),
                testing::UnorderedElementsAre(
                    HasSubstr("'titel'"), HasSubstr("lacks 'title'"), HasSubstr("'refused' is not"),
                    HasSubstr("weight of a sign is 1, 2 or 3"), HasSubstr("'broken'"),
                    HasSubstr("'everyone'"), HasSubstr("no cause 'db.stoped'. Did you mean"),
                    HasSubstr("'Database' is no id"), HasSubstr("no sign of its own"),
                    HasSubstr("the cause 'db.stopped' has no sign"),
                    HasSubstr("another cause 'db.stopped'")));
    for (const auto& one : loaded.diagnostics)
        EXPECT_GT(one.where.line, 0U) << one.message;
}

TEST_F(CausesTest, ACircleIsShownAndCut) {
    const auto loaded = load_one(R"(
[[cause]]
id = "a.a"
title = "x"
fix = "y"
proof = ["a.b"]
leads-to = ["b.b"]
[[cause]]
id = "b.b"
title = "x"
fix = "y"
proof = ["a.c"]
leads-to = ["a.a"]
)");
    EXPECT_THAT(messages(loaded), ElementsAre(HasSubstr("a.a → b.b → a.a")));
    ASSERT_THAT(loaded.rules, SizeIs(2));
    EXPECT_TRUE(loaded.rules[0].leads_to.empty() || loaded.rules[1].leads_to.empty());
}

TEST_F(CausesTest, OneMayLeadToAnotherFiles) {
    const auto first = write("a.toml",
                             "[[cause]]\nid = \"a.a\"\ntitle = \"x\"\nfix = \"y\"\n"
                             "proof = [\"a.b\"]\nleads-to = [\"b.b\"]\n");
    const auto second =
        write("b.toml", "[[cause]]\nid = \"b.b\"\ntitle = \"x\"\nfix = \"y\"\nproof = [\"a.c\"]\n");
    const auto loaded = load({first, second}, redactor_);
    EXPECT_THAT(messages(loaded), IsEmpty());
    EXPECT_THAT(loaded.rules.at(0).leads_to, ElementsAre("b.b"));
}

TEST_F(CausesTest, AFileThatCannotBeReadTakesNoOtherAlong) {
    const auto loaded =
        load({(folder_ / "none.toml").string(), write("one.toml", whole)}, redactor_);
    EXPECT_THAT(loaded.rules, SizeIs(2));
    EXPECT_THAT(loaded.diagnostics, SizeIs(1));
}

TEST_F(CausesTest, AnExampleMayHoldAChange) {
    const auto loaded = load_one(R"(
[[cause]]
id = "api.deploy"
title = "x"
fix = "y"
explains = { "a.b" = 1, "change.deploy" = 3 }
  [[cause.example]]
  present = ["a.b", "change.deploy"]
[[cause]]
id = "api.other"
title = "x"
fix = "y"
explains = { "a.b" = 2 }
  [[cause.example]]
  present = ["a.b"]
)");
    EXPECT_THAT(messages(loaded), IsEmpty());
    EXPECT_THAT(try_examples(loaded.rules, redactor_), IsEmpty());
    EXPECT_THAT(undeclared(loaded.rules, {{"a.check", {"a.b"}}}), IsEmpty());
    EXPECT_THAT(undeclared(loaded.rules, {{"a.check", {"a.c"}}}), testing::Not(IsEmpty()));
}

TEST_F(CausesTest, AFolderIsItsTomlFilesByName) {
    write("b.toml", "");
    write("a.toml", "");
    write("c.txt", "");
    const auto files = files_in({folder_.string(), "/nowhere.toml"});
    EXPECT_THAT(files, ElementsAre(HasSubstr("a.toml"), HasSubstr("b.toml"), "/nowhere.toml"));
}

}  // namespace
}  // namespace triage::causes
