// Points in time as text, always in UTC.
#pragma once

#include <cstdint>
#include <string>

namespace triage::report {

// "2026-11-23T10:21:05.976Z" (RFC 3339) of microseconds since 1970.
std::string rfc3339(std::int64_t us);

// "2026-11-23 10:21:05 UTC".
std::string utc_seconds(std::int64_t us);

}  // namespace triage::report
