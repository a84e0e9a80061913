#include "../own.hpp"

#include <initializer_list>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/text.hpp>

#include "harness.hpp"

using testing::HasSubstr;

namespace logs {
namespace {

/// Is the line found as one of a log?
bool finds(const std::string& pattern, const std::string& line) {
    const How how{.match = {pattern}, .known = false, .errors = false};
    const auto found = scan_text("before\n" + line + "\nbehind\n", how);
    for (const auto* one : found.clusters.all())
        if (one->sample.starts_with(line)) return true;
    return false;
}

struct Case {
    const char *pattern, *in, *not_in;
};

void expect(std::initializer_list<Case> cases) {
    for (const auto& [pattern, in, not_in] : cases) {
        EXPECT_TRUE(in == nullptr || finds(pattern, in)) << pattern;
        EXPECT_FALSE(not_in != nullptr && finds(pattern, not_in)) << pattern;
    }
}

TEST(Own, WhatHyperscanDoesNotTakeIsFoundAsWell) {
    expect({
        {"a*", "anything", nullptr},
        {"x*|y", "z", nullptr},
        {"^(?:a|b?)$", "b", "bb"},
        {"x$y", nullptr, "x$y"},
        {"(?U)a+c", "aac", "a d"},
        {R"(\x{1F600}!)", "so 😀!", "so 😁!"},
        {R"(\p{Greek}{3})", "αβγ", "αβ"},
        {R"(\pN\pN)", "a 1² b", "a 1 2"},
        {R"(a\Cc)", "abc", "ac"},
        {R"(\Qa.b\E$)", "x a.b", "axb"},
        {"(?P<n>x)y", "xy", "x"},
        {"(?P<2>x)y", "xy", "x"},
        {"ab{999}c", nullptr, "abbc"},
        {"(?:ab{2,300}){1,3}c.", "abbcd", "abc"},
        {".{200,900}x", nullptr, "x"},
        {"[[:^digit:]]7", "a7", "17"},
        {R"([\D]7)", "a7", "17"},
        {R"(\x41\x{42})", "AB", "ab"},
        {"(?m)x$", "ax", "xa"},
        {"(?-m)x$", "ax", "xa"},
        {R"(^\b)", "a", "]"},
        {R"(^|a)", "b", nullptr},
        {R"(x|\B$)", "]", "a"},
        {"$", "a", nullptr},
        {R"(^\S\x{1F600}?$)", "ü", "üx"},
        {"(?i:LATE)r", "LAter", "LATER"},
    });
}

TEST(Own, LettersAreThoseOfUtf8) {
    expect({
        {"na.ve", "a naïve one", "nave"},
        {"na..ve", nullptr, "naïve"},
        {"na[^x]ve", "naïve", "naxve"},
        {R"(na\Wve)", "naïve", "naive"},
        {"n.{2}ve", "naïve", "nave"},
        {"^.{5}$", "naïve", "naïveté"},
        {"na.?ve", "naïve", "naxïve"},
        {"(?i)ü", "Ü", "U"},
        {"(?i:naïve).*x", "NAÏVE x", "NAIVE x"},
        {"^[äö]$", "ö", "ü"},
        {"x[äö]+y", "xäöäy", "xäüy"},
        {"xä+y", "xääy", "xy"},
        {"xä?y", "xy", "xääy"},
        {"xä{2}y", "xääy", "xäy"},
        {"naïve", "naïve", "naive"},
        {"^na.*ve[^;]*t$", "naïve tät", "naïve; t"},
        {R"(\bé)", nullptr, "é"},
        {"timeout.*pool", "timeout ü pool", "pool timeout"},
    });
}

TEST(Own, ALineThatIsNotUtf8HasLettersOfOneByte) {
    EXPECT_TRUE(finds("M.ller", "M\xfcller"));
    EXPECT_TRUE(finds("payment .* declined", "payment of M\xfcller declined"));
    EXPECT_FALSE(finds("M..ller", "M\xfcller"));
    EXPECT_TRUE(finds(R"(\x{1F600}.)", "\xff 😀!")) << "where a letter is none of one byte";
    EXPECT_TRUE(finds(R"(^\S\x{1F600}?)", "ü\xff"));
    EXPECT_TRUE(finds(R"(\d.\d)", "1\xe2\x82 1.2"));
    EXPECT_FALSE(finds("^.$", "\xe2\x82"));
}

TEST(Own, HyperscanDecidesAloneWhereBytesMeanTheSame) {
    for (const auto* exact : {"payment .* declined", R"(^id=\d{3}$)", "(?i)late|[a-c]+", "naïve",
                              "x[^;]*;", R"(\S*\.py", line \d+)", R"(\Qa*\E)", "[[:alpha:]_-]"})
        EXPECT_TRUE(stand_in(exact).exact) << exact;
    for (const auto* not_exact :
         {"a.b", "[^;]", R"(\S)", "(?i)ü", "[ü]", R"(\pL)", "(?m)a$", "x.+y", R"(\B)"})
        EXPECT_FALSE(stand_in(not_exact).exact) << not_exact;
    EXPECT_EQ(stand_in(R"(\Aa.$\z)").text, R"(^a(?:.[\x80-\xbf]*)(?:\r?$)(?:\r?$))");
    EXPECT_EQ(stand_in("[]$][^]$]*[[:digit:]$]").text, "[]$][^]$]*[[:digit:]$]");
}

TEST(Own, WhatIsNoPatternIsSaid) {
    for (const auto& [wrong, why] : {std::pair("(", "missing closing parenthesis"),
                                     {"[z-a]", "range out of order"},
                                     {"", "it is empty"}}) {
        const auto own = Own::compile({"x", wrong});
        ASSERT_FALSE(own) << wrong;
        EXPECT_THAT(own.reason(),
                    HasSubstr(triage::text("the pattern \"", wrong, "\" cannot be used: ", why)));
    }
}

TEST(Own, TheFirstThatMatchesCounts) {
    const auto own = Own::compile({"z", "b.", ".c", "[^é]x*"}).value();
    OwnMatcher matcher(own);
    EXPECT_EQ(matcher.first_in("abc"), 1);
    EXPECT_EQ(matcher.first_in("é"), no_index);
    EXPECT_EQ(matcher.first_in("ée"), 3);
    EXPECT_EQ(matcher.first_in("bcz"), 0);
}

}  // namespace
}  // namespace logs
