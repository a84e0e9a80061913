// One character of UTF-8 at a time.
#pragma once

#include <cstddef>
#include <string_view>

namespace triage::base {

struct Character {
    char32_t code = 0;
    std::size_t length = 0;  // bytes; of a bad sequence those that belong together, at least 1
    bool valid = false;      // no overlong form, no surrogate, not above U+10FFFF
};

// The first character of `text`, which must not be empty.
Character first_character(std::string_view text);

// How many bytes at the beginning are ASCII.
std::size_t ascii_prefix(std::string_view text);

// Columns on a terminal of one character: 0, 1 or 2. Control characters have none.
std::size_t character_width(char32_t code);

}  // namespace triage::base
