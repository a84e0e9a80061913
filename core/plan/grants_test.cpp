#include "core/plan/grants.hpp"

#include <gmock/gmock.h>

namespace triage::plan {
namespace {

using model::ParamType;
using testing::ElementsAre;

TEST(Grants, AUrlGrantsItsOriginAndSafeMethods) {
    const auto grants =
        grants_for({{ParamType::url, "http://api.example.com:8000/healthz", "url"}}, nullptr);
    EXPECT_TRUE(grants.may_send("GET", "http://api.example.com:8000", "/anything"));
    EXPECT_TRUE(grants.may_send("HEAD", "http://api.example.com:8000", "/"));
    EXPECT_TRUE(grants.may_send("OPTIONS", "http://api.example.com:8000", "/"));
    EXPECT_FALSE(grants.may_send("POST", "http://api.example.com:8000", "/healthz"));
    EXPECT_FALSE(grants.may_send("GET", "http://api.example.com", "/healthz")) << "another port";
    EXPECT_FALSE(grants.may_send("GET", "https://api.example.com:8000", "/healthz"))
        << "another scheme";
}

TEST(Grants, WriteRulesNameMethodAndPath) {
    runbook::Allow allow;
    allow.write = {"POST /api/v1/boards/*/webhooks/*"};
    const auto grants = grants_for({{ParamType::url, "http://api/", "base"}}, &allow);
    EXPECT_TRUE(grants.may_send("POST", "http://api", "/api/v1/boards/1/webhooks/2"));
    EXPECT_FALSE(grants.may_send("PUT", "http://api", "/api/v1/boards/1/webhooks/2"));
    EXPECT_FALSE(grants.may_send("POST", "http://api", "/api/v1/boards/1/x/webhooks/2"))
        << "a star stays within one segment";
    EXPECT_FALSE(grants.may_send("POST", "http://other", "/api/v1/boards/1/webhooks/2"))
        << "write is granted on granted origins only";
}

TEST(Grants, EndpointsAndPathsAreGrantsToo) {
    const auto grants = grants_for(
        {{ParamType::endpoint, "db:5432", "server"}, {ParamType::path, "/var/log/app.log", "file"}},
        nullptr);
    EXPECT_THAT(grants.net, ElementsAre("db:5432"));
    EXPECT_THAT(grants.read, ElementsAre("/var/log/app.log"));
}

TEST(Grants, WhatAFactSaysGrantsNothing) {
    const auto grants =
        grants_for({{ParamType::url, "http://chosen-by-a-target/", "url", false, false},
                    {ParamType::url, "http://api/path-of-a-fact", "url", false, true},
                    {ParamType::endpoint, "db:5432", "server", false, false},
                    {ParamType::path, "/etc/shadow", "file", false, false}},
                   nullptr);
    EXPECT_THAT(grants.origins, ElementsAre("http://api"));
    EXPECT_THAT(grants.named, ElementsAre("http://api"));
    EXPECT_TRUE(grants.net.empty());
    EXPECT_TRUE(grants.read.empty());
}

TEST(Grants, AnOriginIsNamedOnlyByTheRunbooksOwnWords) {
    const model::FactRef fact{.check = "ui", .key = "x"};
    EXPECT_TRUE(names_origin({{std::string("https://api/")}}));
    EXPECT_TRUE(names_origin({{std::string("https://api/v"), fact}}));
    EXPECT_TRUE(names_origin({{std::string("https://api?x="), fact}}));
    EXPECT_FALSE(names_origin({{std::string("https://api."), fact}})) << "the host goes on";
    EXPECT_FALSE(names_origin({{std::string("https://"), fact, std::string("/x")}}));
    EXPECT_FALSE(names_origin({{fact}}));
}

TEST(Grants, ShowsReferencesThatAreStillOpen) {
    runbook::Check check;
    model::ArgValue value;
    value.type = ParamType::url;
    value.value =
        model::Template{{std::string("http://"), model::FactRef{.check = "ui", .key = "host"}}};
    check.arguments.push_back({.name = "url", .items = {{.key = "", .value = value}}});
    const auto texts = granting_parameters(check);
    ASSERT_EQ(texts.size(), 1U);
    EXPECT_EQ(texts[0].text, "http://${fact.ui.host}");
}

}  // namespace
}  // namespace triage::plan
