/// db.sessions: what rows of pg_stat_activity mean.
#include "../sessions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using triage::Weight;

namespace db {
namespace {

SessionsParams params() {
    SessionsParams p;
    p.connections_warn = 0.80;
    p.connections_fail = 0.95;
    p.idle_warn = 2;
    p.idle_fail = 3;
    p.transaction_warn = 60s;
    p.transaction_fail = 300s;
    p.query_warn = p.blocked_warn = 5s;
    p.query_fail = p.blocked_fail = 30s;
    return p;
}

Capacity capacity() {
    return {.max = 13, .reserved = 3, .role = "app", .database = "shop", .oldest_prepared = {}};
}

Backend backend(std::int64_t pid, std::string state = "idle") {
    Backend one;
    one.pid = pid;
    one.role = "app";
    one.database = "shop";
    one.application = "web";
    one.kind = "client backend";
    one.state = std::move(state);
    one.since_change = 3s;
    return one;
}

std::vector<Backend> backends(int count, const std::string& state = "idle") {
    std::vector<Backend> out;
    for (int i = 0; i < count; ++i)
        out.push_back(backend(100 + i, state));
    return out;
}

triage::Judgement judge(const std::vector<Backend>& all) {
    return judge_sessions(params(), capacity(), all);
}

bool found(const triage::Judgement& judgement, std::string_view code) {
    return std::ranges::any_of(judgement.findings(),
                               [&](const triage::Found& one) { return code == one.code->name; });
}
triage::Found finding(const triage::Judgement& judgement, std::string_view code) {
    for (const auto& one : judgement.findings())
        if (code == one.code->name) return one;
    throw std::out_of_range("not found: " + std::string(code) + " in " + judgement.summary());
}
bool evaluated(const triage::Judgement& judgement, std::string_view code) {
    return judgement.was_evaluated(code);
}

TEST(Sessions, AllIsWell) {
    const auto judgement = judge(backends(3));
    EXPECT_TRUE(judgement.findings().empty());
    EXPECT_EQ(judgement.summary(),
              "4 of 10 connections; 0 of role app idle in transaction; none waits for a lock");
    for (const auto& code : sessions_codes())
        EXPECT_TRUE(evaluated(judgement, code.name)) << code.name;
}

TEST(Sessions, ConnectionsAreComparedWithWhatMayBeUsed) {
    EXPECT_FALSE(found(judge(backends(6)), "db.connections")) << "7 with its own";
    EXPECT_EQ(finding(judge(backends(7)), "db.connections").weight, Weight::warn);
    const auto full = finding(judge(backends(9)), "db.connections");
    EXPECT_EQ(full.weight, Weight::fail);
    EXPECT_EQ(full.message, "10 of 10 connections of the server in use (100 %), fails from 95 %");
    EXPECT_EQ(full.evidence.at(0).second, "app/web 9");
    auto others = backends(9);
    for (auto& one : others)
        one.kind = "autovacuum worker";
    EXPECT_FALSE(found(judge(others), "db.connections")) << "they have slots of their own";
}

TEST(Sessions, RolesAndDatabasesHaveLimitsToo) {
    auto limited = capacity();
    limited.role_limit = 4;
    EXPECT_EQ(finding(judge_sessions(params(), limited, backends(3)), "db.connections").subject,
              "role app");
    limited = capacity();
    limited.database_limit = 4;
    EXPECT_EQ(finding(judge_sessions(params(), limited, backends(3)), "db.connections").subject,
              "database shop");
}

TEST(Sessions, IdleInTransactionIsCountedOfOneRole) {
    auto all = backends(2, "idle in transaction");
    EXPECT_EQ(finding(judge(all), "db.idle-in-transaction").weight, Weight::warn);
    all.push_back(backend(200, "idle in transaction (aborted)"));
    all.back().since_change = 70s;
    const auto one = finding(judge(all), "db.idle-in-transaction");
    EXPECT_EQ(one.weight, Weight::fail);
    EXPECT_EQ(one.message, "3 sessions of app idle in transaction, fails from 3");
    EXPECT_THAT(one.evidence.at(0).second, HasSubstr("pid 200 (web, role app, idle in transaction "
                                                     "(aborted) for 70 s)"));
    for (auto& each : all)
        each.role = "other";
    EXPECT_FALSE(found(judge(all), "db.idle-in-transaction"));
}

TEST(Sessions, AgesHaveTwoLimits) {
    auto all = backends(2, "active");
    all[0].transaction = 61s;
    all[0].query = 6s;
    EXPECT_EQ(finding(judge(all), "db.long-transaction").weight, Weight::warn);
    EXPECT_EQ(finding(judge(all), "db.long-query").weight, Weight::warn);
    all[1].transaction = 301s;
    all[1].query = 31s;
    const auto judgement = judge(all);
    EXPECT_EQ(finding(judgement, "db.long-transaction").subject, "pid 101") << "the oldest";
    EXPECT_EQ(finding(judgement, "db.long-transaction").weight, Weight::fail);
    EXPECT_EQ(finding(judgement, "db.long-query").weight, Weight::fail);
    auto p = params();
    p.ignore = {"web"};
    EXPECT_TRUE(judge_sessions(p, capacity(), all).findings().empty());
}

TEST(Sessions, WhatWaitsIsNotSlowItself) {
    auto all = backends(1, "active");
    all[0].query = 60s;
    all[0].waiting = 60s;
    all[0].blockers = {7};
    const auto judgement = judge(all);
    EXPECT_FALSE(found(judgement, "db.long-query"));
    EXPECT_EQ(finding(judgement, "db.blocked").weight, Weight::fail);
    EXPECT_EQ(finding(judgement, "db.blocked").subject, "pid 7");
}

TEST(Sessions, TheRootOfAChainIsNamed) {
    auto all = backends(3, "active");
    all[0].state = "idle in transaction";
    all[0].transaction = 40s;
    all[0].application = "alembic";
    all[1].blockers = {100};
    all[1].waiting = 8s;
    all[1].waits_for = "AccessExclusiveLock on boards";
    all[2].blockers = {101};
    all[2].waiting = 2s;
    const auto judgement = judge(all);
    const auto one = finding(judgement, "db.blocked");
    EXPECT_EQ(one.subject, "pid 100");
    EXPECT_EQ(one.weight, Weight::warn);
    EXPECT_EQ(one.message,
              "pid 100 (alembic, role app, idle in transaction for 3 s) keeps 2 sessions waiting, "
              "the longest for 8 s");
    EXPECT_EQ(one.evidence.at(1),
              std::pair(std::string("waits-for"), std::string("AccessExclusiveLock on boards")));
    EXPECT_THAT(judgement.summary(), HasSubstr("2 wait for a lock"));
}

TEST(Sessions, CirclesAndPreparedTransactionsBlockToo) {
    auto all = backends(2, "active");
    all[0].blockers = {101};
    all[1].blockers = {100};
    all[0].waiting = all[1].waiting = 9s;
    EXPECT_TRUE(found(judge(all), "db.blocked"));
    all[1].blockers = {0};
    EXPECT_EQ(finding(judge(all), "db.blocked").subject, "pg_prepared_xacts");
    auto with_prepared = capacity();
    with_prepared.oldest_prepared = 400s;
    EXPECT_TRUE(found(judge_sessions(params(), with_prepared, {}), "db.long-transaction"));
}

TEST(Sessions, WhatIsNotSeenIsNotEvaluated) {
    auto all = backends(2);
    all[0].kind = all[0].state = all[0].application = "";
    all[0].role = "admin";
    const auto judgement = judge(all);
    EXPECT_FALSE(evaluated(judgement, "db.long-transaction"));
    EXPECT_FALSE(evaluated(judgement, "db.long-query"));
    EXPECT_TRUE(evaluated(judgement, "db.connections"));
    EXPECT_TRUE(evaluated(judgement, "db.blocked")) << "locks are seen by everyone";
    EXPECT_TRUE(evaluated(judgement, "db.idle-in-transaction")) << "of the role itself";
    EXPECT_THAT(judgement.summary(),
                HasSubstr("not seen: what 1 session of other roles does (GRANT pg_monitor"));
    all[0].role = "app";
    EXPECT_FALSE(evaluated(judge(all), "db.idle-in-transaction"));
    all[1].blockers = {100};
    all[1].waiting = 6s;
    EXPECT_THAT(finding(judge(all), "db.blocked").message,
                HasSubstr("pid 100 of role app (state not visible)"));
}

}  // namespace
}  // namespace db
