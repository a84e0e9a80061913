/// db.health: what a server's own state means.
#include "../health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using triage::Weight;

namespace db {
namespace {

HealthParams params() {
    HealthParams p;
    p.kind = "primary";
    p.skew_warn = 2s;
    p.skew_fail = 10s;
    p.lag_warn = 30s;
    p.lag_fail = 300s;
    p.sample = 1s;
    p.restarted_within = 10min;
    p.standbys = 0;
    p.slot_warn_mib = 1024;
    p.slot_fail_mib = 10240;
    p.xid_age_warn = 500'000'000;
    p.xid_age_fail = 1'500'000'000;
    return p;
}

ServerState state() {
    ServerState out;
    out.up = 90min;
    out.xid_age = 40'000'000;
    out.oldest_database = "shop";
    out.checksum_failures = 0;
    out.archiving = true;
    return out;
}

Replica replica(double bytes, std::chrono::microseconds behind) {
    return {"standby1", "streaming", bytes, behind, false, true};
}

using Codes = std::vector<std::pair<std::string, Weight>>;

Codes codes(const triage::Judgement& judgement) {
    Codes out;
    for (const auto& one : judgement.findings())
        out.emplace_back(one.code->name, one.weight);
    return out;
}

triage::Judgement judge(const ServerState& given, const HealthParams& p = params(),
                        const std::vector<Replica>& replicas = {},
                        const std::vector<Slot>& slots = {}) {
    return judge_health(p, given, replicas, slots);
}

Codes one(const char* code, Weight weight) { return {{code, weight}}; }

TEST(Health, AllIsWell) {
    const auto judgement = judge(state());
    EXPECT_THAT(judgement.findings(), IsEmpty());
    EXPECT_EQ(judgement.summary(),
              "primary, up 90 min; clock 0 us ahead; 0 standbys; oldest freeze 40 of 2000 million");
    for (const auto* code :
         {"db.in-recovery", "db.read-only", "db.clock-skew", "db.wal-retained",
          "db.checksum-failures", "db.deadlocks", "db.archiving", "db.wraparound", "db.restarted"})
        EXPECT_TRUE(judgement.was_evaluated(code)) << code;
    for (const auto* code : {"db.not-standby", "db.replication-lag", "db.standby-missing"})
        EXPECT_FALSE(judgement.was_evaluated(code)) << code;
}

TEST(Health, RecoveryIsWrongOrRight) {
    auto given = state();
    given.in_recovery = true;
    EXPECT_EQ(codes(judge(given)), one("db.in-recovery", Weight::fail));
    auto p = params();
    p.kind = "standby";
    EXPECT_THAT(codes(judge(given, p)), IsEmpty());
    EXPECT_EQ(codes(judge(state(), p)), one("db.not-standby", Weight::fail));
    p.kind = "any";
    EXPECT_THAT(codes(judge(given, p)), IsEmpty());
}

TEST(Health, ReadOnlyByDefault) {
    auto given = state();
    given.read_only = true;
    EXPECT_EQ(codes(judge(given)), one("db.read-only", Weight::fail));
}

TEST(Health, ClocksDifferEitherWay) {
    auto given = state();
    given.skew = -3s;
    EXPECT_EQ(codes(judge(given)), one("db.clock-skew", Weight::warn));
    EXPECT_THAT(judge(given).findings()[0].message, HasSubstr("3 s behind"));
    given.skew = 11s;
    EXPECT_EQ(codes(judge(given)), one("db.clock-skew", Weight::fail));
}

TEST(Health, AShortUptimeIsWorthKnowing) {
    auto given = state();
    given.up = 5s;
    EXPECT_EQ(codes(judge(given)), one("db.restarted", Weight::info));
    auto p = params();
    p.restarted_within = 0s;
    EXPECT_THAT(codes(judge(given, p)), IsEmpty());
}

TEST(Health, LagCountsOnlyIfSomethingIsNotReplayed) {
    EXPECT_THAT(codes(judge(state(), params(), {replica(0, 1h)})), IsEmpty()) << "an idle primary";
    EXPECT_EQ(codes(judge(state(), params(), {replica(16, 31s)})),
              one("db.replication-lag", Weight::warn));
    auto paused = replica(16, 301s);
    paused.paused = true;
    const auto judgement = judge(state(), params(), {paused});
    EXPECT_EQ(codes(judgement), one("db.replication-lag", Weight::fail));
    EXPECT_THAT(judgement.findings()[0].message, HasSubstr("replay is paused"));
}

TEST(Health, AStandbyThatHasReplayedNothingIsNotSaidToBeCurrent) {
    auto fresh = replica(4096, 0s);
    fresh.behind = std::nullopt;
    const auto judgement = judge(state(), params(), {fresh});
    EXPECT_THAT(codes(judgement), IsEmpty());
    EXPECT_FALSE(judgement.was_evaluated("db.replication-lag"));
    EXPECT_THAT(judgement.summary(),
                HasSubstr("standby1 is 4 KiB behind, for how long is not known yet"));
    fresh.paused = true;
    EXPECT_EQ(codes(judge(state(), params(), {fresh})), one("db.replication-lag", Weight::warn));
    EXPECT_THAT(judge(state(), params(), {fresh}).findings()[0].message,
                HasSubstr("for how long is not known: replay is paused"));
    fresh = replica(0, 0s);
    fresh.behind = std::nullopt;
    EXPECT_TRUE(judge(state(), params(), {fresh}).was_evaluated("db.replication-lag"))
        << "nothing is left to replay";
}

TEST(Health, LagThatIsNotVisibleIsNotEvaluated) {
    const Replica hidden{"pid 7", "", std::nullopt, std::nullopt, false, true};
    const auto judgement = judge(state(), params(), {hidden});
    EXPECT_FALSE(judgement.was_evaluated("db.replication-lag"));
    EXPECT_THAT(judgement.summary(), HasSubstr("not seen: the standbys' lag"));
}

TEST(Health, StandbysAreCounted) {
    auto p = params();
    p.standbys = 2;
    EXPECT_EQ(codes(judge(state(), p, {replica(0, 0s)})), one("db.standby-missing", Weight::fail));
    EXPECT_THAT(codes(judge(state(), p, {replica(0, 0s), replica(0, 0s)})), IsEmpty());
}

TEST(Health, AStandbyNeedsItsPrimary) {
    auto given = state();
    given.in_recovery = true;
    auto p = params();
    p.kind = "standby";
    auto alone = replica(0, 0s);
    alone.receives = false;
    EXPECT_EQ(codes(judge(given, p, {alone})), one("db.replication-broken", Weight::fail));
}

TEST(Health, SlotsThatNobodyUsesKeepWal) {
    const double gib = 1024.0 * 1024 * 1024;
    const auto slot = [](double kept, bool active = false, std::string status = "reserved") {
        return Slot{"cdc", std::move(status), active, kept};
    };
    EXPECT_THAT(codes(judge(state(), params(), {}, {slot(gib / 2), slot(20 * gib, true)})),
                IsEmpty());
    EXPECT_EQ(codes(judge(state(), params(), {}, {slot(gib)})),
              one("db.wal-retained", Weight::warn));
    const auto judgement = judge(state(), params(), {}, {slot(12.5 * gib)});
    EXPECT_EQ(codes(judgement), one("db.wal-retained", Weight::fail));
    EXPECT_EQ(judgement.findings()[0].message, "slot cdc is not used and keeps 12.5 GiB of WAL");
    EXPECT_EQ(codes(judge(state(), params(), {}, {slot(0, true, "lost")})),
              one("db.wal-retained", Weight::fail));
}

TEST(Health, DataAndItsCare) {
    auto given = state();
    given.checksum_failures = 1;
    given.new_deadlocks = 2;
    given.archiving_fails = true;
    given.multixact_age = 600'000'000;
    EXPECT_THAT(codes(judge(given)), ElementsAre(std::pair("db.checksum-failures", Weight::fail),
                                                 std::pair("db.deadlocks", Weight::warn),
                                                 std::pair("db.archiving", Weight::warn),
                                                 std::pair("db.wraparound", Weight::warn)));
    given = state();
    given.xid_age = 1'500'000'000;
    EXPECT_EQ(codes(judge(given)), one("db.wraparound", Weight::fail));
}

TEST(Health, WhatCannotBeKnownIsNotEvaluated) {
    auto given = state();
    given.checksum_failures.reset();
    given.archiving = false;
    auto p = params();
    p.sample = 0s;
    const auto judgement = judge(given, p);
    for (const auto* code : {"db.checksum-failures", "db.archiving", "db.deadlocks"})
        EXPECT_FALSE(judgement.was_evaluated(code)) << code;
    EXPECT_THAT(judgement.summary(), HasSubstr("checksums are off"));
}

}  // namespace
}  // namespace db
