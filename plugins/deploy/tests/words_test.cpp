/// Small texts: times, exit codes, names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../engine.hpp"
#include "../exit_code.hpp"

namespace deploy {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(Times, AreReadAsTheEngineWritesThem) {
    const auto plain = parse_time("2026-11-23T10:21:05Z");
    ASSERT_TRUE(plain);
    EXPECT_EQ(shown(*plain), "2026-11-23 10:21:05 UTC");
    EXPECT_EQ(shown_minutes(*plain), "2026-11-23 10:21 UTC");
    EXPECT_EQ(parse_time("2026-11-23T10:21:05.976543210Z"), plain);
    EXPECT_EQ(parse_time("2026-11-23T12:21:05.9+02:00"), plain);
    EXPECT_EQ(parse_time("2026-11-23T04:51:05-05:30"), plain);
    for (const auto* wrong :
         {"", "0001-01-01T00:00:00Z", "2026-11-23", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
          "2026-11-23T25:00:00Z", "2026-11-23T10:21:05", "2026-11-23T10:21:05+0200",
          "2026-11-23T10:21:05.", "2026-11-23T10:21:05x02:00", "-026-11-23T10:21:05Z"})
        EXPECT_FALSE(parse_time(wrong)) << wrong;
}

TEST(Times, AreToldAsPeopleDo) {
    const WallTime now = *parse_time("2026-11-23T10:21:05Z");
    EXPECT_EQ(ago(now - 7s, now), "7 s ago");
    EXPECT_EQ(ago(now - 12min, now), "12 min ago");
    EXPECT_EQ(ago(now - 30h, now), "30 h ago");
    EXPECT_EQ(ago(now - 72h, now), "3 days ago");
    EXPECT_EQ(ago(now + 1min, now), "just now") << "another machine's clock";
}

TEST(ExitCodes, AreExplained) {
    EXPECT_THAT(exit_code_text(0), HasSubstr("by itself"));
    EXPECT_THAT(exit_code_text(1), HasSubstr("settings"));
    EXPECT_THAT(exit_code_text(3), HasSubstr("while starting"));
    EXPECT_THAT(exit_code_text(137), HasSubstr("memory"));
    EXPECT_THAT(exit_code_text(143), HasSubstr("stopped"));
    EXPECT_EQ(exit_code_text(135), "135 (ended by signal 7)");
    EXPECT_EQ(exit_code_text(42), "42");
}

TEST(Images, OnlyATagCanMeanAnotherOneTomorrow) {
    for (const auto* tag : {"postgres:16", "ghcr.io/o/mc-backend", "h:5000/a_b:1.2-x"})
        EXPECT_TRUE(is_tag(tag)) << tag;
    for (const auto* other : {"", "sha256:12ab", "postgres@sha256:12", "a/../../containers", "a b"})
        EXPECT_FALSE(is_tag(other)) << other;
    EXPECT_EQ(short_id("sha256:0123456789abcdef"), "0123456789ab");
    EXPECT_EQ(short_id("x"), "x");
}

TEST(Answers, ThatAreBrokenAreNone) {
    for (const auto* broken : {"", "[]", "{}", R"({"State":{"Status":5},"Image":"x"})"})
        EXPECT_FALSE(read_container({}, broken)) << broken;
    EXPECT_FALSE(read_image(R"({"Id":7})"));
}

}  // namespace
}  // namespace deploy
