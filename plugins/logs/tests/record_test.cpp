#include "../record.hpp"

#include <gtest/gtest.h>

#include "harness.hpp"

using namespace std::chrono_literals;

namespace logs {
namespace {

constexpr Time now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 26) + 12h;

Reading reading(Wrapping wrapping = Wrapping::any) {
    return {.wrapping = wrapping, .zone = *Zone::parse("UTC"), .now = now};
}
Level level(std::string_view line) { return read_record(line, reading()).level; }

TEST(Level, StandsWhereLevelsStand) {
    EXPECT_EQ(level("2026-11-23 10:21:49,316 ERROR app.core unhandled_exception"), Level::error);
    EXPECT_EQ(level("ERROR:    Exception in ASGI application"), Level::error);
    EXPECT_EQ(level("ERROR:root:message"), Level::error);
    EXPECT_EQ(level("2026-11-26 10:00:00,1 - app - CRITICAL - x"), Level::critical);
    EXPECT_EQ(level("2026/11/26 11:26:50 [error] 7#7: *1 connect() failed"), Level::error);
    EXPECT_EQ(level("2026/11/26 11:26:50 [emerg] 7#7: bind() failed"), Level::critical);
    EXPECT_EQ(level("2026-11-26 11:26:49.630 UTC [11690] FATAL:  password"), Level::critical);
    EXPECT_EQ(level("2026-11-26 11:26:49.630 UTC [11690] DETAIL:  x FATAL y"), Level::info);
    EXPECT_EQ(level(R"(time="2026-11-26T10:00:00Z" level=error msg="x")"), Level::error);
    EXPECT_EQ(level("E1126 10:00:00.5 1 a.go:1] x"), Level::error);
    EXPECT_EQ(level("I1126 10:00:00.5 1 a.go:1] error: x"), Level::info);
    EXPECT_EQ(level("3:04PM ERR boom"), Level::error);
    EXPECT_EQ(level("2026-11-26 10:00:00 error: boom"), Level::error);
    EXPECT_EQ(level("error: boom"), Level::error);
    EXPECT_EQ(level("2026-11-26T10:00:00Z panic: runtime error: index"), Level::critical);
    EXPECT_EQ(level("Exception in thread \"main\" java.lang.IllegalStateException"),
              Level::critical);
    EXPECT_EQ(level("thread 'main' panicked at src/main.rs:2:5:"), Level::critical);
    EXPECT_EQ(level("npm ERR! code ELIFECYCLE"), Level::error);
    EXPECT_EQ(level("Nov 26 10:00:00 host app[1]: ERROR x"), Level::error);
    EXPECT_EQ(level("backend-1  | 2026-11-23 10:21:49,316 ERROR app x"), Level::error);
}

TEST(Level, ColoursAreNoPartOfALine) {
    EXPECT_EQ(level("2026-11-26 10:00:00 \x1b[31mERROR\x1b[0m boom"), Level::error);
    const auto line = "\x1b[2m2026-11-26T10:00:00Z\x1b[0m [\x1b[31m\x1b[1merror    \x1b[0m] boom";
    const auto record = read_record(line, reading());
    EXPECT_EQ(record.level, Level::error);
    EXPECT_EQ(record.text, "2026-11-26T10:00:00Z [error    ] boom");
    EXPECT_TRUE(record.at);
}

TEST(Level, WhatLooksLikeOneIsNone) {
    EXPECT_EQ(level("2026-11-26 10:00:00 error rates are fine"), Level::none);

    EXPECT_EQ(level("2026-11-23 10:21:49,316 INFO app.jobs no errors found"), Level::info);
    EXPECT_EQ(level("2026-11-23 10:21:49,316 INFO app.jobs last ERROR was yesterday"), Level::info);
    EXPECT_EQ(level("INFO:     1.2.3.4:5 - \"GET /ERROR HTTP/1.1\" 404 Not Found"), Level::info);
    EXPECT_EQ(level("finished with ERROR count 0"), Level::none);
    EXPECT_EQ(
        level(R"(1.2.3.4 - - [26/Nov/2026:11:26:53 +0000] "GET /?level=ERROR HTTP/1.1" 200 1)"),
        Level::none);
    EXPECT_EQ(level("  File \"error.py\", line 1"), Level::none);
    EXPECT_EQ(level(""), Level::none);
}

TEST(Record, JsonBringsItsOwn) {
    const auto record = read_record(
        R"({"timestamp":"2026-11-23T10:25:11.518086+00:00","level":"ERROR","logger":"app",)"
        R"("message":"unhandled_exception","exception":"Traceback (most recent call last):\n  x"})",
        reading());
    EXPECT_TRUE(record.json);
    EXPECT_EQ(record.level, Level::error);
    EXPECT_EQ(record.message(), "unhandled_exception");
    EXPECT_TRUE(record.trace.starts_with("Traceback"));
    EXPECT_EQ(shown(*record.at, now), "2026-11-23 10:25:11Z");
    EXPECT_EQ(level(R"({"level":50,"time":1790000000123,"msg":"x"})"), Level::error);
    EXPECT_EQ(level(R"({"level":"info","error":null,"msg":"ERROR"})"), Level::info);
    EXPECT_EQ(level(R"({"log":{"level":"error"},"message":"x"})"), Level::error);
}

TEST(Record, BrokenJsonIsText) {
    for (const auto* line : {"{", "{\"level\":", "{\"level\":\"error\"", "{}{}", "{\"a\":\xff}"})
        EXPECT_FALSE(read_record(line, reading()).json) << line;
    std::string deep(5000, '{');
    EXPECT_FALSE(read_record(deep, reading()).json);
    EXPECT_TRUE(read_record("{}", reading()).json);
}

TEST(Record, WrappingsAreTakenOff) {
    EXPECT_EQ(read_record("worker-1   | hello", reading()).text, "hello");
    EXPECT_EQ(read_record("a | b", reading()).text, "b");
    EXPECT_EQ(read_record("some words | b", reading()).text, "some words | b");
    const auto file = read_record(
        R"({"log":"ERROR:    x \"y\"\n","stream":"stderr","time":"2026-11-26T10:00:00.1Z"})",
        reading());
    EXPECT_EQ(file.text, "ERROR:    x \"y\"");
    EXPECT_EQ(file.level, Level::error);
    EXPECT_EQ(shown(*file.at, now), "10:00:00Z");
    const auto cri = read_record("2026-11-26T10:00:00.1Z stderr F ERROR: x", reading());
    EXPECT_EQ(cri.text, "ERROR: x");
    const auto engine =
        read_record("2026-11-26T10:00:00.123456789Z   File \"x\"", reading(Wrapping::docker));
    EXPECT_EQ(engine.text, "  File \"x\"");
    EXPECT_EQ(read_record("2026-11-26T10:00:00.123456789Z", reading(Wrapping::docker)).text, "");
}

TEST(Record, WhatLinesShareMakesNoDifference) {
    RecordReader reader;
    Record record;
    Unwrapped inner;
    for (const std::string line : {"2026-11-26 10:00:00,001 ERROR app a",
                                   "2026-11-26 10:00:59,002 ERROR app b",
                                   "2026-11-26 10:00:59,002 ERRORS app b",
                                   "2026-11-26 10:00:07Z ERROR app",
                                   "ERROR app a",
                                   "2026-11-26 10:00:61,002 ERROR app",
                                   "2026-11-26 10:00: ERROR app",
                                   "2026-11-26 10:00",
                                   "2026-11-26 10:01:00 [error] x",
                                   "2026-11-26 10:01:00 [error] 1 x",
                                   "[error ] x",
                                   "[error ] y",
                                   "[error x] y",
                                   "[error",
                                   "1970-01-01 00:00:01 Unhandled ERROR x",
                                   "1970-01-01 00:00:01 Unhandled exception",
                                   "fatal ERROR x",
                                   "fatal error: ERROR x",
                                   "thread 'ERROR x' y",
                                   "thread 'ERROR x' panicked at y",
                                   "E1126 ERROR",
                                   "E112 ERROR x",
                                   "error: a",
                                   "error: b",
                                   "error:",
                                   "a level=error b",
                                   "a level=info b",
                                   "ERROR",
                                   "ERROR "}) {
        unwrap(line, reading(), inner);
        reader.read(inner, reading(), record);
        const auto& alone = read_record(line, reading());
        EXPECT_EQ(record.level, alone.level) << line;
        EXPECT_EQ(record.at, alone.at) << line;
        EXPECT_EQ(record.message(), alone.message()) << line;
    }
}

TEST(Record, AnEntryBeginsWithTimeLevelOrObject) {
    for (const auto* line :
         {"2026-11-23 10:21:49,316 x", "INFO:     x", "{\"a\":1}", "[2026-11-26 11:26:50 +0000] x"})
        EXPECT_TRUE(begins_entry(line, reading())) << line;
    for (const auto* line : {"", " x", "\tx", "auth_mode", "(Background on this error", "[SQL: x]"})
        EXPECT_FALSE(begins_entry(line, reading())) << line;
}

}  // namespace
}  // namespace logs
