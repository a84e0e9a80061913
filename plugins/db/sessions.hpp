/// Parameters and judgement of db.sessions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <triage/judgement.hpp>

#include "session.hpp"
#include "words.hpp"

namespace db {

struct SessionsParams : Access {
    std::string role;
    std::vector<std::string> ignore;
    double connections_warn, connections_fail;
    std::int64_t idle_warn, idle_fail;
    std::chrono::microseconds transaction_warn, transaction_fail, query_warn, query_fail,
        blocked_warn, blocked_fail;

    static void describe(triage::Describe<SessionsParams>& d);
};

/// One backend of pg_stat_activity.
struct Backend {
    std::int64_t pid = 0;
    std::string role, database, application, kind, state;
    std::optional<std::chrono::microseconds> transaction, query, since_change;
    std::optional<std::chrono::microseconds> waiting;  ///< for a lock
    std::string waits_for;                             ///< "AccessExclusiveLock on boards"
    std::vector<std::int64_t> blockers;                ///< 0: a prepared transaction

    bool is_client() const { return kind == "client backend"; }
    /// Of another role, and this one may not see what it does.
    bool is_hidden() const { return kind.empty(); }
};

/// What the sessions are measured against.
struct Capacity {
    std::int64_t max = 0, reserved = 0;
    std::int64_t role_limit = -1, database_limit = -1;  ///< -1: none
    std::string role, database;                         ///< whose limits these are
    std::optional<std::chrono::microseconds> oldest_prepared;
};

std::vector<triage::Code> sessions_codes();

/// What the backends, this session's own left out, are doing that they should not.
triage::Judgement judge_sessions(const SessionsParams& params, const Capacity& capacity,
                                 const std::vector<Backend>& backends);

}  // namespace db
