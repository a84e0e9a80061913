// Finds secrets whose bytes are known, however they are written.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/redact/span.hpp"

namespace triage::redact {

// Time is linear in the text's length, whatever the number of secrets, but for secrets that repeat
// themselves.
class KnownSecrets {
public:
    // Shorter ones would be found in ordinary words.
    static constexpr std::size_t shortest = 8;

    // `secret` has at least `shortest` bytes.
    void add(std::string_view secret, const std::string& token);

    bool empty() const { return patterns_.empty(); }

    // Appends to `spans` where secrets are in `text`: as they are, in hexadecimal or base64, in any
    // of that JSON-, URL- or HTML-escaped up to three times.
    void find(std::string_view text, std::vector<Span>& spans) const;

    // Where the longest end of `text` begins that may be the beginning of a secret, in any of these
    // writings; the text's size if there is none.
    std::size_t unfinished(std::string_view text) const;

private:
    struct Pattern {
        std::string bytes;
        std::string token;
    };

    void add_pattern(std::string bytes, const std::string& token);
    void find_plain(std::string_view text, std::vector<Span>& spans) const;
    void find_escaped(std::string_view text, int levels, std::vector<Span>& spans) const;
    std::size_t unfinished_plain(std::string_view text) const;
    std::size_t unfinished_escaped(std::string_view text, int levels) const;
    bool any_begins_with(std::string_view text) const;
    void match_at(std::string_view text, std::size_t at, std::vector<Span>& spans) const;

    std::vector<Pattern> patterns_;
    // Patterns by their first four bytes, the longest first; and a filter in front of that map, as
    // nearly every place of nearly every text begins no secret.
    std::unordered_map<std::uint32_t, std::vector<std::size_t>> by_beginning_;
    std::array<std::uint64_t, 64> filter_{};
    std::size_t longest_ = 0;
    bool any_space_ = false;
};

}  // namespace triage::redact
