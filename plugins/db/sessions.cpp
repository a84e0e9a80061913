/// db.sessions: who is connected, and who keeps others waiting.
#include "sessions.hpp"

#include <algorithm>

#include "codes.hpp"
#include "db.hpp"

using namespace std::chrono_literals;

namespace db {

void SessionsParams::describe(triage::Describe<SessionsParams>& d) {
    using P = SessionsParams;
    describe_access(d);
    d.optional("role", &P::role, "",
               "Whose sessions idle in transaction are counted; \"\": the role of this session");
    d.optional("ignore-applications", &P::ignore,
               "Application names whose long transactions and queries are right (pg_dump)");
    d.optional("connections-warn", &P::connections_warn, 0.80, "Share of the connections in use")
        .at_least(0.0)
        .at_most(1.0)
        .not_above("connections-fail");
    d.optional("connections-fail", &P::connections_fail, 0.95, "The same, for a failure")
        .at_least(0.0)
        .at_most(1.0);
    d.optional("idle-warn", &P::idle_warn, 10, "Sessions of the role idle in transaction")
        .at_least(1)
        .not_above("idle-fail");
    d.optional("idle-fail", &P::idle_fail, 15, "The same, for a failure").at_least(1);
    d.optional("transaction-warn", &P::transaction_warn, 60s, "Age of the oldest transaction")
        .at_least(1ms)
        .not_above("transaction-fail");
    d.optional("transaction-fail", &P::transaction_fail, 300s, "The same, for a failure")
        .at_least(1ms);
    d.optional("query-warn", &P::query_warn, 5s, "Age of the oldest active query")
        .at_least(1ms)
        .not_above("query-fail");
    d.optional("query-fail", &P::query_fail, 30s, "The same, for a failure").at_least(1ms);
    d.optional("blocked-warn", &P::blocked_warn, 5s, "How long a session waits for a lock")
        .at_least(1ms)
        .not_above("blocked-fail");
    d.optional("blocked-fail", &P::blocked_fail, 30s, "The same, for a failure").at_least(1ms);
}

namespace {

constexpr triage::Fact<std::int64_t> connections{"connections", "Sessions of clients"};
constexpr triage::Fact<std::int64_t> usable{"usable", "max_connections without the reserved ones"};
constexpr triage::Fact<bool> sees_all{"sees_all", "The role sees what other roles' sessions do"};

std::string capacity_query(const std::string& role) {
    return triage::text(
        "SELECT current_setting('max_connections'),"
        " current_setting('superuser_reserved_connections')::int"
        " + coalesce(current_setting('reserved_connections', true), '0')::int,"
        " coalesce((SELECT rolconnlimit FROM pg_roles WHERE rolname = r.name), -1),"
        " (SELECT datconnlimit FROM pg_database WHERE datname = current_database()),"
        " r.name, current_database(),"
        " (SELECT extract(epoch FROM clock_timestamp() - min(prepared)) FROM pg_prepared_xacts)"
        " FROM (SELECT ",
        role.empty() ? "current_user::text" : role, " AS name) r");
}

/// Everyone sees pg_locks and who blocks whom; of other roles' sessions one without
/// pg_read_all_stats sees neither kind nor state.
std::string backends_query(int version) {
    const auto* since = version >= 140000 ? "waitstart" : "NULL::timestamptz";
    return triage::text(
        "SELECT a.pid, coalesce(a.usename, ''), coalesce(a.datname, ''),"
        " coalesce(a.application_name, ''), coalesce(a.backend_type, ''), coalesce(a.state, ''),"
        " extract(epoch FROM clock_timestamp() - a.xact_start),"
        " extract(epoch FROM clock_timestamp() - a.query_start),"
        " extract(epoch FROM clock_timestamp() - a.state_change),"
        " CASE WHEN w.pid IS NOT NULL THEN coalesce("
        "extract(epoch FROM clock_timestamp() - coalesce(w.since, a.query_start)), 0) END,"
        " coalesce(w.mode || coalesce(' on ' || w.what, ''), ''),"
        " CASE WHEN w.pid IS NOT NULL THEN array_to_string(pg_blocking_pids(a.pid), ' ') END"
        " FROM pg_stat_activity a LEFT JOIN (SELECT DISTINCT ON (pid) pid, mode, ",
        since,
        " AS since, CASE WHEN relation IS NOT NULL AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())"
        " THEN relation::regclass::text ELSE locktype END AS what"
        " FROM pg_locks WHERE NOT granted ORDER BY pid) w ON w.pid = a.pid"
        " WHERE a.pid <> pg_backend_pid() AND (a.backend_type IS NOT NULL OR"
        " (a.usename IS NOT NULL AND a.datname IS NOT NULL))");
}

Backend to_backend(const Row& row) {
    return {.pid = row.integer(0),
            .role = row.text(1),
            .database = row.text(2),
            .application = row.text(3),
            .kind = row.text(4),
            .state = row.text(5),
            .transaction = row.maybe_duration(6),
            .query = row.maybe_duration(7),
            .since_change = row.maybe_duration(8),
            .waiting = row.maybe_duration(9),
            .waits_for = row.text(10),
            .blockers = row.integers(11)};
}

Capacity to_capacity(const Row& row) {
    return {.max = row.integer(0),
            .reserved = row.integer(1),
            .role_limit = row.integer(2),
            .database_limit = row.integer(3),
            .role = row.text(4),
            .database = row.text(5),
            .oldest_prepared = row.maybe_duration(6)};
}

triage::Task<triage::Outcome> sessions(const SessionsParams& p, triage::Context& ctx) {
    auto target = reveal_target(p, ctx);
    auto session = co_await open_session(p, ctx, std::move(target));
    need_version(session);
    const auto role = p.role.empty() ? std::string() : session.literal(p.role) + "::text";
    const Query limits{"its limits", capacity_query(role), 7};
    const auto row = co_await session.row(limits);
    const auto capacity = to_capacity(row);
    const Query query{"its sessions", backends_query(session.version()), 12, false};
    const auto rows = co_await session.rows(query);
    std::vector<Backend> backends;
    for (const auto& one : rows)
        backends.push_back(to_backend(one));

    const auto judgement = judge_sessions(p, capacity, backends);
    judgement.report(ctx);
    const auto clients = std::ranges::count_if(
        backends, [](const Backend& one) { return one.is_client() || one.is_hidden(); });
    ctx.fact(connections, clients + 1);
    ctx.fact(usable, capacity.max - capacity.reserved);
    ctx.fact(sees_all, std::ranges::none_of(backends, &Backend::is_hidden));
    ctx.metric("connections", static_cast<double>(clients + 1), "{connection}");
    co_return triage::done(judgement.summary());
}

}  // namespace

void add_sessions(triage::Plugin& plugin) {
    auto codes = transport_codes();
    codes.insert(codes.begin(), code::url);
    for (const auto& code : sessions_codes())
        codes.push_back(code);
    plugin.check<SessionsParams>(
        "sessions", "Connections in use, sessions idle in transaction, long work, locks",
        "1 connection, 2 queries", until_ended<SessionsParams, sessions>, codes,
        {connections, usable, sees_all});
}

}  // namespace db
