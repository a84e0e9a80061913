/// Parameters that make no sense are named before anything is sent.
#include "stage.hpp"

using testing::HasSubstr;
using testing::IsEmpty;

namespace cors::test {
namespace {

/// The error of a run in which nothing is sent.
std::string error_of(Stage& stage) {
    stage.preflights.clear();
    stage.gets.clear();
    const auto result = stage.run();
    EXPECT_THAT(result.requests, IsEmpty());
    EXPECT_THAT(result.findings, IsEmpty());
    return result.error.value_or("");
}

TEST(Parameters, AnOriginThatIsNone) {
    Stage stage;
    stage.params.list("origins", {page, "https://münchen.example/x", "https://*.example.com"});
    EXPECT_EQ(error_of(stage),
              "origins: \"https://münchen.example/x\": browsers send such a host in ASCII: write "
              "https://xn--mnchen-3ya.example; origins: \"https://*.example.com\": that is a "
              "pattern: name one page's origin");
}

TEST(Parameters, TheControlIsAStranger) {
    Stage stage;
    stage.params.set("control-origin", page + ":443/");
    EXPECT_THAT(error_of(stage), HasSubstr("is one of origins; it must be one that nobody allows"));
    stage.params.set("control-origin", api);
    EXPECT_THAT(error_of(stage), HasSubstr("is the API's own"));
    stage.params.set("control-origin", "https://a:b");
    EXPECT_EQ(error_of(stage),
              "control-origin: \"https://a:b\": its port is no number from 1 to "
              "65535");
}

TEST(Parameters, WhatPagesCannotDo) {
    Stage stage;
    stage.params.list("methods", {"GET", "TRACE"});
    EXPECT_EQ(error_of(stage), "methods: no page can send TRACE: leave it out");
    stage.params.list("methods", {"GET"}).list("headers", {"Cookie"});
    EXPECT_EQ(error_of(stage), "headers: no page can set cookie: say credentials = true instead");
    stage.params.list("headers", {"Sec-Fetch-Mode: cors"});
    EXPECT_THAT(error_of(stage), HasSubstr("browsers set sec-fetch-mode themselves"));
    stage.params.list("headers", {"accept"}).list("expose", {"*", "Set-Cookie"});
    EXPECT_EQ(error_of(stage),
              "expose: \"*\": name the headers that the pages read; expose: no "
              "page can read set-cookie: leave it out");
}

}  // namespace
}  // namespace cors::test
