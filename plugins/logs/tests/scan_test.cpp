/// logs.scan under the fake host: files of its own, a canned Docker engine, a clock that stands.
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

#include "../bytes.hpp"
#include "../clusters.hpp"
#include "../files.hpp"
#include "../seek.hpp"
#include "harness.hpp"

using namespace std::chrono_literals;
using namespace triage::testing;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using triage::Weight;

namespace logs {
namespace {

/// A folder of its own, gone afterwards.
class Scan : public testing::Test {
protected:
    Scan()
        : folder_(std::filesystem::temp_directory_path() /
                  ("triage-logs-" + std::to_string(::getpid()))) {
        std::filesystem::create_directories(folder_);
        host.wall_clock(test_now);
    }
    ~Scan() override { std::filesystem::remove_all(folder_); }
    Scan(const Scan&) = delete;
    Scan& operator=(const Scan&) = delete;

    std::string write(const std::string& name, std::string_view text) {
        const auto path = folder_ / name;
        std::ofstream(path, std::ios::binary) << text;
        // A time at which no line looks as if it were of another zone, whenever the test runs.
        std::filesystem::last_write_time(path, std::chrono::file_clock::from_sys(test_now + 450s));
        return path;
    }
    Result scan(Params params) {
        auto result = host.run("scan", params);
        EXPECT_THAT(result.violations, IsEmpty());
        return result;
    }
    Result scan_file(std::string_view text) {
        return scan(Params().list("files", {write("app.log", text)}));
    }

    FakeHost host;
    std::filesystem::path folder_;
};

constexpr const char* refused =
    "ERROR app connection to server at \"db\", port 5432 failed: Connection refused\n";

TEST_F(Scan, SaysWhatItReadWhenAllIsWell) {
    const auto result = scan_file("2026-11-26 11:59:00,000 INFO app fine\n");
    EXPECT_EQ(*result.summary, "1 source, 38 B, since 11:45:00Z; no error and nothing known");
    EXPECT_TRUE(result.was_evaluated("logs.db-refused"));
    EXPECT_TRUE(result.was_evaluated("logs.errors"));
    EXPECT_FALSE(result.was_evaluated("logs.silent")) << "nobody asked";
}

TEST_F(Scan, WeighsByWhenItWasLastSeen) {
    const auto at = [&](const std::string& time) {
        return scan_file("2026-11-26 " + time + ",000 " + refused).finding("logs.db-refused");
    };
    EXPECT_EQ(at("11:59:00").weight, Weight::fail);
    EXPECT_EQ(at("11:59:00").message,
              "Nothing listens where the database should be: \"db\" port 5432 (once, 60 s ago)");
    EXPECT_EQ(at("11:50:00").weight, Weight::warn);
    EXPECT_FALSE(
        scan_file(std::string("2026-11-26 11:00:00,000 ") + refused).found("logs.db-refused"));
}

TEST_F(Scan, AStartMendsWhatWasBeforeIt) {
    const std::string started = "2026-11-26 11:58:00,000 INFO app Application startup complete.\n";
    const auto before = "2026-11-26 11:57:00,000 " + std::string(refused);
    const auto after = "2026-11-26 11:59:00,000 " + std::string(refused);
    EXPECT_EQ(scan_file(before + started).finding("logs.db-refused").weight, Weight::info);
    EXPECT_EQ(scan_file(before + started + after).finding("logs.db-refused").weight, Weight::fail);
}

TEST_F(Scan, AMigrationThatDoesNotEnd) {
    const std::string begun = "2026-11-26 11:55:00,000 INFO  [alembic] Running upgrade a -> b\n";
    EXPECT_THAT(scan_file(begun).finding("logs.migration-incomplete").message,
                HasSubstr("\"Running upgrade a -> b\" without \"complete\" after it for 5 min"));
    EXPECT_FALSE(scan_file(begun + "2026-11-26 11:56:00 INFO Database migrations complete.\n")
                     .found("logs.migration-incomplete"));
    const auto running = scan_file("2026-11-26 11:59:50 INFO [alembic] Running upgrade a -> b\n");
    EXPECT_FALSE(running.found("logs.migration-incomplete"));
    EXPECT_THAT(*running.summary,
                HasSubstr("a migration has begun, its end is not logged yet: a -> b"));
}

TEST_F(Scan, ManyErrorsAreAFailureOnlyIfTheRunbookSaysSo) {
    const auto file =
        write("app.log", "2026-11-26 11:59:00 ERROR a\n2026-11-26 11:59:01 ERROR a\n");
    EXPECT_EQ(scan(Params().list("files", {file})).finding("logs.errors").weight, Weight::warn);
    EXPECT_EQ(
        scan(Params().list("files", {file}).set("fail-over", 1)).finding("logs.errors").weight,
        Weight::fail);
    EXPECT_EQ(
        scan(Params().list("files", {file}).set("fail-over", 2)).finding("logs.errors").weight,
        Weight::warn);
}

TEST_F(Scan, OfWhatAPatternMatchesTheMostFrequentKindsAreShownButNothingOfNowIsHidden) {
    std::string log;
    for (const auto* old : {"apple", "apple", "pear", "pear", "plum"})
        log += triage::text("2026-11-26 11:46:00 INFO lost ", old, "\n");
    log += "2026-11-26 11:59:59 INFO lost cherry\n";
    const auto result = scan(Params()
                                 .list("files", {write("app.log", log)})
                                 .list("match", {"lost", "nothing"})
                                 .set("show", 2));
    EXPECT_THAT(*result.summary, HasSubstr("\"lost\" ×6 of 4 kinds, 2 shown"));
    ASSERT_EQ(result.findings.size(), 2U);
    EXPECT_EQ(result.findings[0].message, "\"lost\" matches once, 1 s ago");
    EXPECT_EQ(result.findings[0].weight, Weight::fail);
    EXPECT_EQ(result.findings[1].message, "\"lost\" matches 2 times, last 14 min ago");
    EXPECT_EQ(result.findings[1].weight, Weight::warn);
}

TEST_F(Scan, AFloodOfOtherKindsHidesNothingThatHasAName) {
    std::string log;
    for (std::size_t i = 0; i < Clusters::max_clusters + 20; ++i) {
        std::string word;
        for (auto rest = i; word.size() < 4; rest /= 26)
            word += static_cast<char>('a' + rest % 26);
        log += triage::text("2026-11-26 11:59:00 ERROR ", word, "\n");
    }
    log += "2026-11-26 11:59:01,000 " + std::string(refused);
    log += "2026-11-26 11:59:02 INFO lost this\n2026-11-26 11:59:03 INFO lost that\n";
    const auto result =
        scan(Params().list("files", {write("app.log", log)}).list("match", {"lost"}));
    EXPECT_EQ(result.finding("logs.db-refused").weight, Weight::fail);
    EXPECT_EQ(result.finding("logs.match").weight, Weight::fail);
    EXPECT_EQ(result.finding("logs.match").message, "\"lost\" matches 2 times, last 57 s ago");
    EXPECT_THAT(*result.summary, HasSubstr("22 more of other kinds, beyond 1000"));
}

TEST_F(Scan, ARateNeedsMoreThanAFewEvents) {
    const auto rate = [&](int count) {
        std::string text;
        for (int i = 0; i < count; ++i)
            text += "2026-11-26 11:59:" + std::to_string(10 + i) + " ERROR a\n";
        const auto result = scan_file(text);
        for (const auto& [name, value] : result.finding("logs.errors").evidence)
            if (name == "rate") return value;
        return std::string("none");
    };
    EXPECT_EQ(rate(3), "none");
    EXPECT_EQ(rate(30), "60 a minute");
}

TEST_F(Scan, ATimeInTheFutureIsSaid) {
    EXPECT_EQ(scan_file("2026-11-26 12:00:40Z ERROR a\n").finding("logs.errors").message,
              "ERROR a (once, by its time 40 s ahead of this machine's clock)");
}

TEST_F(Scan, WhatWasWrittenWhileFollowingIsNotInTheFuture) {
    const auto file = write("app.log", "2026-11-26 12:00:03Z ERROR a\n");
    const auto result = scan(Params().list("files", {file}).set("follow", 5s));
    EXPECT_EQ(result.finding("logs.errors").message, "ERROR a (once, 2 s ago)");
    EXPECT_THAT(*result.summary, HasSubstr("since 11:45:00Z")) << "the window does not move along";
}

TEST_F(Scan, ALogWithEventsInTheWindowIsNotSilent) {
    const auto result =
        scan_file("2026-11-26 11:59:00Z ERROR a\n2026-11-26 11:00:00Z INFO late to be written\n");
    EXPECT_THAT(*result.summary, testing::Not(HasSubstr("no line since")));
    EXPECT_TRUE(result.found("logs.errors"));
}

TEST_F(Scan, ToFollowForLongerThanTheCheckMayTakeIsRefused) {
    const auto file = write("app.log", "x\n");
    EXPECT_THAT(*scan(Params().list("files", {file}).set("follow", 1min)).error,
                HasSubstr("is longer than the check may take"));
}

TEST_F(Scan, WhatComesAfterFollowingHasItsTime) {
    const auto file = write("app.log", "2026-11-26 11:59:00Z ERROR a\n");
    for (const auto follow : {9499ms, 9500ms, 9800ms, 9999ms}) {
        const auto result = scan(Params().list("files", {file}).set("follow", follow));
        ASSERT_FALSE(result.error) << *result.error;
        EXPECT_TRUE(result.found("logs.errors"));
        const auto cut = HasSubstr(", followed for 9.5 s only: the timeout has no more");
        if (follow > 9500ms)
            EXPECT_THAT(*result.summary, cut);
        else
            EXPECT_THAT(*result.summary, testing::Not(cut));
    }
}

TEST_F(Scan, AZoneThatIsNoneIsSaid) {
    EXPECT_THAT(*scan(Params().list("files", {write("a.log", "x\n")}).set("zone", "CET")).error,
                HasSubstr("expected UTC, local or an offset, such as +02:00"));
}

TEST_F(Scan, NoSourceIsNoAnswer) {
    EXPECT_THAT(*scan({}).error, HasSubstr("no source is given"));
    EXPECT_THAT(*scan(Params().list("files", {"/nowhere/x.log"})).error,
                HasSubstr("/nowhere/x.log: No such file"));
    EXPECT_THAT(*scan(Params().list("files", {folder_.string() + "/*.log"})).error,
                HasSubstr("no file matches"));
}

std::string frame(char type, std::string_view text) {
    std::string out{type, 0, 0, 0, 0, 0, 0, static_cast<char>(text.size())};
    return out.append(text);
}

class DockerScan : public Scan {
protected:
    DockerScan() {
        host.answer("GET", "http://docker/containers/json?all=1",
                    Reply(200).body(R"([{"Id":"aaaaaaaaaaaa","Names":["/mc-api-1"],)"
                                    R"("State":"running","Labels":{"com.docker.compose.project":)"
                                    R"("mc","com.docker.compose.service":"api"}}])"));
        host.answer("GET", "http://docker/containers/aaaaaaaaaaaa/json",
                    Reply(200).body(R"({"Config":{"Tty":false}})"));
    }
    Result scan_docker(Reply log) {
        host.answer("GET",
                    "http://docker/containers/aaaaaaaaaaaa/logs?stdout=1&stderr=1&timestamps=1"
                    "&since=1795693500",
                    std::move(log));
        return scan(Params().list("docker", {"mc/api"}));
    }
};

TEST_F(DockerScan, StreamsAreReadApartHoweverTheyAreCut) {
    const std::string at = "2026-11-26T11:59:00.000000001Z ";
    const auto body = frame(2, at + "Traceback (most recent call last):\n") +
                      frame(1, at + "INFO: meanwhile\n") + frame(2, at + "  File \"x\"\n" + at) +
                      frame(2, "a.B: c\n");
    for (const std::size_t size : {1UL, 7UL, 1000UL}) {
        const auto result = scan_docker(Reply(200).body(body).chunk_size(size));
        EXPECT_EQ(result.finding("logs.errors").message, "a.B: c (once, 60 s ago)") << size;
        EXPECT_EQ(result.finding("logs.errors").subject, "docker mc/api");
    }
}

TEST_F(DockerScan, WhatTheEngineRefusesIsSaid) {
    EXPECT_THAT(*scan_docker(Reply(500).body(R"({"message":"no logs here"})")).error,
                HasSubstr("docker mc/api: the engine answers HTTP 500: no logs here"));
    EXPECT_THAT(*scan_docker(Reply(200).body("not frames at all")).error,
                HasSubstr("no stream of frames"));
    EXPECT_THAT(*scan_docker(Reply(200).body(frame(1, "abc").substr(0, 9))).error,
                HasSubstr("broke off within a frame"));
    EXPECT_THAT(*scan_docker(Reply(200).body(frame(1, "x\n")).then_closed()).error,
                HasSubstr("its log broke off"));
}

TEST_F(DockerScan, AnEngineThatIsAwayIsNoFinding) {
    FakeHost other;
    other.answer("GET", "http://docker/containers/json?all=1",
                 Reply::failed(triage::Failure::refused));
    const auto result = other.run("scan", Params().list("docker", {"mc/api", "mc/db"}));
    EXPECT_THAT(*result.error, HasSubstr("2 of 2 sources could not be read"));
    EXPECT_THAT(result.findings, IsEmpty());
}

TEST_F(Scan, EveryWayToBeCancelledIsClean) {
    const auto file = write("app.log", "2026-11-26 11:59:00 ERROR a\n");
    const auto params = Params().list("files", {file}).set("follow", 1s);
    const auto events = host.run("scan", params).events;
    for (int i = 0; i < events; ++i) {
        FakeHost one;
        one.cancel_at(i);
        EXPECT_THAT(one.run("scan", params).violations, IsEmpty()) << i;
    }
}

TEST(Files, RotatedSiblingsByTheirNames) {
    for (const auto* name : {"a.log.1", "a.log.2.gz", "a.log-20261123", "a.log-2026-11-23.zst"})
        EXPECT_TRUE(is_rotated(name, "a.log")) << name;
    for (const auto* name :
         {"a.log", "a.log.", "a.log.old", "a.log.gz", "a.log-copy", "b.log.1", "a.log.1.bak"})
        EXPECT_FALSE(is_rotated(name, "a.log")) << name;
}

/// A file of lines, each one minute after the other.
class Seek : public Scan {
protected:
    int file(const std::string& text) {
        const auto path = write("seek.log", text);
        fd_ = Descriptor(::open(path.c_str(), O_RDONLY));
        size_ = text.size();
        return fd_.get();
    }
    std::uint64_t tail(const std::string& text, std::uint64_t count) {
        const auto fd = file(text);
        return find_tail(fd, size_, count);
    }
    static std::string line(int minute, std::string_view more = "") {
        const auto at = shown(test_now - 24h * 30 + std::chrono::minutes(minute), Time());
        return at.substr(0, 19) + " INFO x" + std::string(more) + "\n";
    }

    Descriptor fd_;
    std::uint64_t size_ = 0;
};

TEST_F(Seek, FindsAPlaceAtOrBeforeTheFirstLineThatIsNotTooOld) {
    std::string text;
    std::vector<std::size_t> begins;
    for (int i = 0; i < 20000; ++i) {
        begins.push_back(text.size());
        text += line(i, i % 50 == 0 ? "\n  more of it\n  without time" : "");
    }
    const auto fd = file(text);
    for (const int minute : {0, 1, 700, 9999, 19998}) {
        const auto since = test_now - 24h * 30 + std::chrono::minutes(minute);
        const auto start = find_since(fd, size_, since, test_reading());
        const auto begin = begins[static_cast<std::size_t>(minute)];
        EXPECT_LE(start.offset, begin) << minute;
        EXPECT_LE(begin - start.offset, 140000U) << minute;
        EXPECT_TRUE(start.offset == 0 || text[start.offset - 1] == '\n') << minute;
    }
}

TEST_F(Seek, ALineThatIsALittleTooEarlyIsNotMissed) {
    const auto at = [](int second) { return test_now - 24h + std::chrono::seconds(second); };
    const auto line_at = [&](int second, std::size_t size) {
        return shown(at(second), Time()).substr(0, 19) + " " + std::string(size, 'x') + "\n";
    };
    for (const int since : {100, 1501, 2999}) {
        std::string text;
        std::size_t early = 0;
        for (int i = 0; i < 3000; ++i) {
            if (i == since - 58) {
                early = text.size();
                text += line_at(since, 7);
            }
            text += line_at(i, 4000);
        }
        const auto fd = file(text);
        EXPECT_LE(find_since(fd, size_, at(since), test_reading()).offset, early) << since;
    }
}

TEST_F(Seek, TimesOutOfOrderMeanAllOfIt) {
    std::string text;
    for (int i = 20000; i > 0; --i)
        text += line(i);
    const auto fd = file(text);
    EXPECT_EQ(find_since(fd, size_, test_now - 24h * 29, test_reading()).offset, 0U);
    EXPECT_FALSE(is_dated(file("a\nb\n"), 4, test_reading()));
}

TEST_F(Seek, TheTailByLines) {
    const std::string text = "1\n2\n3\n";
    EXPECT_EQ(tail(text, 1), 4U);
    EXPECT_EQ(tail(text, 3), 0U);
    EXPECT_EQ(tail(text, 9), 0U);
    EXPECT_EQ(tail("1\n2", 1), 2U);
    EXPECT_EQ(tail("", 1), 0U);
    std::string big;
    for (int i = 0; i < 50000; ++i)
        big += "line " + std::to_string(i % 10) + "\n";
    EXPECT_EQ(tail(big, 20000), 30000U * 7);
}

}  // namespace
}  // namespace logs
