/// One line, understood: when, how bad, what it says; whatever wraps it taken off.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "level.hpp"
#include "timestamp.hpp"

namespace logs {

/// How the lines of a source are wrapped.
enum class Wrapping {
    any,      ///< a file: what it is shows in each line
    docker,   ///< the engine's API with timestamps=1: a time and a space before each line
    journal,  ///< the same, and right behind the time may be a level: "…Z[ERROR] message"
};

/// What reading a line depends on.
struct Reading {
    Wrapping wrapping = Wrapping::any;
    Zone zone;
    Time now;
};

struct Record {
    /// The text without time and level; of a JSON line its message.
    std::string_view message() const { return json ? json_message : text.substr(message_begin); }

    /// As its program wrote it. Points to where the line is, or what it was unwrapped into.
    std::string_view text;
    std::size_t message_begin = 0;
    std::string json_message;
    std::string trace;  ///< a traceback that a JSON line brings with it
    std::optional<Time> at;
    bool zone_assumed = false;
    Level level = Level::none;
    bool json = false;
};

/// A line without what wraps it (Compose's "backend-1  | ", a json-file of Docker, CRI), and the
/// time that the wrapping says. `text` may point into `held`, where text had to be unescaped.
struct Unwrapped {
    std::string_view text;
    std::optional<Time> at;
    Level level = Level::none;  ///< that the wrapping says
    std::string held;
};
/// Not `may_be_colored`: there is no escape byte in it.
void unwrap(std::string_view line, const Reading& reading, Unwrapped& out,
            bool may_be_colored = true);

/// Understands one line of a source after another: what they share is not worked out again.
class RecordReader {
public:
    /// Into a record that is there: in a flood of lines its memory is used again.
    void read(const Unwrapped& line, const Reading& reading, Record& out);

private:
    LastMinute minute_;
    LevelFinder levels_;
};

/// Only when it was written: cheap, for seeking.
std::optional<Stamp> time_of(std::string_view line, const Reading& reading);

/// Does a new entry begin here, as far as its form shows? A time, a level or a JSON object first.
bool begins_entry(std::string_view text, const Reading& reading);

}  // namespace logs
