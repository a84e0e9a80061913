/// What all checks begin with: the connection string, the session, and what there is to say if it
/// does not come about.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <triage/plugin.hpp>

#include "connect.hpp"

namespace db {

/// The parameters that all checks have.
struct Access {
    triage::Secret url;
    triage::Path ca_file;
    bool inside;
    std::chrono::microseconds timeout;
};

template <class P>
void describe_access(triage::Describe<P>& d) {
    using namespace std::chrono_literals;
    d.required("url", static_cast<triage::Secret P::*>(&P::url),
               "The connection string; its text needs [allow] db = { reveal = [\"NAME\"] }")
        .example("${secret.database_url}");
    d.optional("timeout", static_cast<std::chrono::microseconds P::*>(&P::timeout), 3s,
               "No session, or no answer to a query, within this is a finding")
        .at_least(10ms);
    d.optional("ca-file", static_cast<triage::Path P::*>(&P::ca_file),
               "Trust these CAs (PEM) instead of the connection string's sslrootcert");
    d.optional("inside", static_cast<bool P::*>(&P::inside), false,
               "triage runs where the application does: a name without a dot that is not known "
               "(`db`) is then a finding");
}

/// Ends a check from wherever it is; what it found has been reported.
struct Ended {
    triage::Outcome outcome;
};

/// A check as an ordinary task that may throw Ended.
template <class P, triage::Task<triage::Outcome> (*body)(const P&, triage::Context&)>
triage::Check until_ended(const P& params, triage::Context& ctx) {
    try {
        co_return co_await body(params, ctx);
    } catch (const Ended& ended) {
        co_return ended.outcome;
    }
}

/// An open session.
class Session {
public:
    Session(triage::Context& ctx, Target target, Connected connected,
            std::chrono::microseconds timeout)
        : ctx_(ctx),
          target_(std::move(target)),
          connected_(std::move(connected)),
          timeout_(timeout) {}

    PGconn* connection() const { return connected_.connection.get(); }
    const Target& target() const { return target_; }
    const Connected& connected() const { return connected_; }
    /// "db:5432/app": what findings are about.
    std::string subject() const { return target_.text(); }
    /// 150018.
    int version() const { return ::PQserverVersion(connection()); }

    /// What one query brings, be it good or bad.
    triage::Task<Answer> ask(std::string query);
    /// The rows of one query; throws Ended if there are none to be had, or Unreadable.
    triage::Task<std::vector<Row>> rows(Query query);
    /// The only row.
    triage::Task<Row> row(Query query);
    /// The same of an answer that is there.
    std::vector<Row> rows_of(Answer answer, const Query& query);
    /// Reports why a query was not answered, and throws Ended.
    [[noreturn]] void end(const Answer& answer);

    /// A name as part of a query: "Alembic_Version" in quotes; a text: 'it''s'.
    std::string identifier(std::string_view name) const;
    std::string literal(std::string_view text) const;

private:
    triage::Context& ctx_;
    Target target_;
    Connected connected_;
    std::chrono::microseconds timeout_;
};

/// The connection string's meaning. Throws Ended if the runbook does not let the plugin see it, or
/// if it has none.
Target reveal_target(const Access& access, triage::Context& ctx);

/// Opens the check's session; throws Ended, with all reported, if it does not come about.
triage::Task<Session> open_session(const Access& access, triage::Context& ctx, Target target);

/// The oldest server that the queries are written for.
void need_version(const Session& session);

}  // namespace db
