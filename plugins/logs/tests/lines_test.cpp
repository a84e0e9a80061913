#include "../lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace logs {
namespace {

using testing::ElementsAre;

/// All that comes out of pieces of `size` bytes, one string a call.
std::vector<std::string> cut(std::string_view text, std::size_t size, Lines& lines) {
    std::vector<std::string> out;
    while (!text.empty()) {
        std::size_t taken = 0;
        const auto whole = lines.took(text.substr(0, size), taken);
        if (!whole.empty()) out.emplace_back(whole);
        text.remove_prefix(taken);
    }
    if (const auto rest = lines.rest(); !rest.empty()) out.emplace_back(rest);
    return out;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (const auto& part : parts)
        out += part;
    return out;
}

TEST(Lines, ComeWholeHoweverTheyAreCut) {
    const std::string text = "one\ntwo\r\n\nthree\nrest";
    for (std::size_t size = 1; size <= text.size(); ++size) {
        Lines lines;
        const auto parts = cut(text, size, lines);
        EXPECT_EQ(joined(parts), text);
        for (std::size_t i = 0; i + 1 < parts.size(); ++i)
            EXPECT_TRUE(parts[i].ends_with('\n')) << size;
    }
    Lines lines;
    EXPECT_THAT(cut(text, 5, lines), ElementsAre("one\n", "two\r\n\n", "three\n", "rest"));
}

TEST(Lines, AHugeLineIsCutAndItsRemainderSkipped) {
    for (const std::size_t size : {Lines::chunk, std::size_t{100000}}) {
        Lines lines;
        const auto parts =
            cut("a\n" + std::string(5 * Lines::max_line, 'x') + "\nb\nc", size, lines);
        ASSERT_EQ(parts.size(), 4U) << size;
        EXPECT_EQ(parts[1].size(), Lines::max_line);
        EXPECT_EQ(parts[2], "b\n");
        EXPECT_EQ(parts[3], "c");
        EXPECT_EQ(lines.cut(), 1U);
    }
    Lines endless;
    EXPECT_EQ(cut(std::string(3 * Lines::max_line, 'x'), Lines::chunk, endless).size(), 1U);
}

TEST(Lines, WhatCopytruncateLeavesIsNoPartOfTheFirstLine) {
    Lines lines;
    std::string got;
    const std::string text = std::string(3 << 20, '\0') + "first\n";
    for (std::size_t at = 0; at < text.size();)
        got += lines.took(std::string_view(text).substr(at), at);
    EXPECT_EQ(got, "first\n");
    EXPECT_EQ(lines.cut(), 0U);
    std::string_view rest("\0\0a\n", 4);
    EXPECT_EQ(next_line(rest).text, "a");
}

TEST(Lines, OneAfterAnother) {
    std::string_view rest = "a\r\n\nb";
    std::vector<std::string> seen;
    while (const auto line = next_line(rest))
        seen.emplace_back(line.text);
    EXPECT_THAT(seen, ElementsAre("a", "", "b"));
}

}  // namespace
}  // namespace logs
