/// triage/json.hpp: what is read where, and what is said of text that is no JSON.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/json.hpp>

namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;
using triage::Any;
using triage::Json;

Json json(std::string_view text) {
    auto read = Json::parse(text);
    EXPECT_TRUE(read) << text;
    return *std::move(read);
}

std::string why_not(std::string_view text) {
    std::string why;
    EXPECT_FALSE(Json::parse(text)) << text;
    EXPECT_FALSE(Json::parse(text, &why)) << text;
    return why;
}

TEST(Json, PlacesArePointers) {
    const auto read =
        json(R"({"a":[{"b":"x"},"y"],"":"empty","a/b":"slash","m~n":"tilde","~1":"both","0":"z"})");
    EXPECT_THAT(read.string("/a/0/b"), Optional(std::string_view("x")));
    EXPECT_THAT(read.string("/a/1"), Optional(std::string_view("y")));
    EXPECT_THAT(read.string("/"), Optional(std::string_view("empty")));
    EXPECT_THAT(read.string("/a~1b"), Optional(std::string_view("slash")));
    EXPECT_THAT(read.string("/m~0n"), Optional(std::string_view("tilde")));
    EXPECT_THAT(read.string("/0"), Optional(std::string_view("z")));
    for (const auto* key : {"a/b", "m~n", "~1", "", "0"})
        EXPECT_TRUE(read.has("/" + Json::escape(key))) << key;
    for (const auto* place : {"", "/a", "/a/0", "/a/0/b", "/a/1", "/"})
        EXPECT_TRUE(read.has(place)) << place;
    for (const auto* nowhere :
         {"a", "a/0", "#/a", "/b", "/a/2", "/a/-", "/a/00", "/a/ 0", "/a/+0", "/a/", "/a/0/", "//",
          "/a/18446744073709551616", "/a/0/b/c", "/m~n", "/m~2n", "/m~", "/a/0/b~", "$.a"}) {
        EXPECT_FALSE(read.has(nowhere)) << nowhere;
        EXPECT_FALSE(read.string(nowhere)) << nowhere;
        EXPECT_FALSE(read.scalar(nowhere)) << nowhere;
        EXPECT_FALSE(read.text(nowhere)) << nowhere;
    }
}

TEST(Json, EscapedKeysAreParts) {
    EXPECT_EQ(Json::escape("a/b"), "a~1b");
    EXPECT_EQ(Json::escape("~1/"), "~01~1");
    EXPECT_EQ(Json::escape(""), "");
    EXPECT_EQ(Json::escape("grün"), "grün");
}

/// Which of the members find something at the place, by their initials.
std::string found(const Json& read, std::string_view place) {
    std::string out;
    if (read.string(place)) out += 's';
    if (read.integer(place)) out += 'i';
    if (read.number(place)) out += 'n';
    if (read.boolean(place)) out += 'b';
    if (read.scalar(place)) out += 'S';
    if (read.array_size(place)) out += 'a';
    if (read.keys(place)) out += 'k';
    if (read.is_object(place)) out += 'o';
    if (read.has(place)) out += 'h';
    if (read.text(place)) out += 't';
    return out;
}

TEST(Json, OnlyTheRightTypeIsFound) {
    const auto read = json(R"({"s":"5","i":5,"n":0.5,"b":true,"a":[],"o":{},"z":null})");
    EXPECT_EQ(found(read, "/s"), "sSht");
    EXPECT_EQ(found(read, "/i"), "inSht");
    EXPECT_EQ(found(read, "/n"), "inSht");
    EXPECT_EQ(found(read, "/b"), "bSht");
    EXPECT_EQ(found(read, "/a"), "aht");
    EXPECT_EQ(found(read, "/o"), "koht");
    EXPECT_EQ(found(read, "/z"), "ht");
    EXPECT_EQ(found(read, "/x"), "");
    EXPECT_EQ(found(read, ""), "koht");
    EXPECT_TRUE(read.is_object());
    EXPECT_FALSE(json("[]").is_object());
    EXPECT_EQ(found(json("7"), ""), "inSht") << "RFC 8259: any value is a text";
}

TEST(Json, ScalarsKeepTheirType) {
    const auto read = json(R"(["1",1,1.0,1e0,true,-0,18446744073709551615])");
    EXPECT_THAT(read.scalar("/0"), Optional(Any(std::string("1"))));
    EXPECT_THAT(read.scalar("/1"), Optional(Any(std::int64_t{1})));
    EXPECT_THAT(read.scalar("/2"), Optional(Any(1.0)));
    EXPECT_THAT(read.scalar("/3"), Optional(Any(1.0)));
    EXPECT_THAT(read.scalar("/4"), Optional(Any(true)));
    EXPECT_THAT(read.scalar("/5"), Optional(Any(std::int64_t{0})));
    EXPECT_THAT(read.scalar("/6"), Optional(Any(18446744073709551615.0))) << "it does not fit";
}

TEST(Json, IntegersAreExactOrNone) {
    const auto integer = [](const char* text) { return json(text).integer(""); };
    EXPECT_THAT(integer("9223372036854775807"), Optional(INT64_MAX));
    EXPECT_THAT(integer("-9223372036854775808"), Optional(INT64_MIN));
    EXPECT_THAT(integer("9007199254740993"), Optional(9007199254740993));
    EXPECT_THAT(integer("2.9"), Optional(2)) << "cut";
    EXPECT_THAT(integer("-2.9"), Optional(-2));
    EXPECT_THAT(integer("1.5e3"), Optional(1500));
    for (const auto* beyond :
         {"9223372036854775808", "18446744073709551615", "18446744073709551616",
          "-9223372036854775809", "9007199254740992.0", "1e17", "-1e17", "1e400", "-1e400"})
        EXPECT_FALSE(integer(beyond)) << beyond;
}

TEST(Json, NumbersAreAsCloseAsADoubleIs) {
    const auto number = [](const char* text) { return json(text).number("").value(); };
    EXPECT_DOUBLE_EQ(number("9223372036854775808"), 9223372036854775808.0);
    EXPECT_DOUBLE_EQ(number("-9223372036854775808"), -9223372036854775808.0);
    EXPECT_DOUBLE_EQ(number("18446744073709551616"), 18446744073709551616.0);
    EXPECT_DOUBLE_EQ(number("1.7976931348623157e308"), 1.7976931348623157e308);
    EXPECT_DOUBLE_EQ(number("1e-400"), 0.0);
    EXPECT_TRUE(std::isinf(number("1e400")));
}

TEST(Json, ArraysAndObjectsAreListed) {
    const auto read = json(R"({"b":[1,[2,3]],"a":{"/":1},"c":{},"\u0000":[]})");
    EXPECT_THAT(read.keys(""), Optional(ElementsAre("b", "a", "c", std::string(1, '\0'))));
    EXPECT_THAT(read.keys("/a"), Optional(ElementsAre("/")));
    EXPECT_THAT(read.keys("/c"), Optional(IsEmpty()));
    EXPECT_THAT(read.array_size("/b"), Optional(2U));
    EXPECT_THAT(read.array_size("/b/1"), Optional(2U));
    EXPECT_THAT(read.array_size(std::string("/\0", 2)), Optional(0U));
}

TEST(Json, OfAKeyThatIsThereTwiceTheLastCounts) {
    const auto read = json(R"({"a":1,"b":2,"a":{"c":3}})");
    EXPECT_THAT(read.integer("/a/c"), Optional(3));
    EXPECT_EQ(read.keys("")->size(), 2U);
}

TEST(Json, TextIsJsonAgain) {
    const auto read = json(R"( { "a" : [ 1 , "x\n\u00e4\/" , null ] , "b" : true } )");
    EXPECT_THAT(read.text(""), Optional(std::string("{\"a\":[1,\"x\\nä/\",null],\"b\":true}")));
    EXPECT_THAT(read.text("/a/1"), Optional(std::string("\"x\\nä/\"")));
    EXPECT_THAT(read.text("/b"), Optional(std::string("true")));
}

TEST(Json, StringsAreUnescapedAndMayHoldAnything) {
    const auto read = json(R"(["\ud83d\ude00","a\u0000b","\"\\\/\b\f\n\r\t"])");
    EXPECT_THAT(read.string("/0"), Optional(std::string_view("😀")));
    EXPECT_THAT(read.string("/1"), Optional(std::string_view("a\0b", 3)));
    EXPECT_THAT(read.string("/2"), Optional(std::string_view("\"\\/\b\f\n\r\t")));
}

TEST(Json, WhatIsNoJsonIsSaidWithItsByte) {
    EXPECT_EQ(why_not(R"({"status": "ok", x})"), "syntax error at byte 17");
    EXPECT_EQ(why_not(""), "incomplete JSON at byte 0");
    EXPECT_EQ(why_not("  "), "incomplete JSON at byte 2");
    EXPECT_EQ(why_not(R"({"ok":tru)"), "incomplete JSON at byte 9");
    EXPECT_EQ(why_not(R"({"ok":true)"), "incomplete JSON at byte 10");
    EXPECT_EQ(why_not(R"(["abc)"), "incomplete JSON at byte 5");
    EXPECT_EQ(why_not("{} {}"), "extra data at byte 3");
    EXPECT_EQ(why_not("<html>"), "syntax error at byte 0");
    EXPECT_EQ(why_not("[1,]"), "syntax error at byte 3");
    for (const auto* broken : {"\xff",
                               "\"\xff\"",
                               "\"\xed\xa0\x80\"",
                               "'a'",
                               "NaN",
                               "01",
                               "+1",
                               "1.",
                               ".5",
                               "-",
                               "\"\x01\"",
                               "\"\\x\"",
                               "\"\\ud800\"",
                               "[1 2]",
                               "{\"a\" 1}",
                               "{a:1}",
                               "nul",
                               "truex",
                               "// x\n1",
                               "\xef\xbb\xbf{}"})
        EXPECT_THAT(why_not(broken), testing::HasSubstr(" at byte ")) << broken;
}

TEST(Json, NestingHasAnEnd) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    bool too_deep = true;
    EXPECT_TRUE(Json::parse(nested(Json::max_depth), nullptr, &too_deep));
    EXPECT_FALSE(too_deep);
    EXPECT_EQ(why_not(nested(257)), "too deep at byte 256");
    EXPECT_EQ(why_not(std::string(1'000'000, '[')), "too deep at byte 256");
    EXPECT_FALSE(Json::parse(nested(257), nullptr, &too_deep));
    EXPECT_TRUE(too_deep) << "it is JSON all the same";
    EXPECT_FALSE(Json::parse("[1,", nullptr, &too_deep));
    EXPECT_FALSE(too_deep);
}

TEST(Json, CanBeBigAndMoved) {
    std::string text = "[";
    for (int i = 0; i < 10'000; ++i)
        text += triage::text(i == 0 ? "" : ",", "{\"key\":\"value ", i, "\"}");
    auto read = json(text + "]");
    const auto last = read.string("/9999/key");
    auto other = json("{}");
    other = std::move(read);
    const auto third = std::move(other);
    EXPECT_THAT(third.array_size(""), Optional(10'000U));
    EXPECT_EQ(last, "value 9999") << "what was taken from it stays";
}

}  // namespace
