/// Tests of @NAME@ through the fake host: canned HTTP, virtual time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <triage/testing.hpp>

using namespace triage::testing;
using namespace std::chrono_literals;
using testing::IsEmpty;

namespace {

Result run(const Reply& reply) {
    FakeHost host;
    host.answer("GET", "http://service/", reply);
    auto result = host.run("probe", Params().set("url", "http://service/"));
    EXPECT_THAT(result.violations, IsEmpty());
    return result;
}

TEST(@NAME_SNAKE@, DeclaresItselfWithoutFault) {
    EXPECT_THAT(FakeHost().declaration_violations(), IsEmpty());
}

TEST(@NAME_SNAKE@, AllIsWell) {
    const auto result = run(Reply(200).header("Server", "nginx").after(12ms));
    EXPECT_EQ(result.summary, "HTTP 200 in 12 ms");
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_TRUE(result.was_evaluated("@NAME@.slow"));
    EXPECT_EQ(result.facts.at("server"), triage::Any(std::string("nginx")));
}

TEST(@NAME_SNAKE@, Down) {
    EXPECT_EQ(run(Reply::failed(triage::Failure::refused)).finding("@NAME@.down").message,
              "connection refused by service:80");
    EXPECT_EQ(run(Reply(503)).finding("@NAME@.down").message, "HTTP 503");
    EXPECT_EQ(run(Reply::hang()).finding("@NAME@.down").message,
              "no answer within 3 s (connected, waiting for the first byte)");
}

TEST(@NAME_SNAKE@, Slow) {
    EXPECT_EQ(run(Reply(200).after(2s)).finding("@NAME@.slow").message,
              "took 2 s, expected at most 500 ms");
}

TEST(@NAME_SNAKE@, WhatWasNeverAskedIsAnError) {
    const auto result = run(Reply::failed(triage::Failure::denied, "another origin"));
    EXPECT_EQ(result.error, "not allowed: another origin");
    EXPECT_THAT(result.findings, IsEmpty());
}

}  // namespace
