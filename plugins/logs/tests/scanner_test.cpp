#include "../scanner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../signatures.hpp"
#include "harness.hpp"

using namespace std::chrono_literals;
using testing::HasSubstr;

namespace logs {
namespace {

constexpr const char* mixed = R"(2026-11-26 11:00:00,000 INFO app no errors found in 3 jobs
INFO:     1.2.3.4:5 - "GET /ERROR HTTP/1.1" 404 Not Found
2026-11-26 11:00:01,000 ERROR app.api unhandled_exception app=x
Traceback (most recent call last):
  File "a.py", line 1, in f
    raise
a.B: widget 17 is broken
2026-11-26 11:00:02,000 INFO app fine
{"timestamp":"2026-11-26T11:00:03+00:00","level":"ERROR","message":"boom 1"}
{"timestamp":"2026-11-26T11:00:04+00:00","level":"ERROR","message":"boom 2"}
ERROR:    Exception in ASGI application
Traceback (most recent call last):
  File "a.py", line 1, in f
a.B: widget 18 is broken
INFO:     shutting down
)";

TEST(Scanner, FindsEventsInAMixedStream) {
    const auto scanned = scan_text(mixed);
    const auto all = scanned.clusters.all();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0]->head, "boom 1");
    EXPECT_EQ(all[0]->count, 2U);
    EXPECT_EQ(shown(*all[0]->first, test_now), "11:00:03Z");
    EXPECT_EQ(all[1]->cause, "a.B: widget 17 is broken");
    EXPECT_EQ(all[1]->count, 1U);
    EXPECT_TRUE(scanned.zone_assumed);
}

TEST(Scanner, WhereBlocksEndMakesNoDifference) {
    const auto whole = scan_text(mixed);
    for (std::size_t piece = 1; piece < 900; piece += 7) {
        const auto cut = scan_text(mixed, {.piece = piece});
        ASSERT_EQ(cut.clusters.all().size(), whole.clusters.all().size()) << piece;
        for (std::size_t i = 0; i < cut.clusters.all().size(); ++i) {
            EXPECT_EQ(cut.clusters.all()[i]->sample, whole.clusters.all()[i]->sample) << piece;
            EXPECT_EQ(cut.clusters.all()[i]->count, whole.clusters.all()[i]->count) << piece;
            EXPECT_EQ(cut.clusters.all()[i]->first, whole.clusters.all()[i]->first) << piece;
        }
    }
}

TEST(Scanner, TheHeadOfAnEventIsKeptUntilItEnds) {
    const std::string text =
        "\x1b[31mERROR: red\x1b[0m\n \x1b[1mmore\x1b[0m\n  and more\nERROR: plain\n a\n"
        R"({"log":"ERROR: \u001b[31mheld","time":"2026-11-26T10:00:00Z"})"
        "\n"
        R"({"log":"  its rest","time":"2026-11-26T10:00:00Z"})"
        "\n";
    for (const std::size_t piece : {1U, 40U, 1000U}) {
        std::vector<std::string> samples;
        const auto scanned = scan_text(text, {.piece = piece});
        for (const auto* cluster : scanned.clusters.all())
            samples.push_back(cluster->sample);
        EXPECT_THAT(samples,
                    testing::UnorderedElementsAre("ERROR: red\n more\n  and more",
                                                  "ERROR: plain\n a", "ERROR: held\n  its rest"))
            << piece;
    }
}

TEST(Scanner, ALineWithoutTimeIsOfTheTimeBeforeIt) {
    const auto scanned = scan_text(
        "2026-11-26 11:00:00 INFO a\nx\nERROR: b\n2026-11-26 11:30:00 INFO c\nERROR: b\n");
    const auto* one = scanned.clusters.all().at(0);
    EXPECT_EQ(shown(*one->first, test_now), "11:00:00Z");
    EXPECT_EQ(shown(*one->last, test_now), "11:30:00Z");
    EXPECT_EQ(scan_text("ERROR: b\n").clusters.all().at(0)->undated, 1U);
}

TEST(Scanner, WhatIsBeforeTheWindowDoesNotCount) {
    const auto scanned =
        scan_text("2026-11-26 10:00:00 ERROR a\n  more\n2026-11-26 11:50:00 ERROR a\n",
                  {.since = test_now - 15min});
    EXPECT_EQ(scanned.clusters.events(), 1U);
    EXPECT_EQ(scanned.before, 1U);
}

TEST(Scanner, OwnPatternsAndWhatIsIgnored) {
    const How how{.match = {"^pay.*declined$", "(?i)LATE"}, .ignore = {"boom 1"}};
    const auto scanned = scan_text(
        "pay card declined\nto pay, declined\npay x\ndeclined\nis late\n"
        "ERROR: boom 1\nERROR: boom 2\n",
        how);
    std::vector<std::pair<int, std::string>> found;
    for (const auto* one : scanned.clusters.all())
        found.emplace_back(one->match, one->head);
    EXPECT_THAT(found, testing::UnorderedElementsAre(std::pair(0, "pay card declined"),
                                                     std::pair(1, "is late"),
                                                     std::pair(no_index, "ERROR: boom 2")));
    EXPECT_EQ(scanned.ignored, 1U);
}

TEST(Scanner, OwnPatternsGoBeforeErrorsAndSignatures) {
    const char* text = "ERROR: OSError: [Errno 28] No space left on device\n";
    for (const bool others : {true, false}) {
        const How how{.match = {"space"}, .known = others, .errors = others};
        const auto scanned = scan_text(text, how);
        ASSERT_EQ(scanned.clusters.all().size(), 1U);
        EXPECT_EQ(scanned.clusters.all()[0]->match, 0);
    }
}

TEST(Scanner, PatternsThatCannotBeUsedAreSaid) {
    for (const auto* wrong : {"(", "(?=x)", R"((a)\1)", "x*", "[z-a]", ""}) {
        const auto search = make_search({wrong}, {}, true, true);
        ASSERT_FALSE(search) << wrong;
        EXPECT_THAT(search.reason(), HasSubstr(std::string("the pattern \"") + wrong + "\""));
    }
    EXPECT_FALSE(make_search({}, {}, false, false));
}

TEST(Scanner, HostileLinesDoNoHarm) {
    std::string text;
    for (int i = 0; i < 300; ++i) {
        text += "ERROR: ";
        for (int j = 0; j < 40; ++j)
            text += static_cast<char>((i * 131 + j * 31) % 255 + 1);
        text += '\n';
    }
    text +=
        std::string("ERROR\0\0 nul\n", 13) + "\xff\xfe ERROR\n" + std::string(100000, 'E') + "\n";
    const auto scanned = scan_text(text);
    EXPECT_GT(scanned.clusters.events(), 0U);
    scan_text(std::string(3000, '\n'));
    scan_text("ERROR");
}

TEST(Scanner, StartsAndMigrationsAreNoted) {
    const auto scanned =
        scan_text(R"(2026-11-26 11:00:00,1 INFO  [alembic] Running upgrade 3c9e -> 4d0f, x
2026-11-26 11:00:09,1 INFO app Database migrations complete.
INFO:     Application startup complete.
)");
    EXPECT_EQ(scanned.last_upgrade, "3c9e -> 4d0f, x");
    EXPECT_TRUE(scanned.migrated.is_after(scanned.upgrading));
    EXPECT_EQ(scanned.started.count, 1U);
    EXPECT_TRUE(scanned.clusters.all().empty());
}

TEST(Scanner, OnlyKnownOrOnlyErrors) {
    const char* text = "ERROR: x\nOSError: [Errno 28] No space left on device\n";
    EXPECT_EQ(scan_text(text, {.errors = false}).clusters.all().size(), 1U);
    const auto errors = scan_text(text, {.known = false});
    ASSERT_EQ(errors.clusters.all().size(), 1U);
    EXPECT_EQ(errors.clusters.all()[0]->signature, no_index);
}

TEST(Scanner, ClocksThatJumpAreCounted) {
    EXPECT_EQ(scan_text("2026-11-26 11:00:00 ERROR a\n2026-11-26 10:00:00 ERROR a\n").jumps, 1U);
}

TEST(Scanner, DockersTimesAreTheEnginesOwn) {
    const auto scanned = scan_text(
        "2026-11-26T11:00:00.000000001Z ERROR:    Exception in ASGI application\n"
        "2026-11-26T11:00:00.000000002Z Traceback (most recent call last):\n"
        "2026-11-26T11:00:00.000000003Z   File \"x\"\n"
        "2026-11-26T11:00:00.000000004Z a.B: c\n"
        "2026-11-26T11:00:00.000000005Z INFO: d\n",
        {.wrapping = Wrapping::docker});
    const auto* one = scanned.clusters.all().at(0);
    EXPECT_EQ(one->cause, "a.B: c");
    EXPECT_EQ(shown(*one->last, test_now), "11:00:00Z");
    EXPECT_FALSE(scanned.zone_assumed);
}

}  // namespace
}  // namespace logs
