#include "session.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "codes.hpp"

namespace db {
namespace {

using std::chrono::microseconds;

/// Left of the attempt's time for saying what was found.
constexpr microseconds reserve = std::chrono::milliseconds(250);
constexpr int oldest_version = 120000;

microseconds within(triage::Context& ctx, microseconds limit) {
    return std::clamp(ctx.left() - reserve, microseconds(1000), limit);
}

std::string remedy_of(const Failure& failure, const Target& target) {
    const bool loops =
        std::ranges::any_of(target.hosts, [](const Host& host) { return is_loopback(host.name); });
    if (failure.code == &code::refused && loops)
        return triage::text(code::refused.remedy,
                            "; inside a container localhost is the container itself");
    return failure.remedy;
}

[[noreturn]] void end(triage::Context& ctx, const Target& target, const Failure& failure,
                      const std::vector<std::string>& tried) {
    if (failure.code == nullptr) throw Ended{triage::could_not_tell(failure.message)};
    {
        auto finding = ctx.found(*failure.code, target.text(), failure.message);
        if (failure.code != &code::url) finding.evidence("phase", phase_name(failure.phase));
        if (!failure.sqlstate.empty()) finding.evidence("sqlstate", failure.sqlstate);
        if (!target.user.empty()) finding.evidence("user", target.user);
        if (!target.database.empty()) finding.evidence("database", target.database);
        finding.evidence("sslmode", target.sslmode.empty() ? "prefer" : target.sslmode);
        if (tried.size() > 1) {
            std::string all;
            for (const auto& one : tried)
                all += (all.empty() ? "" : "\n") + one;
            finding.evidence("tried", all);
        }
        if (const auto remedy = remedy_of(failure, target); !remedy.empty()) finding.remedy(remedy);
    }
    throw Ended{triage::done(failure.message)};
}

void evaluate(triage::Context& ctx, const Target& target, Phase reached) {
    const bool named = std::ranges::any_of(target.hosts, [](const Host& host) {
        return !host.is_socket() && host.address.empty() && !is_numeric(host.name);
    });
    if (reached > Phase::name && named) ctx.evaluated(code::dns);
    if (reached > Phase::tcp) ctx.evaluated(code::refused, code::unreachable);
    if (reached > Phase::reply) ctx.evaluated(code::no_reply, code::not_postgres);
    if (reached == Phase::query) {
        ctx.evaluated(code::tls, code::closed, code::password, code::login_refused,
                      code::login_hung, code::no_database, code::too_many, code::not_ready,
                      code::wrong_server_kind);
    }
}

void measure(triage::Context& ctx, const Durations& took) {
    const std::pair<const char*, microseconds> phases[] = {{"name", took.name},
                                                           {"tcp", took.tcp},
                                                           {"start-up-reply", took.reply},
                                                           {"tls", took.tls},
                                                           {"login", took.login}};
    for (const auto& [name, duration] : phases)
        if (duration.count() > 0) ctx.metric(name, duration);
    ctx.metric("connect", took.total());
}

}  // namespace

triage::Task<Answer> Session::ask(std::string query) {
    co_return co_await db::ask(ctx_, connection(), std::move(query), within(ctx_, timeout_));
}

triage::Task<std::vector<Row>> Session::rows(Query query) {
    auto answer = co_await ask(query.text);
    co_return rows_of(std::move(answer), query);
}

triage::Task<Row> Session::row(Query query) {
    auto answer = co_await ask(query.text);
    co_return std::move(rows_of(std::move(answer), query).front());
}

std::vector<Row> Session::rows_of(Answer answer, const Query& query) {
    if (!answer.ok()) end(answer);
    auto rows = db::rows_of(std::move(answer), query);
    ctx_.evaluated(code::no_answer, code::shut_down, code::disk_full, code::corrupt,
                   code::server_error, code::pooler);
    return rows;
}

void Session::end(const Answer& answer) {
    // What the role may not see or call says nothing about the server.
    if (answer.sqlstate == "42501") {
        throw Ended{triage::could_not_tell(triage::text("the role ", ::PQuser(connection()),
                                                        " may not see this: ", answer.message,
                                                        ". GRANT pg_monitor TO the role."))};
    }
    db::end(ctx_, target_, judge_answer(answer, connected_.where), {});
}

std::string Session::identifier(std::string_view name) const {
    const std::unique_ptr<char, decltype(&PQfreemem)> quoted(
        ::PQescapeIdentifier(connection(), name.data(), name.size()), &PQfreemem);
    if (!quoted) throw triage::CouldNotTell("a name in the parameters is not valid UTF-8");
    return quoted.get();
}

std::string Session::literal(std::string_view text) const {
    const std::unique_ptr<char, decltype(&PQfreemem)> quoted(
        ::PQescapeLiteral(connection(), text.data(), text.size()), &PQfreemem);
    if (!quoted) throw triage::CouldNotTell("a text in the parameters is not valid UTF-8");
    return quoted.get();
}

Target reveal_target(const Access& access, triage::Context& ctx) {
    const auto text = ctx.reveal(access.url);
    if (!text) {
        throw Ended{triage::could_not_tell(
            "the plugin may not see the connection string. Allow it in the runbook: [allow] db = "
            "{ reveal = [\"NAME\"] }, where NAME is the secret that the parameter url names.")};
    }
    auto target = parse_target(text.value());
    if (!target) {
        ctx.found(code::url, "the connection string", target.reason());
        throw Ended{triage::done("the connection string cannot be used: " + target.reason())};
    }
    for (const auto& secret : {target.value().password, target.value().raw_password})
        if (!secret.empty()) ctx.add_secret(secret);
    for (const auto& [name, value] : target.value().options)
        if (name == "sslpassword") ctx.add_secret(value);
    ctx.evaluated(code::url);
    return target.value();
}

triage::Task<Session> open_session(const Access& access, triage::Context& ctx, Target target) {
    const Manner manner{within(ctx, access.timeout), access.ca_file.str(), access.inside,
                        [&ctx] { return ctx.cancelled(); }};
    const auto work = [&] { return connect(target, manner); };
    auto connected = co_await ctx.blocking(work);
    evaluate(ctx, target, connected.failure ? connected.failure->phase : Phase::query);
    if (connected.failure) end(ctx, target, *connected.failure, connected.tried);
    measure(ctx, connected.durations);
    ::PQsetErrorVerbosity(connected.connection.get(), PQERRORS_DEFAULT);
    ::PQsetnonblocking(connected.connection.get(), 1);
    co_return Session(ctx, std::move(target), std::move(connected), access.timeout);
}

void need_version(const Session& session) {
    if (session.version() >= oldest_version) return;
    throw Ended{
        triage::could_not_tell("the server is older than PostgreSQL 12, which this check "
                               "asks things that it does not know")};
}

}  // namespace db
