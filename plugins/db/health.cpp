/// db.health: the server's own state, beside who is connected.
#include "health.hpp"

#include "codes.hpp"
#include "db.hpp"

using namespace std::chrono_literals;

namespace db {

using std::chrono::microseconds;

void HealthParams::describe(triage::Describe<HealthParams>& d) {
    using P = HealthParams;
    describe_access(d);
    d.optional("kind", &P::kind, "primary", "What the server should be")
        .choices({"primary", "standby", "any"});
    d.optional("skew-warn", &P::skew_warn, 2s, "Difference of the server's clock to this one's")
        .at_least(1ms)
        .not_above("skew-fail");
    d.optional("skew-fail", &P::skew_fail, 10s, "The same, for a failure").at_least(1ms);
    d.optional("lag-warn", &P::lag_warn, 30s, "How far a standby is behind")
        .at_least(1ms)
        .not_above("lag-fail");
    d.optional("lag-fail", &P::lag_fail, 300s, "The same, for a failure").at_least(1ms);
    d.optional("standbys", &P::standbys, 0, "How many standbys stream from a primary, at least")
        .at_least(0);
    d.optional("slot-warn-mib", &P::slot_warn_mib, 1024, "WAL kept for a slot that is not used")
        .at_least(1)
        .not_above("slot-fail-mib");
    d.optional("slot-fail-mib", &P::slot_fail_mib, 10240, "The same, for a failure").at_least(1);
    d.optional("xid-age-warn", &P::xid_age_warn, 500'000'000,
               "Transactions since a database was frozen")
        .at_least(1)
        .not_above("xid-age-fail");
    d.optional("xid-age-fail", &P::xid_age_fail, 1'500'000'000, "The same, for a failure")
        .at_least(1);
    d.optional("sample", &P::sample, 1s,
               "Statistics are read twice, this far apart, to see deadlocks happen; \"0s\": once")
        .at_most(1min)
        .within_timeout();
    d.optional("restarted-within", &P::restarted_within, 10min,
               "A start so short ago is worth knowing; \"0s\": never");
}

namespace {

constexpr triage::Fact<bool> in_recovery{"in_recovery", "It is a standby, or being restored"};
constexpr triage::Fact<std::int64_t> up_s{"up_s", "Seconds since the server started"};
constexpr triage::Fact<std::int64_t> deadlocks{"deadlocks",
                                               "Of the database, since its statistics were reset"};

constexpr const char* state_query =
    "SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only') = 'on',"
    " extract(epoch FROM clock_timestamp()),"
    " extract(epoch FROM clock_timestamp() - pg_postmaster_start_time()),"
    " age(d.datfrozenxid), mxid_age(d.datminmxid), d.datname,"
    " CASE WHEN current_setting('data_checksums') = 'on' THEN"
    " (SELECT coalesce(sum(checksum_failures), 0) FROM pg_stat_database) END,"
    " current_setting('archive_mode') <> 'off',"
    " coalesce((SELECT last_failed_time > coalesce(last_archived_time, '-infinity')"
    " FROM pg_stat_archiver), false)"
    " FROM (SELECT * FROM pg_database"
    " ORDER BY greatest(age(datfrozenxid), mxid_age(datminmxid)) DESC LIMIT 1) d";

constexpr const char* counters_query =
    "SELECT deadlocks, xact_commit, xact_rollback FROM pg_stat_database"
    " WHERE datname = current_database()";

constexpr const char* of_primary =
    "SELECT coalesce(nullif(application_name, ''), 'pid ' || pid), coalesce(state, ''),"
    " pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn), extract(epoch FROM replay_lag),"
    " false, true FROM pg_stat_replication";

constexpr const char* of_standby =
    "SELECT 'this standby', '',"
    " greatest(pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), 0),"
    " extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()),"
    " pg_is_wal_replay_paused(), EXISTS (SELECT FROM pg_stat_wal_receiver)";

std::string slots_query(int version) {
    return triage::text(
        "SELECT slot_name, ", version >= 130000 ? "coalesce(wal_status, '')" : "''",
        ", active, pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
        " ELSE pg_current_wal_lsn() END, restart_lsn) FROM pg_replication_slots"
        " WHERE NOT temporary");
}

ServerState to_state(const Row& row, microseconds here) {
    ServerState state;
    state.in_recovery = row.boolean(0);
    state.read_only = row.boolean(1);
    state.skew = row.duration(2) - here;
    state.up = row.duration(3);
    state.xid_age = row.integer(4);
    state.multixact_age = row.integer(5);
    state.oldest_database = row.text(6);
    if (!row.is_null(7)) state.checksum_failures = row.integer(7);
    state.archiving = row.boolean(8);
    state.archiving_fails = row.boolean(9);
    return state;
}

triage::Task<std::vector<Replica>> replicas(Session& session, bool is_standby) {
    std::vector<Replica> out;
    const Query query{"replication", is_standby ? of_standby : of_primary, 6, false};
    const auto rows = co_await session.rows(query);
    for (const auto& row : rows) {
        out.push_back({row.text(0), row.text(1), row.maybe_number(2), row.maybe_duration(3),
                       row.boolean(4), row.boolean(5)});
    }
    co_return out;
}

triage::Task<std::vector<Slot>> slots(Session& session) {
    std::vector<Slot> out;
    const Query query{"replication slots", slots_query(session.version()), 4, false};
    const auto rows = co_await session.rows(query);
    for (const auto& row : rows)
        out.push_back({row.text(0), row.text(1), row.boolean(2), row.maybe_number(3)});
    co_return out;
}

/// Reads the counters twice; the second reading says what happened in between.
triage::Task<void> sample(const HealthParams& p, triage::Context& ctx, Session& session,
                          ServerState& state) {
    const Query counters{"the database's counters", counters_query, 3};
    const auto before = co_await session.row(counters);
    state.deadlocks = before.integer(0);
    if (p.sample.count() == 0) co_return;
    const auto begin = ctx.now();
    co_await ctx.sleep(p.sample);
    const auto after = co_await session.row(counters);
    const auto seconds = std::chrono::duration<double>(ctx.now() - begin).count();
    const auto rate = [&](std::size_t column) {
        return static_cast<double>(after.integer(column) - before.integer(column)) / seconds;
    };
    state.new_deadlocks = after.integer(0) - state.deadlocks;
    ctx.metric("commits", rate(1), "/s");
    ctx.metric("rollbacks", rate(2), "/s");
}

triage::Task<triage::Outcome> health(const HealthParams& p, triage::Context& ctx) {
    auto target = reveal_target(p, ctx);
    auto session = co_await open_session(p, ctx, std::move(target));
    need_version(session);
    const Query query{"its own state", state_query, 10};
    const auto before = ctx.wall_clock();
    const auto row = co_await session.row(query);
    const auto after = ctx.wall_clock();
    auto state = to_state(row, before.time_since_epoch() + (after - before) / 2);
    const auto standbys = co_await replicas(session, state.in_recovery);
    const auto all_slots = co_await slots(session);
    co_await sample(p, ctx, session, state);

    const auto judgement = judge_health(p, state, standbys, all_slots);
    judgement.report(ctx);
    ctx.fact(in_recovery, state.in_recovery);
    ctx.fact(up_s, std::chrono::duration_cast<std::chrono::seconds>(state.up).count());
    ctx.fact(deadlocks, state.deadlocks + state.new_deadlocks);
    ctx.metric("clock-skew", state.skew);
    ctx.metric("xid-age", static_cast<double>(state.xid_age), "1");
    co_return triage::done(judgement.summary());
}

}  // namespace

void add_health(triage::Plugin& plugin) {
    auto codes = transport_codes();
    codes.insert(codes.begin(), code::url);
    for (const auto& code : health_codes())
        codes.push_back(code);
    plugin.check<HealthParams>(
        "health", "Recovery, clock, replication, retained WAL, checksums, deadlocks, wraparound",
        "1 connection, 5 queries", until_ended<HealthParams, health>, codes,
        {in_recovery, up_s, deadlocks});
}

}  // namespace db
