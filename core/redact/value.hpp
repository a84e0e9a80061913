// Where a value in somebody's text ends, and whether it may be a secret.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include <re2/re2.h>

namespace triage::redact {

// Something that stands in place of a secret already: "<jwt>", "<secret:clerk_key>".
bool is_token(std::string_view value);

// What a runbook writes in place of a value: "${secret.clerk_key}".
bool is_reference(std::string_view value);

// "null", "None", "true", "***", a reference: a value, but no secret.
bool is_no_value(std::string_view value);

// A word as in prose or an identifier: "invalid", "clerk_key", "not-found".
bool is_word(std::string_view value);

// Not a word: long, or with a digit in it, as made by a machine.
bool is_machine_made(std::string_view value);

// As tokens and keys are: 16 bytes or more without white space and ":", letters and digits mixed,
// at least ten different ones.
bool is_secret_like(std::string_view value);

// A value in quotes (which may be escaped themselves, \"x\") or without.
struct Value {
    std::size_t begin = 0;  // the content, without quotes
    std::size_t end = 0;
    bool quoted = false;
};

// The value that begins at `at`. Without quotes it goes on to a space, quote, '&', ';' or '<',
// without punctuation at its end; in quotes that are not closed to the end of the line.
Value read_value(std::string_view text, std::size_t at);

// Offset of `part` in `text`, of which it is a part.
inline std::size_t offset_in(std::string_view text, re2::StringPiece part) {
    return static_cast<std::size_t>(part.data() - text.data());
}

// Calls `use` with the groups of every match (0 is the whole), from left to right. `use` returns
// the offset from which to go on, if that is behind the match's end.
template <std::size_t Groups, class Use>
void for_each_match(const re2::RE2& pattern, std::string_view text, Use use) {
    const re2::StringPiece all(text.data(), text.size());
    std::array<re2::StringPiece, Groups + 1> groups;
    std::size_t at = 0;
    while (at < text.size() && pattern.Match(all, at, text.size(), re2::RE2::UNANCHORED,
                                             groups.data(), static_cast<int>(groups.size()))) {
        const std::size_t end = offset_in(text, groups[0]) + groups[0].size();
        at = std::max({use(groups), end, at + 1});
    }
}

}  // namespace triage::redact
