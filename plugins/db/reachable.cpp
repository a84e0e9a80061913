/// db.reachable: can the application log in where its connection string leads?
#include <triage/judgement.hpp>

#include "codes.hpp"
#include "db.hpp"
#include "session.hpp"
#include "words.hpp"

using namespace std::chrono_literals;

namespace db {
namespace {

using std::chrono::microseconds;

/// Of an intended_pattern.
constexpr const char* before_port = R"((?:\[[^\]]*\]|/[^:]*|[^/:\[\]]*):)";

struct ReachableParams : Access {
    std::string intended;
    microseconds slow;

    static void describe(triage::Describe<ReachableParams>& d) {
        describe_access(d);
        d.optional(
             "intended", &ReachableParams::intended, "",
             "Where the connection string should lead: host[:port][/database]; \"\": anywhere")
            .pattern(intended_pattern)
            .refuse(triage::text(before_port, triage::no_port, "(?:/.*)?"),
                    "its port is none: expected 1 to 65535")
            .example("db:5432/mission_control");
        d.optional("slow", &ReachableParams::slow, 1s, "Warn when login and query take longer")
            .at_least(1ms);
    }
};

constexpr triage::Code slow{"db.slow", triage::Weight::warn,
                            "Login and a trivial query take longer than is good",
                            "Look at the phases' durations: name service, network, TLS, or the "
                            "server's load"};

constexpr triage::Fact<std::string> server_version{"server_version", "As the server says it"};
constexpr triage::Fact<std::string> server_address{"server_address",
                                                   "The server's own address and port"};
constexpr triage::Fact<std::string> database{"database", "The database that was logged in to"};
constexpr triage::Fact<std::string> user{"user", "The role that the server takes this session for"};
constexpr triage::Fact<bool> in_recovery{"in_recovery", "It is a standby, or being restored"};
constexpr triage::Fact<bool> pooled{"pooled", "A pooler answers in the server's place"};
constexpr triage::Fact<std::string> tls{"tls", "The protocol's version, or \"none\""};

constexpr const char* who_answers =
    "SELECT current_setting('server_version'), coalesce(host(inet_server_addr()), ''),"
    " coalesce(inet_server_port(), 0), current_database(), current_user, pg_is_in_recovery(),"
    " pg_backend_pid(), current_setting('cluster_name')";

void judge_intended(const ReachableParams& p, triage::Context& ctx, const Target& target) {
    if (p.intended.empty()) return;
    ctx.evaluated(code::other_target);
    const auto how = difference(target, p.intended);
    if (!how) return;
    ctx.found(code::other_target, target.text(), *how)
        .evidence("found", target.text())
        .evidence("intended", p.intended);
}

std::string tls_of(PGconn* connection) {
    const char* protocol =
        ::PQsslInUse(connection) != 0 ? ::PQsslAttribute(connection, "protocol") : nullptr;
    return protocol == nullptr ? "none" : protocol;
}

triage::Task<triage::Outcome> reachable(const ReachableParams& p, triage::Context& ctx) {
    auto target = reveal_target(p, ctx);
    judge_intended(p, ctx, target);
    for (const auto& name : target.ignored)
        ctx.log(triage::text("the option ", name, " is the driver's own, and ignored"));
    auto session = co_await open_session(p, ctx, std::move(target));

    const auto begin = ctx.now();
    const Query who{"who it is", who_answers, 8};
    const auto row = co_await session.row(who);
    const auto query = ctx.now() - begin;
    const auto where = row.text(1).empty() ? session.connected().where
                                           : triage::text(row.text(1), ":", row.text(2));
    const bool is_pooled = ::PQbackendPID(session.connection()) != row.integer(6);
    ctx.fact(server_version, row.text(0));
    ctx.fact(server_address, where);
    ctx.fact(database, row.text(3));
    ctx.fact(user, row.text(4));
    ctx.fact(in_recovery, row.boolean(5));
    ctx.fact(pooled, is_pooled);
    ctx.fact(tls, tls_of(session.connection()));
    ctx.metric("query", query);

    const auto connect = session.connected().durations.total();
    ctx.evaluated(slow);
    if (connect + query > p.slow) {
        ctx.found(slow, session.subject(),
                  triage::text("login ", connect, ", query ", query, ", expected at most ", p.slow))
            .evidence("name", session.connected().durations.name)
            .evidence("tcp", session.connected().durations.tcp)
            .evidence("login", session.connected().durations.login);
    }
    const auto cluster = row.text(7).empty() ? "" : triage::text(" \"", row.text(7), "\"");
    co_return triage::done(triage::text(
        "PostgreSQL ", row.text(0), cluster, " at ", where, is_pooled ? " behind a pooler" : "",
        ", database ", row.text(3), " as ", row.text(4), row.boolean(5) ? ", in recovery" : "",
        ", TLS: ", tls_of(session.connection()), "; login ", connect, ", query ", query));
}

}  // namespace

void add_reachable(triage::Plugin& plugin) {
    auto codes = transport_codes();
    codes.insert(codes.begin(), {code::url, code::other_target});
    codes.push_back(slow);
    plugin.check<ReachableParams>(
        "reachable", "Logs in where the connection string leads, and says who answers",
        "1 connection, 1 query", until_ended<ReachableParams, reachable>, codes,
        {server_version, server_address, database, user, in_recovery, pooled, tls});
}

}  // namespace db
