/// What db.health says of the server.
#include <algorithm>

#include "health.hpp"

namespace db {
namespace code {
namespace {

using triage::Code;
using triage::Weight;

constexpr Code in_recovery{
    "db.in-recovery", Weight::fail, "The server is a standby or being restored: nothing is written",
    "Look which server is the primary; after a failover point the application there, after a "
    "restore let it end (pg_promote())"};
constexpr Code not_standby{"db.not-standby", Weight::fail,
                           "The server should be a standby and is not in recovery",
                           "Look whether it was promoted: two primaries drift apart"};
constexpr Code read_only{
    "db.read-only", Weight::fail, "Transactions of this role are read-only by default",
    "Look at default_transaction_read_only of the server, the database and the role; some hosters "
    "set it when the disk is nearly full"};
constexpr Code clock_skew{"db.clock-skew", Weight::fail,
                          "The server's clock differs from this machine's",
                          "Look at time synchronisation (chronyc tracking) on both"};
constexpr Code restarted{"db.restarted", Weight::info, "The server was started a short time ago",
                         "Look at its log why, if nobody did it on purpose"};
constexpr Code replication_lag{
    "db.replication-lag", Weight::fail, "A standby has not replayed what it should have",
    "Look at the standby: replay paused, long queries in conflict, disk, network"};
constexpr Code standby_missing{
    "db.standby-missing", Weight::fail, "Fewer standbys stream than there should be",
    "Look at the missing standby's log: down, no route, or the WAL it needs is gone"};
constexpr Code replication_broken{"db.replication-broken", Weight::fail,
                                  "The standby receives nothing from its primary",
                                  "Look at the standby's log and at primary_conninfo"};
constexpr Code wal_retained{
    "db.wal-retained", Weight::fail, "WAL is kept for a replication slot that is not used",
    "Start what uses the slot, or drop it with pg_drop_replication_slot(): it fills the disk"};
constexpr Code archiving{"db.archiving", Weight::warn, "WAL is not archived: the last try failed",
                         "Look at archive_command in the server's log: backups have a gap, and "
                         "the disk fills up"};
constexpr Code checksum_failures{
    "db.checksum-failures", Weight::fail, "Pages of the data were damaged when they were read",
    "Take a backup now, look at the disk and memory, restore what is damaged"};
constexpr Code deadlocks{"db.deadlocks", Weight::warn, "Deadlocks happen just now",
                         "Look at the pairs in the server's log; let the application lock in one "
                         "order"};
constexpr Code wraparound{
    "db.wraparound", Weight::fail, "Vacuum has not frozen a database for long",
    "Look for what holds it back (old transactions, slots, prepared transactions), then VACUUM "
    "FREEZE; at 2 billion the server refuses to write"};

}  // namespace
}  // namespace code

namespace {

using std::chrono::microseconds;
constexpr double mib = 1024.0 * 1024.0;

std::string count_of(std::int64_t count, std::string_view one, std::string_view several) {
    return triage::text(count, " ", count == 1 ? one : several);
}

void kind(triage::Judgement& out, const HealthParams& p, const ServerState& state) {
    if (p.kind == "primary") {
        out.evaluated(code::in_recovery);
        if (state.in_recovery)
            out.found(code::in_recovery, "the server", "the server is in recovery, expected none");
    }
    if (p.kind == "standby") {
        out.evaluated(code::not_standby);
        if (!state.in_recovery)
            out.found(code::not_standby, "the server", "not in recovery, expected a standby");
    }
    if (!state.in_recovery && p.kind != "standby") {
        out.evaluated(code::read_only);
        if (state.read_only) {
            out.found(code::read_only, "the server",
                      "default_transaction_read_only is on for this role and database");
        }
    }
    out.say(triage::text(state.in_recovery ? "standby" : "primary", ", up ", age(state.up)));
    if (p.restarted_within.count() == 0) return;
    out.evaluated(code::restarted);
    if (state.up <= p.restarted_within)
        out.found(code::restarted, "the server", "started " + age(state.up) + " ago");
}

void clock(triage::Judgement& out, const HealthParams& p, const ServerState& state) {
    out.evaluated(code::clock_skew);
    const auto skew = std::chrono::abs(state.skew);
    const auto text = triage::text("clock ", skew, state.skew.count() < 0 ? " behind" : " ahead");
    out.say(text);
    out.over(code::clock_skew, skew, p.skew_warn, p.skew_fail, "the server",
             triage::text("the server's ", text, " of this machine's, ",
                          passed(skew, p.skew_warn, p.skew_fail)));
}

void one_replica(triage::Judgement& out, const HealthParams& p, const Replica& one) {
    if (one.behind_bytes.value_or(0) <= 0) return;  // an idle primary makes time pass, no lag
    const auto much = bytes(*one.behind_bytes);
    const auto* why = one.paused ? ": replay is paused (pg_wal_replay_resume())" : "";
    triage::Found* found = nullptr;
    if (one.behind) {
        found =
            out.over(code::replication_lag, *one.behind, p.lag_warn, p.lag_fail, one.name,
                     triage::text(one.name, " is ", age(*one.behind), " (", much, ") behind", why));
    } else if (one.paused) {  // nothing will be replayed, however long it takes
        found = &out.found(
            code::replication_lag, one.name,
            triage::text(one.name, " is ", much, " behind, for how long is not known", why));
        found->weight = triage::Weight::warn;
    } else {
        out.say(triage::text(one.name, " is ", much, " behind, for how long is not known yet"));
    }
    if (found != nullptr && !one.state.empty()) found->evidence.emplace_back("state", one.state);
}

void replication(triage::Judgement& out, const HealthParams& p, const ServerState& state,
                 const std::vector<Replica>& replicas) {
    const bool known = std::ranges::all_of(replicas, [](const Replica& one) {
        return one.behind || one.paused || one.behind_bytes.value_or(0) <= 0;
    });
    const bool visible = std::ranges::all_of(replicas, [&](const Replica& one) {
        return state.in_recovery || (one.behind_bytes && !one.state.empty());
    });
    if (visible && known && !replicas.empty()) out.evaluated(code::replication_lag);
    if (!visible) out.say("not seen: the standbys' lag (GRANT pg_monitor TO the role)");
    for (const auto& one : replicas)
        one_replica(out, p, one);
    if (state.in_recovery) {
        out.evaluated(code::replication_broken);
        for (const auto& one : replicas) {
            out.say(triage::text(bytes(one.behind_bytes.value_or(0)), " to replay"));
            if (one.receives || p.kind == "primary") continue;
            out.found(code::replication_broken, "this standby",
                      "no connection to a primary: nothing new arrives");
        }
        return;
    }
    const auto streaming = std::ranges::count_if(replicas, [&](const Replica& one) {
        return one.state == "streaming" || one.state.empty();
    });
    out.say(count_of(streaming, "standby", "standbys"));
    if (p.standbys == 0) return;
    out.evaluated(code::standby_missing);
    if (streaming >= p.standbys) return;
    out.found(code::standby_missing, "the server",
              triage::text(count_of(streaming, "standby streams", "standbys stream"),
                           ", expected at least ", p.standbys));
}

void slots(triage::Judgement& out, const HealthParams& p, const std::vector<Slot>& all) {
    out.evaluated(code::wal_retained);
    for (const auto& slot : all) {
        if (slot.wal_status == "lost") {
            out.found(code::wal_retained, slot.name,
                      triage::text("slot ", slot.name,
                                   " has lost WAL that it needs: what uses it "
                                   "must be set up anew"));
            continue;
        }
        if (slot.active) continue;
        const auto kept = slot.retained_bytes.value_or(0);
        out.over(
            code::wal_retained, kept, static_cast<double>(p.slot_warn_mib) * mib,
            static_cast<double>(p.slot_fail_mib) * mib, slot.name,
            triage::text("slot ", slot.name, " is not used and keeps ", bytes(kept), " of WAL"));
        out.say(triage::text("slot ", slot.name, " not used, keeps ", bytes(kept)));
    }
}

void data(triage::Judgement& out, const HealthParams& p, const ServerState& state) {
    if (state.checksum_failures) {
        out.evaluated(code::checksum_failures);
        if (*state.checksum_failures > 0) {
            out.found(code::checksum_failures, "the server",
                      count_of(*state.checksum_failures, "checksum failure", "checksum failures"));
        }
    } else {
        out.say("checksums are off");
    }
    if (p.sample.count() > 0) {
        out.evaluated(code::deadlocks);
        if (state.new_deadlocks > 0) {
            out.found(
                code::deadlocks, "the database",
                triage::text(count_of(state.new_deadlocks, "deadlock", "deadlocks"), " within ",
                             p.sample, ", ", state.deadlocks + state.new_deadlocks, " in all"));
        }
    }
    if (state.archiving) {
        out.evaluated(code::archiving);
        if (state.archiving_fails)
            out.found(code::archiving, "the server", "the last try to archive WAL failed");
    }
    out.evaluated(code::wraparound);
    const auto oldest = std::max(state.xid_age, state.multixact_age);
    out.over(
        code::wraparound, oldest, p.xid_age_warn, p.xid_age_fail, state.oldest_database,
        triage::text("database ", state.oldest_database, " is ", oldest / 1'000'000, " million ",
                     state.xid_age >= state.multixact_age ? "transactions" : "multixacts",
                     " old, of 2000 at most"));
    out.say(triage::text("oldest freeze ", oldest / 1'000'000, " of 2000 million"));
}

}  // namespace

std::vector<triage::Code> health_codes() {
    return {code::in_recovery,     code::not_standby,        code::read_only,
            code::clock_skew,      code::restarted,          code::replication_lag,
            code::standby_missing, code::replication_broken, code::wal_retained,
            code::archiving,       code::checksum_failures,  code::deadlocks,
            code::wraparound};
}

triage::Judgement judge_health(const HealthParams& params, const ServerState& state,
                               const std::vector<Replica>& replicas,
                               const std::vector<Slot>& all_slots) {
    triage::Judgement out;
    kind(out, params, state);
    clock(out, params, state);
    replication(out, params, state, replicas);
    slots(out, params, all_slots);
    data(out, params, state);
    return out;
}

}  // namespace db
