/// db.migrations: is the schema where the application's code needs it?
#include "migrations.hpp"

#include "codes.hpp"
#include "db.hpp"

namespace db {

void MigrationsParams::describe(triage::Describe<MigrationsParams>& d) {
    using P = MigrationsParams;
    describe_access(d);
    d.optional("table", &P::table, "alembic_version", "Where the revision stands").pattern(".+");
    d.optional("schema", &P::schema, "", "The table's schema; \"\": by the role's search_path");
    d.optional("column", &P::column, "version_num", "The table's column").pattern(".+");
    d.optional(
         "expected", &P::expected,
         "The revisions that should be there, all of them: usually one head, as `alembic heads` "
         "prints it where the code is. Without this and `versions` nothing is compared")
        .pattern("[^,\\s]+")
        .example("ae1027a6acf0");
    d.optional("versions", &P::versions,
               "The folder of the application's Alembic scripts: heads are then known, and how far "
               "behind the database is");
}

namespace {

constexpr triage::Fact<std::string> revision{"revision", "In the database; several with commas"};

constexpr int most_rows = 20;

std::string qualified(const MigrationsParams& p, const Session& session) {
    const auto table = session.identifier(p.table);
    return p.schema.empty() ? table : triage::text(session.identifier(p.schema), ".", table);
}

/// For people.
std::string shown(const MigrationsParams& p) {
    return p.schema.empty() ? p.table : triage::text(p.schema, ".", p.table);
}

triage::Task<std::string> holder_of(Session& session, const std::string& table) {
    auto text = triage::text(
        "SELECT a.pid, coalesce(a.application_name, ''), coalesce(a.usename, ''),"
        " coalesce(a.state, ''), extract(epoch FROM clock_timestamp() - a.xact_start)"
        " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
        " WHERE l.granted AND l.mode = 'AccessExclusiveLock' AND l.relation = to_regclass(",
        session.literal(table), ") LIMIT 1");
    const Query query{"who holds the lock", std::move(text), 5, false};
    const auto rows = co_await session.rows(query);
    if (rows.empty()) co_return "";
    const auto& row = rows[0];
    auto out = triage::text("pid ", row.text(0), " (",
                            row.text(1).empty() ? "" : row.text(1) + ", ", "role ", row.text(2));
    if (!row.text(3).empty()) out += ", " + row.text(3);
    if (const auto since = row.maybe_duration(4)) out += ", transaction open for " + age(*since);
    co_return out + ")";
}

triage::Outcome end(triage::Context& ctx, const triage::Judgement& judgement) {
    judgement.report(ctx);
    return judgement.outcome();
}

/// What the error of the SELECT says of the migrations; throws Ended if it is about other things.
triage::Task<triage::Judgement> judge_error(const MigrationsParams& p, Session& session,
                                            const std::string& table, const Answer& answer) {
    if (answer.sqlstate == "42P01" || answer.sqlstate == "3F000")
        co_return judge_no_table(shown(p));
    if (answer.sqlstate == "42501") {
        const std::string role = ::PQuser(session.connection());
        throw Ended{triage::could_not_tell(triage::text(
            "the role ", role, " may not read ", shown(p), ": GRANT SELECT ON ", table, " TO ",
            session.identifier(role), p.schema.empty() ? "" : " (and USAGE on its schema)"))};
    }
    if (answer.sqlstate == "42703") {
        throw Ended{triage::could_not_tell(triage::text(shown(p), " has no column ", p.column,
                                                        ": say by `table` and `column` where the "
                                                        "revision stands"))};
    }
    if (answer.sqlstate == "55P03") {  // lock_timeout
        const auto holder = co_await holder_of(session, table);
        co_return judge_locked(shown(p), holder);
    }
    session.end(answer);
}

triage::Task<std::optional<History>> history_of(const MigrationsParams& p, triage::Context& ctx) {
    if (p.versions.str().empty()) co_return std::nullopt;
    const auto work = [&p] { return read_history(p.versions.str()); };
    co_return co_await ctx.blocking(work);
}

triage::Task<triage::Outcome> migrations(const MigrationsParams& p, triage::Context& ctx) {
    auto target = reveal_target(p, ctx);
    const auto history = co_await history_of(p, ctx);
    auto session = co_await open_session(p, ctx, std::move(target));
    const auto table = qualified(p, session);
    const Query query{"the schema's revision",
                      triage::text("SELECT ", session.identifier(p.column), "::text FROM ", table,
                                   " ORDER BY 1 LIMIT ", most_rows),
                      1, false};
    auto answer = co_await session.ask(query.text);
    if (!answer.ok()) {
        const auto why = co_await judge_error(p, session, table, answer);
        co_return end(ctx, why);
    }
    std::vector<std::string> found;
    std::string all;
    for (const auto& row : session.rows_of(std::move(answer), query)) {
        found.push_back(row.text(0));
        all += (all.empty() ? "" : ",") + row.text(0);
    }
    if (!all.empty()) ctx.fact(revision, all);
    co_return end(ctx, judge_migrations(p, found, history, shown(p)));
}

}  // namespace

void add_migrations(triage::Plugin& plugin) {
    auto codes = transport_codes();
    codes.insert(codes.begin(), code::url);
    for (const auto& code : migrations_codes())
        codes.push_back(code);
    plugin.check<MigrationsParams>(
        "migrations", "The schema's revision, compared with what the code needs",
        "1 connection, 1 query", until_ended<MigrationsParams, migrations>, codes, {revision});
}

}  // namespace db
