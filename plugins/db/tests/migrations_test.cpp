/// db.migrations: revisions of a database and of the code.
#include "../migrations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace db {
namespace {

using Revisions = std::vector<std::string>;

MigrationsParams expecting(std::vector<std::string> heads) {
    MigrationsParams p;
    p.expected = std::move(heads);
    return p;
}

History line() { return History({{"a1", {}}, {"b2", {"a1"}}, {"c3", {"b2"}}}); }

std::vector<std::string> codes(const triage::Judgement& judgement) {
    std::vector<std::string> out;
    for (const auto& one : judgement.findings())
        out.emplace_back(one.code->name);
    return out;
}

triage::Judgement judge(const std::vector<std::string>& found,
                        const MigrationsParams& p = expecting({}),
                        const std::optional<History>& history = std::nullopt) {
    return judge_migrations(p, found, history, "alembic_version");
}

TEST(Migrations, AtHead) {
    const auto judgement = judge({"c3"}, expecting({"c3"}));
    EXPECT_THAT(codes(judgement), IsEmpty());
    EXPECT_EQ(judgement.summary(), "revision c3; as the code needs it");
    EXPECT_FALSE(judgement.was_evaluated("db.unknown-revision")) << "the code is not known";
    EXPECT_THAT(codes(judge({"c3"}, expecting({}), line())), IsEmpty());
    EXPECT_THAT(codes(judge({"y", "x"}, expecting({"x", "y"}))), IsEmpty()) << "two branches";
}

TEST(Migrations, WithoutComparisonItIsNoGreen) {
    const auto judgement = judge({"c3"});
    EXPECT_FALSE(judgement.was_evaluated("db.not-at-head"));
    EXPECT_FALSE(judgement.outcome().told());
    EXPECT_THAT(judgement.outcome().text(), HasSubstr("revision c3; whether the code needs"));
    EXPECT_THAT(judgement.outcome().text(), HasSubstr("give `expected`, what `alembic heads`"));
}

TEST(Migrations, WithoutComparisonWhatIsFoundIsStillFound) {
    for (const auto& [found, code] : {std::pair{Revisions{}, "db.unmigrated"},
                                      std::pair{Revisions{"b2", "c3"}, "db.several-heads"}}) {
        const auto judgement = judge(found);
        EXPECT_THAT(codes(judgement), ElementsAre(code));
        EXPECT_TRUE(judgement.outcome().told()) << code;
    }
    EXPECT_TRUE(judge_no_table("alembic_version").outcome().told());
}

TEST(Migrations, Behind) {
    EXPECT_THAT(codes(judge({"a1"}, expecting({"c3"}))), ElementsAre("db.not-at-head"));
    const auto judgement = judge({"a1"}, expecting({}), line());
    EXPECT_EQ(judgement.findings()[0].message, "revision a1, expected c3: 2 behind");
}

TEST(Migrations, AheadOfTheCode) {
    const auto judgement = judge({"d4"}, expecting({}), line());
    EXPECT_THAT(codes(judgement), ElementsAre("db.unknown-revision"));
    EXPECT_EQ(judgement.findings()[0].message, "revision d4 is none of the code's; its head is c3");
    EXPECT_FALSE(judgement.was_evaluated("db.not-at-head"));
}

TEST(Migrations, NoneOrSeveral) {
    EXPECT_THAT(codes(judge({}, expecting({"c3"}))), ElementsAre("db.unmigrated"));
    EXPECT_THAT(codes(judge({"b2", "c3"}, expecting({"c3"}))), ElementsAre("db.several-heads"));
    EXPECT_THAT(codes(judge_no_table("alembic_version")), ElementsAre("db.unmigrated"));
    EXPECT_THAT(codes(judge_locked("alembic_version", "pid 7 (alembic)")),
                ElementsAre("db.migration-locked"));
}

TEST(Revisions, AreReadAsAlembicWritesThem) {
    const auto script = [](std::string_view text) {
        return parse_revision(text).value_or(Revision{"none", {}});
    };
    EXPECT_EQ(
        script("\"\"\"x\n\nRevision ID: a\n\"\"\"\nrevision = 'a1'\ndown_revision = None\n").id,
        "a1");
    const auto typed =
        script("revision: str = \"b2\"\ndown_revision: Union[str, Sequence[str], None] = \"a1\"\n");
    EXPECT_EQ(typed.id, "b2");
    EXPECT_THAT(typed.down, ElementsAre("a1"));
    EXPECT_THAT(script("revision = 'm'\ndown_revision = (\n    'x',\n    'y',\n)\n").down,
                ElementsAre("x", "y"));
    EXPECT_EQ(parse_revision("import os\n"), std::nullopt);
    EXPECT_EQ(parse_revision("revision = make()\ndown_revision = None\n"), std::nullopt);
}

TEST(Revisions, BranchesAndMerges) {
    const History forked({{"a", {}}, {"b", {"a"}}, {"c", {"a"}}});
    EXPECT_THAT(forked.heads(), ElementsAre("b", "c"));
    EXPECT_EQ(forked.behind({"b"}), 1);
    const History merged({{"a", {}}, {"b", {"a"}}, {"c", {"a"}}, {"m", {"b", "c"}}});
    EXPECT_THAT(merged.heads(), ElementsAre("m"));
    EXPECT_EQ(merged.behind({"b", "c"}), 1);
    EXPECT_EQ(merged.behind({}), 4);
}

TEST(Revisions, AFolderWithoutScriptsSaysNothing) {
    EXPECT_THROW(read_history("/no/such/folder"), triage::CouldNotTell);
    EXPECT_THROW(read_history("/proc/self/ns"), triage::CouldNotTell);
}

}  // namespace
}  // namespace db
