#include "../patterns.hpp"

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using testing::ElementsAre;
using testing::IsEmpty;

namespace logs {
namespace {

/// Where the pattern ends in the text.
std::vector<std::size_t> ends(const std::string& pattern, std::string_view text) {
    const auto patterns = Patterns::compile({{pattern, 7}}).value();
    Searcher searcher(patterns);
    std::vector<std::size_t> out;
    for (const auto& hit : searcher.search(text)) {
        EXPECT_EQ(hit.id, 7U);
        out.push_back(hit.end);
    }
    EXPECT_EQ(searcher.matches(text), !out.empty());
    return out;
}

TEST(Patterns, OfATextAllOfItMustBeThere) {
    EXPECT_THAT(ends("Quit on exception", "Quit on exception, Quit on except, Quit"),
                ElementsAre(17));
    EXPECT_THAT(ends("Quit on exception", "Quit on exceptio"), IsEmpty());
    EXPECT_THAT(ends("aXbXc", "aXbXbXc aXbXc"), ElementsAre(13));
    EXPECT_THAT(ends("x", "axbx"), ElementsAre(2, 4));
    EXPECT_THAT(ends(R"(\[error\] a\.b)", "[error] a.b [error] axb"), ElementsAre(11));
}

TEST(Patterns, TheStartOfALineIsAlsoThatOfTheText) {
    EXPECT_THAT(ends("^E1", "E1 x E1\nE1\n E1"), ElementsAre(2, 10));
    EXPECT_THAT(ends("^E1", "\nE1"), ElementsAre(3));
    EXPECT_THAT(ends("^E[12]$", "E1\nE12\nE2"), ElementsAre(2, 9));
}

TEST(Patterns, WhatIsMoreThanATextIsOne) {
    EXPECT_THAT(ends("a.c$", "abc x\nabc\n"), ElementsAre(9));
    EXPECT_THAT(ends(R"(a\d)", "a1 ad"), ElementsAre(2));
    EXPECT_THAT(ends("(?i)late", "LATE"), ElementsAre(4));
    EXPECT_THAT(ends("a|b", "a b"), ElementsAre(1, 3));
}

TEST(Patterns, HitsAreInTheOrderOfTheirEnds) {
    const auto patterns = Patterns::compile({{"Zebra is there", 1}, {"is", 2}, {"bra", 3}}).value();
    Searcher searcher(patterns);
    std::vector<unsigned> ids;
    for (const auto& hit : searcher.search("Zebra is there"))
        ids.push_back(hit.id);
    EXPECT_THAT(ids, ElementsAre(3, 2, 1));
}

/// Where any of the words ends in the text, by looking at each place.
std::vector<std::size_t> ends_of_words(std::string_view text,
                                       const std::vector<std::string>& words) {
    std::vector<std::size_t> out;
    for (std::size_t end = 1; end <= text.size(); ++end) {
        const bool any = std::ranges::any_of(
            words, [&](const auto& word) { return text.substr(0, end).ends_with(word); });
        if (any) out.push_back(end);
    }
    return out;
}

// Vectorscan 5.4.9, of the same API, misses some: with two or three patterns, near a text's end.
TEST(Patterns, NoneIsMissed) {
    const std::vector<std::string> all{"gnor", "Broken", "ignore-me", "OOM", "x7"};
    std::mt19937 random(20261127);
    for (std::size_t count = 1; count <= all.size(); ++count) {
        const std::vector words(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count));
        std::vector<Patterns::Pattern> wanted;
        for (const auto& word : words)
            wanted.push_back({count % 2 == 0 ? word : "(?:" + word + ")", 1});
        const auto patterns = Patterns::compile(wanted).value();
        Searcher searcher(patterns);
        for (int round = 0; round < 3000; ++round) {
            std::string text(random() % 300, ' ');
            for (char& c : text)
                c = static_cast<char>(' ' + random() % 64);
            const auto& word = words[random() % count];
            if (word.size() <= text.size())
                text.replace(random() % (text.size() - word.size() + 1), word.size(), word);
            std::vector<std::size_t> found;
            for (const auto& hit : searcher.search(text))
                if (found.empty() || found.back() != hit.end) found.push_back(hit.end);
            ASSERT_EQ(found, ends_of_words(text, words)) << text;
        }
    }
}

}  // namespace
}  // namespace logs
