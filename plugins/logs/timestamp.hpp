/// When a line was written: the forms that logs use, and the zone that they leave open.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace logs {

using Time = std::chrono::sys_time<std::chrono::microseconds>;

/// What times without a zone are taken for.
class Zone {
public:
    /// "UTC" ("GMT", "Z"), "local" (this machine's) or an offset, "+02:00" or "+02".
    static std::optional<Zone> parse(std::string_view text);

    Time to_utc(std::chrono::local_time<std::chrono::microseconds> local) const;
    const std::string& name() const { return name_; }

private:
    std::string name_ = "UTC";
    std::optional<std::chrono::minutes> offset_ = std::chrono::minutes(0);  // nullopt: local
};

/// A time as it stands in a line.
struct Stamp {
    Time at;
    bool zoned;           ///< with its zone; else Zone has decided
    std::size_t end = 0;  ///< where it ends in the line
};

/// The minute of the last time that was read. That of the next line is mostly the same, and then
/// not worked out again.
struct LastMinute {
    char text[17] = "1970-01-01 00:00";
    std::chrono::local_time<std::chrono::microseconds> at;
};

/// The time at which the line begins: after its start, or within the first brackets (nginx). Knows
/// ISO 8601 with its usual liberties (comma, slashes, a space, zone or none), syslog, Redis, glog,
/// and what nginx and Apache write. `now` decides the year where there is none.
std::optional<Stamp> find_stamp(std::string_view line, const Zone& zone, Time now);
std::optional<Stamp> find_stamp(std::string_view line, const Zone& zone, Time now,
                                LastMinute& last);

/// The same for a text that is nothing but a time.
std::optional<Stamp> read_stamp(std::string_view text, const Zone& zone, Time now);

/// Seconds, milli-, micro- or nanoseconds since 1970, by their size.
std::optional<Time> from_epoch(double number);

/// "2026-11-26 10:21:05Z", or "10:21:05Z" if it is of the day of `now`.
std::string shown(Time time, Time now);

}  // namespace logs
