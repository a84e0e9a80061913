/// How bad a line says it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace logs {

enum class Level : std::uint8_t { none, debug, info, warning, error, critical };

/// "ERROR", "err", "fatal", …: in any letter case; none if it is no level.
Level level_of_word(std::string_view word);

/// The numbers of pino and bunyan (10 trace … 60 fatal).
Level level_of_number(double number);

/// The level that a line of text gives itself. `text` begins after the time; `dated` says that
/// there was one. Only where levels stand: before the message, in capitals, or bracketed, or before
/// a colon, or after "level="; and what programs say when they end: "panic: …", "Uncaught …". "no
/// errors found" has none, and of "INFO … ERROR" the first one counts.
Level find_level(std::string_view text, bool dated);

/// The same for one line after another. Those of a flood begin alike: what has decided about the
/// last one decides about the next, which is then not looked at word by word.
class LevelFinder {
public:
    Level find(std::string_view text, bool dated);

private:
    std::string decisive_;  // what the last one began with, and whatever begins so has its level
    bool dated_ = false;
    Level level_ = Level::none;
};

}  // namespace logs
