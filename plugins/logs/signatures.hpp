/// What is known of lines that systems write when something particular is wrong: a table.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <triage/declare.hpp>

namespace logs {

/// What mends it, as far as a log can show.
enum class Mended {
    no,  ///< nothing in particular
    /// The same, or shortly before it: who came too early is told so late.
    around_start,
    by_start,  ///< the application (or the server) has started since, in the same log
};

/// One kind of trouble.
struct Signature {
    triage::Code code;
    const char* layer;
    /// Patterns for the search through everything: literal as far as possible, the line is a
    /// candidate if one of them is in it. nullptr ends them.
    std::array<const char*, 8> find;
    /// A Regex: what the candidate must match to count. Its groups are what the finding names.
    const char* confirm;
    Mended mended = Mended::no;
    /// Counts although the line calls itself info or debug.
    bool any_level = false;
};

/// All of them, the most particular first: an event that fits several is of the first.
std::span<const Signature> signatures();

/// The names in the groups of `confirm` ("db:5432"), if `line` matches it.
std::optional<std::string> confirm(std::size_t signature, std::string_view line);

/// The setting that a configuration error is about, from the lines of its message; or empty.
std::string setting_of(std::string_view cause);

}  // namespace logs
