// What is different from the last good run. Plain values; core/compare makes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/text.hpp"

namespace triage::model {

struct Change {
    enum class Kind : std::uint8_t {
        deploy,       // a version, image or commit of what is looked at
        migration,    // the database's schema
        config,       // a setting
        certificate,  //
        dns,          // the address behind a name
        fact,         // something else that a check has learned
        latency,      // beyond its usual spread
        finding,      // found now, and looked for and not found then
        lost,         // what was seen then, and is not looked at now: never an improvement
        runbook,      // the runbook itself
        tool,         // triage or a plugin
    };
    Kind kind = Kind::fact;
    Text what;    // "api: app_version", "backend: CORS_ORIGINS"
    Text before;  // empty: there was none, or it is not shown
    Text after;
    // When it was made, where a check has learned it; since 1970 UTC.
    std::optional<std::int64_t> at_us;
    // How that is to the beginning of the trouble.
    enum class Timing : std::uint8_t {
        unknown,
        before,  // nothing says that the trouble was there first
        late,    // the logs tell of trouble before: this may be another one
        after,   // a run saw it broken before: this is not the cause
    };
    Timing timing = Timing::unknown;
};
std::string_view name(Change::Kind kind);
std::string_view name(Change::Timing timing);  // "", "before", …

// When it broke, as far as runs tell: well at `good`, and not any more at `bad`. Since 1970 UTC.
struct Onset {
    std::int64_t good_us = 0;
    std::int64_t bad_us = 0;
};

struct Changes {
    Text not_compared;                // why not; empty: it was compared
    std::int64_t baseline_at_us = 0;  // when the last good run began
    std::vector<Change> list;         // in the order of kinds, then of results
    std::optional<Onset> onset;       // of a run that is not good
    // The first line in a log of what fails, as far as checks tell (the fact "trouble_since").
    std::optional<std::int64_t> first_sign_us;
};

}  // namespace triage::model
