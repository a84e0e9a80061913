/// What a page loads, and what patterns find in its scripts.
#include "../page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../pattern.hpp"

namespace ui {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Reference a_js{true, "/a.js"};
const Reference a_css{false, "/a.css"};

TEST(ReadPage, ScriptsAndStyles) {
    const auto page = read_page(R"(<!DOCTYPE html><html><head>
        <link rel="stylesheet" href="/a.css">
        <link rel="preload" as="script" href="/b.js"><link rel='modulepreload' href=/c.js>
        <link rel="preload" as="font" href="/f.woff2"><link rel="icon" href="/i.ico">
        <SCRIPT SRC="/a.js?x=1&amp;y=2" async></SCRIPT>
        <script>const inline_ = "<script src='/no.js'>";</script>
        <script src="data:text/javascript,1"></script>
        <script src="/a.js?x=1&amp;y=2"></script></head><body></body></html>)");
    EXPECT_TRUE(page.is_html);
    EXPECT_EQ(page.base, "");
    EXPECT_THAT(page.references,
                ElementsAre(a_css, Reference{true, "/b.js"}, Reference{true, "/c.js"},
                            Reference{true, "/a.js?x=1&y=2"}));
}

TEST(ReadPage, ABaseCountsOnce) {
    const auto page =
        read_page("<base target=_top><base href=' /ui/ '><base href='/no/'><script src=a.js>");
    EXPECT_EQ(page.base, "/ui/");
    EXPECT_THAT(page.references, ElementsAre(Reference{true, "a.js"}));
}

TEST(ReadPage, WhatIsInCommentsIsNotLoaded) {
    EXPECT_THAT(read_page("<p><!-- <script src=/a.js></script> --><script src=/a.js>").references,
                ElementsAre(a_js));
}

TEST(ReadPage, WhatComesAfterItsEndIsLoadedToo) {
    EXPECT_THAT(
        read_page("<html><head></head></HTML ><script src=/a.js></script></html").references,
        ElementsAre(a_js));
}

TEST(ReadPage, WhatBrowsersDoNotLoad) {
    const auto page = read_page(R"(<!DOCTYPE html><html><head>
        <script nomodule src=/no1.js></script><script type="text/template" src=/no2.js></script>
        <script type=application/json src=/no3.js></script>
        <link rel=stylesheet href=/no.css disabled><link rel="alternate stylesheet" href=/no2.css>
        <link rel=stylesheet media=" Print " href=/no3.css>
        <noscript><link rel=stylesheet href=/no4.css><div><p>x</div></noscript>
        <script type=module src=/yes1.js></script><script type="" src=/yes2.js></script>
        <script type="Text/JavaScript" src=/yes3.js></script></head><body>
        <template><div><script src=/no4.js></script></div><template></template>
        <script src=/no5.js></script></template>
        <textarea><script src=/no6.js></script></textarea>
        <script type="application/x-javascript" src=/yes4.js></script></body></html>)");
    EXPECT_THAT(page.references,
                ElementsAre(Reference{true, "/yes1.js"}, Reference{true, "/yes2.js"},
                            Reference{true, "/yes3.js"}, Reference{true, "/yes4.js"}));
}

TEST(ReadPage, KeepsAThousand) {
    std::string many;
    for (int i = 0; i < 100'000; ++i)
        many += "<script src=/" + std::to_string(i) + ".js></script>";
    const auto page = read_page(many + "<script src=/0.js></script>");
    EXPECT_THAT(page.references, testing::SizeIs(1000));
    EXPECT_EQ(page.more_references, 99'000U);
}

TEST(ReadPage, WhatIsNoPage) {
    for (const auto* none : {"", "{\"ok\": true}", "Internal Server Error", "1 < 2"}) {
        EXPECT_FALSE(read_page(none).is_html) << none;
        EXPECT_THAT(read_page(none).references, IsEmpty());
    }
}

TEST(ReadPage, HostileOnesEnd) {
    std::string deep;
    for (int i = 0; i < 200'000; ++i)
        deep += "<div>";
    EXPECT_TRUE(read_page(deep + "<script src=/a.js></script>").is_html);
    read_page("<html " + std::string(1'000'000, 'x') + "=1>");  // whatever it makes of it
    const std::string zero("<div>\0<script src=/a.js></script>", 33);
    EXPECT_TRUE(read_page(zero).is_html);
    EXPECT_TRUE(read_page("<html><script src='/\xff\xfe.js'></script>").is_html);
    EXPECT_TRUE(read_page("<p>&#99999999999;&nosuch;<script src=/a.js").is_html);
}

TEST(Pattern, FindsEachValueOnce) {
    const Pattern pattern(R"(api="([^"]*)\")");
    EXPECT_TRUE(pattern.has_group());
    EXPECT_THAT(pattern.values_in(R"(api="a";x;api="b",api="a")"), ElementsAre("a", "b"));
    EXPECT_THAT(pattern.values_in(R"(api="")"), ElementsAre(""));
    EXPECT_THAT(pattern.values_in("nothing"), IsEmpty());
}

TEST(Pattern, EmptyMatchesEnd) {
    EXPECT_THAT(Pattern("(x*)").values_in("aaxxa"), ElementsAre("", "xx"));
    EXPECT_THAT(Pattern("(x*)").values_in(""), ElementsAre(""));
}

TEST(Pattern, TenValuesAreEnough) {
    std::string script;
    for (int i = 0; i < 100; ++i)
        script += "v" + std::to_string(i) + ";";
    EXPECT_THAT(Pattern("v([0-9]+)").values_in(script), testing::SizeIs(10));
}

TEST(Pattern, WithoutAGroup) {
    EXPECT_FALSE(Pattern("api").has_group());
    EXPECT_FALSE(Pattern("(").has_group());
}

}  // namespace
}  // namespace ui
