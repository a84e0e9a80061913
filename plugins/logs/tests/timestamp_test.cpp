#include "../timestamp.hpp"

#include <gtest/gtest.h>
#include <triage/text.hpp>

using namespace std::chrono_literals;

namespace logs {
namespace {

constexpr Time now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 26) + 12h;

std::string found(std::string_view line, const std::string& zone = "UTC") {
    const auto stamp = find_stamp(line, *Zone::parse(zone), now);
    if (!stamp) return "none";
    const auto micros = stamp->at.time_since_epoch().count() % 1000000;
    return triage::text(shown(stamp->at, Time()), micros != 0 ? triage::text("+", micros) : "",
                        stamp->zoned ? "" : " assumed");
}

TEST(Timestamp, IsReadInTheFormsThatLogsUse) {
    EXPECT_EQ(found("2026-11-23 10:21:05,976 WARNING app"), "2026-11-23 10:21:05Z+976000 assumed");
    EXPECT_EQ(found("2026-11-23T10:25:11.518086+00:00 x"), "2026-11-23 10:25:11Z+518086");
    EXPECT_EQ(found("2026-11-23T10:25:11.123456789Z x"), "2026-11-23 10:25:11Z+123456");
    EXPECT_EQ(found("2026-11-23T12:25:11+0200 x"), "2026-11-23 10:25:11Z");
    EXPECT_EQ(found("2026-11-23T05:25:11-05 x"), "2026-11-23 10:25:11Z");
    EXPECT_EQ(found("2026-11-26 11:26:48.145 UTC [11674] LOG:  x"), "2026-11-26 11:26:48Z+145000");
    EXPECT_EQ(found("2026-11-26 11:26:48.145 CET [11674] LOG:  x"),
              "2026-11-26 11:26:48Z+145000 assumed");
    EXPECT_EQ(found("2026/11/26 11:26:50 [notice] 1#1: x"), "2026-11-26 11:26:50Z assumed");
    EXPECT_EQ(found("[2026-11-26 11:26:50 +0000] [7] [INFO] gunicorn"), "2026-11-26 11:26:50Z");
    EXPECT_EQ(found(R"(10.0.0.1 - bob [26/Nov/2026:11:26:53 +0100] "GET / HTTP/1.1" 200 1)"),
              "2026-11-26 10:26:53Z");
    EXPECT_EQ(found("11704:M 26 Nov 2026 11:26:50.815 * Ready"),
              "2026-11-26 11:26:50Z+815000 assumed");
    EXPECT_EQ(found("Nov  3 10:00:00 host app[1]: x"), "2026-11-03 10:00:00Z assumed");
    EXPECT_EQ(found("E1126 10:00:00.5 1 a.go:1] x"), "2026-11-26 10:00:00Z+500000 assumed");
}

TEST(Timestamp, AYearThatIsNotThereIsTheLatestPossible) {
    EXPECT_EQ(found("Dec 31 23:59:59 host x"), "2025-12-31 23:59:59Z assumed");
    EXPECT_EQ(found("Nov 26 23:00:00 host x"), "2026-11-26 23:00:00Z assumed") << "a clock ahead";
    EXPECT_EQ(found("Feb 29 10:00:00 host x"), "2024-02-29 10:00:00Z assumed");
}

TEST(Timestamp, ZonesAreSaidOrAssumed) {
    EXPECT_EQ(found("2026-11-23 10:21:05 x", "+02:00"), "2026-11-23 08:21:05Z assumed");
    EXPECT_EQ(found("2026-11-23 10:21:05 x", "-0530"), "2026-11-23 15:51:05Z assumed");
    EXPECT_EQ(found("2026-11-23 10:21:05Z x", "+02:00"), "2026-11-23 10:21:05Z");
    EXPECT_EQ(found("2026-11-23 10:21:05 x", "+02"), "2026-11-23 08:21:05Z assumed");
    for (const auto* utc : {"UTC", "utc", "GMT", "gmt", "Z", "+00"})
        EXPECT_EQ(found("2026-11-23 10:21:05 x", utc), "2026-11-23 10:21:05Z assumed") << utc;
    for (const auto* wrong : {"", "Europe/Berlin", "+2", "+99:00", "UTC+1", "+02:00x"})
        EXPECT_FALSE(Zone::parse(wrong)) << wrong;
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    ::tzset();
    EXPECT_EQ(found("2026-11-23 10:21:05 x", "local"), "2026-11-23 09:21:05Z assumed");
    EXPECT_EQ(found("2026-07-23 10:21:05 x", "local"), "2026-07-23 08:21:05Z assumed");
    ::unsetenv("TZ");
    ::tzset();
}

TEST(Timestamp, WhatIsNoneIsNone) {
    for (const auto* line : {"",
                             " ",
                             "INFO:     Application startup complete.",
                             "2026-13-01 10:00:00 x",
                             "2026-02-30 10:00:00 x",
                             "2026-11-23 25:00:00 x",
                             "2026-11-23",
                             "1969-11-23 10:00:00 x",
                             "2026-11/23 10:00:00 x",
                             "2026-1a-23 10:00:00 x",
                             "2026-11-23 10-00:00 x",
                             "2026-11-23 10:0",
                             "2026-11-23 10:00:0",
                             "  File \"x\", line 10",
                             "20261123 102105",
                             "took 2026-11",
                             "[",
                             "[[[[[[[[[[[[[[[[[[",
                             "1",
                             "12:00:00",
                             "99999999999999999999999999999999999999"})
        EXPECT_EQ(found(line), "none") << line;
}

TEST(Timestamp, EpochsAreReadByTheirSize) {
    const auto seconds = [](double number) {
        return from_epoch(number)->time_since_epoch().count() / 1000000;
    };
    EXPECT_EQ(seconds(1790000000), 1790000000);
    EXPECT_EQ(seconds(1790000000123), 1790000000);
    EXPECT_EQ(seconds(1790000000123456), 1790000000);
    EXPECT_EQ(seconds(1.790000000123456e18), 1790000000);
    for (const double wrong : {0.0, -1.0, 5.0, 1e300, std::nan("")})
        EXPECT_FALSE(from_epoch(wrong)) << wrong;
}

TEST(Timestamp, IsShownAsShortAsCanBe) {
    EXPECT_EQ(shown(now - 65min, now), "10:55:00Z");
    EXPECT_EQ(shown(now - 25h, now), "2026-11-25 11:00:00Z");
}

}  // namespace
}  // namespace logs
