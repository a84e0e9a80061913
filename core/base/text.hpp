// Small helpers for text that people read.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace triage::base {

// The candidate that `word` most probably meant, or empty: at most a third of its letters differ
// (Damerau-Levenshtein distance, upper and lower case alike, ties by order).
std::string_view nearest(std::string_view word, std::span<const std::string> candidates);

// As the names of headers and schemes compare: ASCII letters only.
bool equal_ignoring_case(std::string_view a, std::string_view b);

// " Did you mean 'x'?" or "".
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

// "250ms", "3s", "1.5s", "2m", "1h", "7d", "300us". Whole microseconds; no sign; no spaces.
std::optional<std::chrono::microseconds> parse_duration(std::string_view text);

// The shortest of "0 ms", "7 ms", "1.25 s", "2 min 5 s": three significant digits at most.
std::string format_duration(std::chrono::microseconds duration);

// Offset of the first byte that is not valid UTF-8, or npos.
std::size_t find_invalid_utf8(std::string_view text);

// Valid UTF-8 without control characters but tab and newline, fit for a terminal: colours and other
// control sequences are dropped, bad bytes, other control characters and those that reverse the
// direction of writing become U+FFFD, a carriage return a newline.
std::string printable(std::string_view text);

// Columns on a terminal: combining marks 0, East Asian wide 2.
std::size_t display_width(std::string_view text);

// At most `columns` wide, cut at a character, ending in `ellipsis` if anything was cut.
std::string elide(std::string_view text, std::size_t columns, std::string_view ellipsis = "…");

}  // namespace triage::base
