#include "../scanner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/text.hpp>

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

TEST(Scanner, EveryLevelThatIsKnownIsSeen) {
    for (const char* line :
         {"[2026-11-26 11:59:05 ERR] boom",
          "[2026-11-26 11:59:05 FTL] boom",
          "x\n[ERR] boom",
          "3:04PM FTL boom",
          "3:04PM ERR boom",
          "ERR boom",
          "\x1b[31mERR\x1b[0m boom",
          "level=panic msg=boom",
          "time=\"2026-11-26T11:59:05Z\" level=panic msg=boom",
          "lvl=crit x",
          "lvl=err x",
          "level=error x",
          "[fatal] boom",
          "[critical] boom",
          "[panic] boom",
          "2026-11-26T11:59:05.1Z stderr F E1126 11:59:05.000000 1 main.go:1] boom",
          "backend-1  | E1126 11:59:05.000000 1 main.go:1] boom",
          "backend-1  | F0926 11:59:05.000000 1 main.go:1] boom",
          "E1126 11:59:05.000000 1 main.go:1] boom",
          R"({"level":"Fatal","message":"x"})",
          R"({"level":"Critical","message":"x"})",
          R"({"level":"severe","message":"x"})",
          "PHP Fatal error:  Uncaught Exception: x in /a.php:1",
          "Error: connect ECONNREFUSED\n    at f"})
        EXPECT_EQ(scan_text(std::string(line) + "\n", {.known = false}).clusters.events(), 1U)
            << line;
}

TEST(Scanner, EveryLevelIsSeenInWhateverWrapsIt) {
    const auto all = [](const std::string& line) {
        return std::vector<std::pair<std::string, Wrapping>>{
            {line, Wrapping::any},
            {"api-1  | " + line, Wrapping::any},
            {"2026-11-26T11:59:05.1Z stderr F " + line, Wrapping::any},
            {R"({"log":")" + line + R"(","time":"2026-11-26T11:59:05.1Z"})", Wrapping::any},
            {"2026-11-26T11:59:05.123456789Z " + line, Wrapping::docker},
            {"2026-11-26 11:59:05Z " + line, Wrapping::any}};
    };
    for (const char* line :
         {"Error: boom", "error: boom", "Fatal: boom", "fatal: boom", "ERR boom", "Critical: boom",
          "Panic: boom", "panic: boom", "ERROR boom", "[crit] boom",
          "E1126 11:59:05.0 1 main.go:1] boom", "F0926 11:59:05.0 1 main.go:1] boom",
          "Uncaught boom", "level=error x", "level=crit x", "level=alert x", "level=emerg x"})
        for (const auto& [text, wrapping] : all(line))
            EXPECT_EQ(scan_text(text + "\n", {.wrapping = wrapping}).clusters.events(), 1U) << text;
}

TEST(Scanner, LevelsInJsonHoweverItIsSpaced) {
    for (const char* level : {"50", "60", "\"error\"", "\"err\"", "\"crit\"", "\"alert\"",
                              "\"emerg\"", "\"emergency\"", "\"Panic\"", "\"ERROR\""})
        for (const char* colon : {":", ": ", ":  ", " :", " : ", "\t:\t", ":\t"}) {
            const auto line = triage::text(R"({"level")", colon, level, R"(,"msg":"boom"})");
            EXPECT_EQ(scan_text(line + "\n").clusters.events(), 1U) << line;
            EXPECT_EQ(scan_text("api-1  | " + line + "\n").clusters.events(), 1U) << line;
        }
    EXPECT_EQ(scan_text(R"({"level"  :  30,"msg":"60 of 50"})").clusters.events(), 0U);
}

TEST(Scanner, AnOldErrorLendsNoTimeToANewOneFarBehindIt) {
    std::string text = "2026-11-26 09:00:00 ERROR old\n2026-11-26 11:58:00 INFO dump follows\n";
    for (int i = 0; i < 2000; ++i)
        text += "plain line of some text\n";
    text += "ERROR: disk is gone\n2026-11-26 11:59:00 INFO c\n";
    for (const std::size_t piece : {text.size(), std::size_t{1}, std::size_t{5000}}) {
        const auto scanned = scan_text(text, {.since = test_now - 15min, .piece = piece});
        ASSERT_EQ(scanned.clusters.events(), 1U) << piece;
        EXPECT_EQ(scanned.clusters.all()[0]->head, "ERROR: disk is gone");
    }
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

TEST(Scanner, OwnPatternsAreLookedForInEachLineOfAnEvent) {
    const char* text =
        "2026-11-26 11:59:00 ERROR job failed\nTraceback (most recent call last):\n"
        "  File \"a.py\", line 1, in f\nValueError: payment 17 declined\n"
        "ERROR: boom\n\tat x\nCaused by: payment 18 declined\n";
    for (const bool others : {true, false}) {
        const How how{.match = {"payment .* declined"}, .known = others, .errors = others};
        std::uint64_t matched = 0;
        const auto scanned = scan_text(text, how);
        for (const auto* one : scanned.clusters.all())
            matched += one->match == 0 ? one->count : 0;
        EXPECT_EQ(matched, 2U);
    }
}

TEST(Scanner, OwnPatternsSeeLinesWhateverSurroundsThem) {
    const std::string lines = "at=1 status=failed id=1\nat=2 status=ok id=2\nat=3 status=failed\n";
    const auto matches = [](std::string_view text, const std::string& pattern) {
        const How how{.match = {pattern}, .known = false, .errors = false};
        return scan_text(text, how).clusters.events();
    };
    std::string with_returns;
    for (const char c : lines)
        with_returns.append(c == '\n' ? "\r" : "").append(1, c);
    for (const auto& text : {lines, with_returns}) {
        EXPECT_EQ(matches(text, "status=failed[^;]*"), 2U);
        EXPECT_EQ(matches(text, "status=[^ ]+"), 3U);
        EXPECT_EQ(matches(text, R"(failed\s*)"), 2U);
        EXPECT_EQ(matches(text, R"(id=\d$)"), 2U);
        EXPECT_EQ(matches(text, R"(id=\d\z)"), 2U);
        EXPECT_EQ(matches(text, R"(failed(\z|,))"), 1U);
        EXPECT_EQ(matches(text, R"(\Aat=\d)"), 3U);
        EXPECT_EQ(matches(text, R"([$]|\$|\Q$\E)"), 0U);
        EXPECT_EQ(matches(text + "costs 5$\n", R"([]$]|\Q$\E)"), 1U);
        EXPECT_EQ(matches(text + "(costs?)\n", R"(\([[:digit:]$]|[[:digit:]$]\))"), 0U);
    }
}

TEST(Scanner, PatternsThatCannotBeUsedAreSaid) {
    EXPECT_THAT(make_search({"("}, {}, true, true).reason(), HasSubstr("the pattern \"(\""));
    EXPECT_THAT(make_search({}, {"["}, true, true).reason(), HasSubstr("the pattern \"[\""));
    for (const auto* every : {"x*", ".*", "|a", "(?i)ü?"})
        EXPECT_THAT(make_search({every}, {"a", every}, true, true).reason(),
                    HasSubstr("\" fits a text without a letter, so that every event would be"));
    EXPECT_THAT(make_search({}, {"x"}, false, false).reason(),
                HasSubstr("there is nothing to look for: `known` and `errors` are false, and"));
}

TEST(Scanner, AnEventIsIgnoredForAnyOfItsLines) {
    const char* text =
        "2026-11-26 11:59:00 ERROR job failed\nTraceback (most recent call last):\n"
        "  File \"a.py\", line 1, in f\nValueError: payment 17 declined\n"
        "ERROR: boom\n\tat Naïve.java:7\nCaused by: payment 18 declined\n"
        "api-1  | ERROR: wrapped\napi-1  |     at end\n";
    const auto left = [&](const std::string& pattern) {
        const auto scanned = scan_text(text, {.ignore = {pattern}});
        EXPECT_EQ(scanned.ignored + scanned.clusters.events(), 3U) << pattern;
        return scanned.clusters.events();
    };
    for (const auto* one :
         {"job", "^  File", "a.py", "^ValueError", "na.ve|Na.ve", "at Na", "^Caused by",
          "^ERROR: wrapped$", "^api-1", "^ERROR: boom", "^ +at end$"})
        EXPECT_EQ(left(one), 2U) << one;
    EXPECT_EQ(left("declined$"), 1U);
    EXPECT_EQ(left("."), 0U);
    for (const auto* none : {"nothing of it", "^$"})
        EXPECT_EQ(left(none), 3U) << none;
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
