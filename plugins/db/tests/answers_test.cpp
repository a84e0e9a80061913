/// Answers that no PostgreSQL gives: of a pooler that is broken, or of something else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

#include "fake_server.hpp"

using namespace triage::testing;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;

namespace db {
namespace {

using Values = std::vector<std::string>;

const Values who{"15.4", "127.0.0.1", "5432", "shop", "app", "f", "7", ""};

/// A check of a server that lets everyone in and gives one answer to all queries.
Result run(const std::string& check, const std::string& answer) {
    const FakeServer server([&](int client) {
        FakeServer::hear(client);
        FakeServer::say(client, FakeServer::welcome());
        while (!FakeServer::hear(client).empty())
            FakeServer::say(client, answer);
    });
    FakeHost host;
    host.allow_reveal();
    Params params;
    if (check == "migrations") params.list("expected", {"4d0f"});
    auto result = host.run(check, params.secret("url", server.url()).set("timeout", 2s));
    EXPECT_THAT(result.violations, IsEmpty());
    return result;
}

std::string why_not(const std::string& check, const std::string& answer) {
    const auto result = run(check, answer);
    EXPECT_THAT(result.findings, IsEmpty()) << result.to_string();
    return result.error.value_or("no error");
}

TEST(Answers, OfPostgresAreRead) {
    const auto result = run("reachable", FakeServer::transaction(FakeServer::rows(who)));
    EXPECT_EQ(result.error, std::nullopt);
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("PostgreSQL 15.4 at 127.0.0.1:5432"));
}

TEST(Answers, OfAnotherShapeCannotBeRead) {
    const auto ready = FakeServer::message('Z', "I");
    const std::string strange[] = {
        ready,                                                 // as if nothing had been asked
        FakeServer::message('I', "") + ready,                  // an empty query
        FakeServer::rows({FakeServer::null}) + ready,          // one statement of five
        FakeServer::transaction(FakeServer::complete("SET")),  // no rows
        FakeServer::transaction(FakeServer::rows(Values(40, FakeServer::null))),
        FakeServer::transaction(FakeServer::rows(Values(40, " zzz"))),
    };
    for (const auto* check : {"reachable", "sessions", "health", "migrations"}) {
        for (const auto& answer : strange) {
            EXPECT_THAT(why_not(check, answer), HasSubstr("cannot be read")) << check;
        }
    }
    EXPECT_THAT(why_not("reachable", ready), HasSubstr("0 of 5 statements are answered"));
    EXPECT_EQ(why_not("health", strange[5]),
              "the server's answer (its own state) cannot be read: a pooler, or no PostgreSQL? "
              "40 columns, expected 10");
}

TEST(Answers, WithoutTheOnlyRowCannotBeRead) {
    const auto one = FakeServer::rows(who);
    const auto heading = 1 + 4 + 2 + who.size() * (1 + 1 + 6 + 4 + 8);
    const auto none = one.substr(0, heading) + FakeServer::complete("SELECT 0");
    EXPECT_THAT(why_not("reachable", FakeServer::transaction(none)),
                HasSubstr("0 rows, expected 1"));
}

TEST(Answers, AreReadStrictly) {
    const auto with = [](std::size_t column, const std::string& value) {
        auto row = who;
        row[column] = value;
        return why_not("reachable", FakeServer::transaction(FakeServer::rows(row)));
    };
    EXPECT_THAT(with(0, FakeServer::null), HasSubstr("column 1 is NULL, expected a text"));
    EXPECT_THAT(with(5, "maybe"), HasSubstr("column 6 is \"maybe\", expected t or f"));
    for (const auto* wrong : {"", " 7", "7x", "7.5", "99999999999999999999", "zzz"})
        EXPECT_THAT(with(6, wrong), HasSubstr("expected a whole number")) << wrong;
    const auto seconds = [](const std::string& value) {
        const Values state{"f", "f", value, "9", "1", "1", "shop", "0", "f", "f"};
        return why_not("health", FakeServer::transaction(FakeServer::rows(state)));
    };
    for (const auto* wrong : {"nan", "inf", "1e300", "", "soon"})
        EXPECT_THAT(seconds(wrong), HasSubstr("column 3 is")) << wrong;
    EXPECT_THAT(seconds(FakeServer::null), HasSubstr("column 3 is NULL"));
}

}  // namespace
}  // namespace db
