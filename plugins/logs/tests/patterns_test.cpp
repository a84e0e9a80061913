#include "../patterns.hpp"

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

}  // namespace
}  // namespace logs
