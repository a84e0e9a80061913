#include "core/report/page.hpp"

#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/text.hpp"

namespace triage::report {
namespace {

using testing::ElementsAre;

std::vector<std::string> wrapped(std::string_view text, std::size_t width, std::size_t most = 99) {
    return wrap(text, width, most, "…");
}

TEST(Wrap, BreaksAtSpacesAndNewlines) {
    EXPECT_THAT(wrapped("", 10), ElementsAre(""));
    EXPECT_THAT(wrapped("one two three", 10), ElementsAre("one two", "three"));
    EXPECT_THAT(wrapped("one two three", 7), ElementsAre("one two", "three"));
    EXPECT_THAT(wrapped("one\ntwo\n\nthree\n\n", 10), ElementsAre("one", "two", "", "three"));
    EXPECT_THAT(wrapped("\tone", 10), ElementsAre("    one"));
}

TEST(Wrap, BreaksLongWordsBehindPunctuationOrAnywhere) {
    EXPECT_THAT(wrapped("abcdefghijkl", 5), ElementsAre("abcde", "fghij", "kl"));
    EXPECT_THAT(wrapped("https://example.com/boards/5", 24),
                ElementsAre("https://example.com/", "boards/5"));
    EXPECT_THAT(wrapped("日本語の題名", 5), ElementsAre("日本", "語の", "題名"));
    EXPECT_THAT(wrapped("日本", 1), ElementsAre("日", "本"));  // there is no way; but it ends
}

TEST(Wrap, SaysThatThereIsMore) {
    EXPECT_THAT(wrapped("one two three", 5, 2), ElementsAre("one", "two…"));
    EXPECT_THAT(wrapped("a\nb", 5, 1), ElementsAre("a…"));
    EXPECT_THAT(wrapped("abcdefgh", 5, 1), ElementsAre("abcd…"));
    EXPECT_THAT(wrapped("a\n\n", 5, 1), ElementsAre("a"));
}

TEST(Wrap, LosesNothing) {
    std::mt19937 random(3);
    const std::vector<std::string> pieces = {"a", "bc", " ", "/", "ü", "日", "def-"};
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (auto i = random() % 40; i > 0; --i)
            text += pieces[random() % pieces.size()];
        const std::size_t width = 2 + random() % 10;
        std::string joined;
        for (const auto& line : wrapped(text, width)) {
            EXPECT_LE(base::display_width(line), width);
            joined += line;
        }
        std::erase(text, ' ');
        std::erase(joined, ' ');
        EXPECT_EQ(joined, text);
    }
}

TEST(OnOneLine, SqueezesWhiteSpace) {
    EXPECT_EQ(on_one_line(" a\n\tb  c \n"), "a b c");
    EXPECT_EQ(on_one_line(""), "");
}

TEST(Page, CutsWhatDoesNotFit) {
    Page page({.columns = 10});
    page.line(2, {{Ink::plain, "abc"}, {Ink::plain, "defghijk"}, {Ink::plain, "never"}});
    page.line(0, {{Ink::plain, "abcdefghij"}}, {Ink::plain, "3 ms"});
    EXPECT_EQ(page.take(), "  abcdefg…\nabc…  3 ms\n");
}

TEST(Page, ColoursWithoutChangingTheText) {
    const std::vector<Piece> pieces = {{Ink::bad, "no"}, {Ink::plain, " way "}, {Ink::good, "yes"}};
    Page plain({});
    Page color({.color = true});
    plain.line(1, pieces);
    color.line(1, pieces);
    const std::string colored = color.take();
    EXPECT_EQ(colored, " \x1b[1;31mno\x1b[0m way \x1b[32myes\x1b[0m\n");
    EXPECT_EQ(base::printable(colored), plain.take());
}

}  // namespace
}  // namespace triage::report
