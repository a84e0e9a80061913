#include "core/base/text.hpp"

#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/utf8.hpp"

namespace triage::base {
namespace {

TEST(Nearest, FindsWhatWasMeant) {
    const std::vector<std::string> names = {"timeout", "attempts", "on-fail", "needs", "url"};
    EXPECT_EQ(nearest("timout", names), "timeout");
    EXPECT_EQ(nearest("itmeout", names), "timeout");  // two neighbours swapped cost one
    EXPECT_EQ(nearest("onfail", names), "on-fail");
    EXPECT_EQ(nearest("need", names), "needs");
    EXPECT_EQ(nearest("uri", names), "url");
    EXPECT_EQ(nearest("URL", names), "url");
    EXPECT_EQ(did_you_mean("timout", names), " Did you mean 'timeout'?");
}

TEST(Nearest, SaysNothingWhenTooMuchDiffers) {
    const std::vector<std::string> names = {"timeout", "url", ""};
    EXPECT_EQ(nearest("retries", names), "");
    EXPECT_EQ(nearest("u", names), "");
    EXPECT_EQ(did_you_mean("retries", names), "");
    EXPECT_EQ(nearest("x", {}), "");
    EXPECT_EQ(nearest(std::string(10'000'000, 'x'), names), "");
}

TEST(Nearest, PrefersTheCloserThenTheFirst) {
    const std::vector<std::string> names = {"abcxxf", "abcdxf", "abcxef"};
    EXPECT_EQ(nearest("abcdef", names), "abcdxf");
}

TEST(Utf8, AcceptsExactlyWhatTheStandardCallsWellFormed) {
    std::size_t count = 0;
    for (unsigned code = 0; code <= 0x1FFFFF; ++code) {
        std::string text;
        if (code < 0x80) {
            text = {static_cast<char>(code)};
        } else if (code < 0x800) {
            text = {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 0x3F))};
        } else if (code < 0x10000) {
            text = {static_cast<char>(0xE0 | code >> 12),
                    static_cast<char>(0x80 | (code >> 6 & 0x3F)),
                    static_cast<char>(0x80 | (code & 0x3F))};
        } else {
            text = {static_cast<char>(0xF0 | code >> 18),
                    static_cast<char>(0x80 | (code >> 12 & 0x3F)),
                    static_cast<char>(0x80 | (code >> 6 & 0x3F)),
                    static_cast<char>(0x80 | (code & 0x3F))};
        }
        const Character character = first_character(text);
        const bool allowed = code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
        ASSERT_EQ(character.valid, allowed) << code;
        if (!allowed) continue;
        ++count;
        ASSERT_EQ(character.code, code);
        ASSERT_EQ(character.length, text.size());
        for (std::size_t cut = 1; cut < text.size(); ++cut) {
            ASSERT_FALSE(first_character(std::string_view(text).substr(0, cut)).valid);
        }
    }
    EXPECT_EQ(count, 0x110000U - 0x800U);
}

TEST(Utf8, FindsTheFirstBadByte) {
    EXPECT_EQ(find_invalid_utf8(""), std::string_view::npos);
    EXPECT_EQ(find_invalid_utf8("plain and größer, 日本 🚀"), std::string_view::npos);
    EXPECT_EQ(find_invalid_utf8("0123456789\xff"), 10U);
    EXPECT_EQ(find_invalid_utf8("ä\xc0\xaf"), 2U);         // overlong '/'
    EXPECT_EQ(find_invalid_utf8("0123456\xe2\x82"), 7U);   // cut short
    EXPECT_EQ(find_invalid_utf8("x\xed\xa0\x80"), 1U);     // surrogate
    EXPECT_EQ(find_invalid_utf8("\xf4\x90\x80\x80"), 0U);  // above U+10FFFF
    EXPECT_EQ(find_invalid_utf8("\x80"), 0U);
}

TEST(Printable, KeepsOrdinaryText) {
    for (const char* text : {"", "a\tb\nc", "größer 日本 🚀 e\u0301 עברית", "x\u200dy"}) {
        EXPECT_EQ(printable(text), text);
    }
}

TEST(Printable, TakesPowerFromControlSequences) {
    EXPECT_EQ(printable("\x1b[32mINFO\x1b[0m: \x1b[1;38;5;7mup"), "INFO: up");
    EXPECT_EQ(printable("a\x1b]0;title\x07"
                        "b"),
              "a\uFFFD]0;title\uFFFDb");
    EXPECT_EQ(printable("a\x1b[12\x01m"), "a\uFFFD[12\uFFFDm");  // not a sequence after all
    EXPECT_EQ(printable("\x1b["), "\uFFFD[");
    EXPECT_EQ(printable("a\xc2\x9b"
                        "31mb"),
              "a\uFFFD31mb");  // the one-character form of ESC [
    EXPECT_EQ(printable(std::string_view("a\0b\x7f\b", 5)), "a\uFFFDb\uFFFD\uFFFD");
    EXPECT_EQ(printable("user\u202egnp.exe\u2066"), "user\uFFFDgnp.exe\uFFFD");
}

TEST(Printable, MakesNewlinesOfCarriageReturns) {
    EXPECT_EQ(printable("a\r\nb\rc\r"), "a\nb\nc\n");
}

TEST(Printable, ReplacesBadBytesTogether) {
    EXPECT_EQ(printable("a\xff\xfe"), "a\uFFFD\uFFFD");
    EXPECT_EQ(printable("a\xe2\x82z"), "a\uFFFDz");
}

TEST(Printable, MakesAnythingValid) {
    std::mt19937 random(1);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes(random() % 64, '\0');
        for (char& c : bytes)
            c = static_cast<char>(random());
        const std::string shown = printable(bytes);
        ASSERT_EQ(find_invalid_utf8(shown), std::string_view::npos);
        ASSERT_EQ(shown.find('\x1b'), std::string::npos);
        ASSERT_EQ(printable(shown), shown);
    }
}

TEST(Width, CountsColumns) {
    EXPECT_EQ(display_width(""), 0U);
    EXPECT_EQ(display_width("abc"), 3U);
    EXPECT_EQ(display_width("größer"), 6U);
    EXPECT_EQ(display_width("e\u0301"), 1U);
    EXPECT_EQ(display_width("日本"), 4U);
    EXPECT_EQ(display_width("🚀"), 2U);
    EXPECT_EQ(display_width("✓ ✗ ▸ …"), 7U);
    EXPECT_EQ(display_width("a\nb"), 2U);
    EXPECT_EQ(display_width("\uFFFD"), 1U);
}

TEST(Elide, CutsAtCharacters) {
    EXPECT_EQ(elide("abc", 3), "abc");
    EXPECT_EQ(elide("abcd", 3), "ab…");
    EXPECT_EQ(elide("日本語", 6), "日本語");
    EXPECT_EQ(elide("日本語", 5), "日本…");
    EXPECT_EQ(elide("日本語", 4), "日…");
    EXPECT_EQ(elide("e\u0301e\u0301e\u0301", 2), "e\u0301…");
    EXPECT_EQ(elide("abc", 1), "…");
    EXPECT_EQ(elide("abc", 0), "");
    EXPECT_EQ(elide("", 0), "");
    EXPECT_EQ(elide("abcdefgh", 6, "..."), "abc...");
    EXPECT_EQ(elide("abcdefgh", 2, "..."), "ab");
}

TEST(Elide, NeverExceedsItsColumns) {
    std::mt19937 random(2);
    const std::vector<std::string> pieces = {"a", "ä", "日", "🚀", "\u0301", " ", "\xff"};
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (auto i = random() % 20; i > 0; --i)
            text += pieces[random() % pieces.size()];
        const std::size_t columns = random() % 12;
        ASSERT_LE(display_width(elide(text, columns)), columns) << text;
    }
}

}  // namespace
}  // namespace triage::base
