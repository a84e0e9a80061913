#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/text.hpp"

namespace triage::base {
namespace {

using std::chrono::microseconds;
using namespace std::chrono_literals;

TEST(ParseDuration, ReadsEveryUnit) {
    EXPECT_EQ(parse_duration("300us"), 300us);
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("3s"), 3s);
    EXPECT_EQ(parse_duration("2m"), 2min);
    EXPECT_EQ(parse_duration("1h"), 1h);
    EXPECT_EQ(parse_duration("7d"), 7 * 24h);
    EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(ParseDuration, KeepsFractionsThatAreWholeMicroseconds) {
    EXPECT_EQ(parse_duration("1.5s"), 1500ms);
    EXPECT_EQ(parse_duration("0.25ms"), 250us);
    EXPECT_EQ(parse_duration("1.500000000000s"), 1500ms);
    EXPECT_EQ(parse_duration("0.000001s"), 1us);
    EXPECT_EQ(parse_duration("0.00000005m"), 3us);
    EXPECT_EQ(parse_duration("99999999.99999999d"), microseconds(8639999999999999136));
}

TEST(ParseDuration, RefusesWhatIsNoDuration) {
    for (const char* text : {"",
                             "s",
                             "5",
                             "5 s",
                             " 5s",
                             "5s ",
                             "-5s",
                             "+5s",
                             ".5s",
                             "5.s",
                             "5,5s",
                             "5x",
                             "5S",
                             "5sec",
                             "1h30m",
                             "0.5us",
                             "0.0000001s",
                             "1e3s",
                             "0x1s",
                             "9223372036854775807s",
                             "99999999999999999999us",
                             "106751992d",
                             "1.123456789s"}) {
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
    }
    EXPECT_EQ(parse_duration("9223372036854775807us"), microseconds(INT64_MAX));
}

TEST(FormatDuration, IsShort) {
    const std::vector<std::pair<microseconds, std::string>> cases = {
        {0us, "0 ms"},
        {1us, "0.001 ms"},
        {250us, "0.25 ms"},
        {7ms, "7 ms"},
        {7100us, "7.1 ms"},
        {12340us, "12.3 ms"},
        {99960us, "100 ms"},
        {100200us, "100 ms"},
        {999499us, "999 ms"},
        {999500us, "1 s"},
        {1250ms, "1.25 s"},
        {9994ms, "9.99 s"},
        {9996ms, "10 s"},
        {12340ms, "12.3 s"},
        {59949ms, "59.9 s"},
        {59960ms, "1 min"},
        {60s, "1 min"},
        {125s, "2 min 5 s"},
        {3599499ms, "59 min 59 s"},
        {3599500ms, "1 h"},
        {3h + 5min + 10s, "3 h 5 min"},
        {24h - 1s, "1 d"},
        {50h, "2 d 2 h"},
        {-1250ms, "-1.25 s"},
    };
    for (const auto& [duration, text] : cases) {
        EXPECT_EQ(format_duration(duration), text) << duration.count();
    }
    EXPECT_FALSE(format_duration(microseconds::max()).empty());
    EXPECT_FALSE(format_duration(microseconds::min()).empty());
}

}  // namespace
}  // namespace triage::base
