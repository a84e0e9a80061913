/// Where in a log file to begin to read: by time, or by lines from its end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "record.hpp"

namespace logs {

/// Where to begin, and what was learned on the way.
struct Start {
    std::uint64_t offset = 0;
    bool dated = false;  ///< lines say when they were written, as far as was looked
    bool jumps = false;  ///< their times are not in order: all of it must be read
};

/// The offset of a line at or before the first one that is not older than `since`, by bisection:
/// also if that one lies up to a minute before its place in time.
/// 0 if times are not in order. Throws CouldNotTell if the file cannot be read.
Start find_since(int fd, std::uint64_t size, Time since, const Reading& reading);

/// The offset of the first dated line after `offset`, where one of several readers can begin;
/// nullopt if there is none soon.
std::optional<std::uint64_t> next_entry(int fd, std::uint64_t offset, const Reading& reading);

/// Are lines at the start or the end of the file dated?
bool is_dated(int fd, std::uint64_t size, const Reading& reading);

/// The offset of the last `count` lines.
std::uint64_t find_tail(int fd, std::uint64_t size, std::uint64_t count);

}  // namespace logs
