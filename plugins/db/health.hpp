/// Parameters and judgement of db.health.
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

struct HealthParams : Access {
    std::string kind;
    std::chrono::microseconds skew_warn, skew_fail, lag_warn, lag_fail, sample, restarted_within;
    std::int64_t standbys, xid_age_warn, xid_age_fail, slot_warn_mib, slot_fail_mib;

    static void describe(triage::Describe<HealthParams>& d);
};

/// What the server says of itself.
struct ServerState {
    bool in_recovery = false, read_only = false;
    std::chrono::microseconds up{0};
    std::chrono::microseconds skew{0};  ///< its clock minus this machine's
    std::int64_t xid_age = 0, multixact_age = 0;
    std::string oldest_database;                      ///< that has this age
    std::optional<std::int64_t> checksum_failures;    ///< nullopt: checksums are off
    bool archiving = false, archiving_fails = false;  ///< the last attempt to archive WAL failed
    std::int64_t deadlocks = 0, new_deadlocks = 0;  ///< since the statistics' reset, in the sample
};

/// One standby of a primary, or (on a standby) this one.
struct Replica {
    std::string name, state;
    std::optional<double> behind_bytes;               ///< nullopt: not visible
    std::optional<std::chrono::microseconds> behind;  ///< nullopt: nothing was replayed yet
    bool paused = false;
    bool receives = true;  ///< of a standby: it has a connection to its primary
};

/// A replication slot that nobody uses, or that has lost WAL.
struct Slot {
    std::string name, wal_status;
    bool active = false;
    std::optional<double> retained_bytes;
};

std::vector<triage::Code> health_codes();

/// What is wrong with the server, now or soon.
triage::Judgement judge_health(const HealthParams& params, const ServerState& state,
                               const std::vector<Replica>& replicas,
                               const std::vector<Slot>& slots);

}  // namespace db
