#include "mask.hpp"

#include <array>
#include <cstring>

namespace logs {
namespace {

enum Kind : std::uint8_t { other, letter, hex_letter, digit, quote, joint };

constexpr std::array<Kind, 256> kinds = [] {
    std::array<Kind, 256> out{};
    for (unsigned c = 'a'; c <= 'z'; ++c)
        out.at(c) = out.at(c - 'a' + 'A') = c <= 'f' ? hex_letter : letter;
    for (unsigned c = '0'; c <= '9'; ++c)
        out.at(c) = digit;
    for (unsigned c = 128; c < 256; ++c)
        out.at(c) = letter;  // other scripts: a word like any other
    out.at('_') = letter;
    out.at('\'') = out.at('"') = quote;
    out.at('-') = out.at('.') = out.at(':') = joint;
    return out;
}();

Kind kind(char c) { return kinds[static_cast<unsigned char>(c)]; }
bool in_word(char c) { return kind(c) >= letter && kind(c) <= digit; }

struct Word {
    std::size_t end;
    bool has_digit, only_hex;
};

Word read_word(std::string_view text, std::size_t at) {
    unsigned seen = 0;
    for (; at < text.size() && in_word(text[at]); ++at)
        seen |= 1U << kind(text[at]);
    return {at, (seen & (1U << digit)) != 0, (seen & (1U << letter)) == 0};
}

bool is_version(std::string_view word) {
    return word.size() <= 3 && (word[0] == 'v' || word[0] == 'V') && word.size() > 1;
}

/// Where a quoted value that begins at `at` ends, behind its closing quote; 0 if it is none (the
/// apostrophe of "can't", a quote that nothing closes).
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
    constexpr std::size_t longest = 256;
    if (at > 0 && in_word(text[at - 1])) return 0;
    const auto end = text.substr(0, at + longest).find(text[at], at + 1);
    if (end == text.npos || (end + 1 < text.size() && in_word(text[end + 1]))) return 0;
    return end + 1;
}

/// Tells `out` of pieces that are kept, and of places where something was.
template <class Out>
void walk(std::string_view text, Out& out) {
    bool after_value = false;  // "12" of "12:ab:3f"
    for (std::size_t at = 0; at < text.size();) {
        if (in_word(text[at])) {
            const auto word = read_word(text, at);
            const auto piece = text.substr(at, word.end - at);
            const bool value = word.has_digit ? !is_version(piece) : after_value && word.only_hex;
            if (!value) {
                out.keep(piece);
            } else if (!after_value) {
                out.value();
            }
            after_value = value;
            at = word.end;
            continue;
        }
        if (kind(text[at]) == quote) {
            if (const auto end = end_of_quoted(text, at); end != 0) {
                out.quoted();
                after_value = false;
                at = end;
                continue;
            }
        }
        // What joins the parts of one value is part of it.
        const bool joins =
            after_value && kind(text[at]) == joint && at + 1 < text.size() && in_word(text[at + 1]);
        if (joins) {
            const auto next = read_word(text, at + 1);
            if (next.has_digit || next.only_hex) {
                ++at;
                continue;
            }
        }
        after_value = false;
        out.keep(text.substr(at, 1));
        ++at;
    }
}

struct Text {
    std::string text;
    void keep(std::string_view piece) { text += piece; }
    void value() { text += '#'; }
    void quoted() { text += "'#'"; }
};

/// Multiplies and folds eight bytes at a time.
struct Hash {
    std::uint64_t value_so_far = 0x9E3779B97F4A7C15ULL;

    void mix(std::uint64_t bits) {
        __extension__ using Wide = unsigned __int128;
        const auto product = static_cast<Wide>(value_so_far ^ bits) * 0xD6E8FEB86659FD93ULL;
        value_so_far = static_cast<std::uint64_t>(product) ^
                       static_cast<std::uint64_t>(product >> 64U) ^ 0x2545F4914F6CDD1DULL;
    }
    void keep(std::string_view piece) {
        std::size_t at = 0;
        for (; at + 8 <= piece.size(); at += 8) {
            std::uint64_t bits = 0;
            std::memcpy(&bits, piece.data() + at, 8);
            mix(bits);
        }
        std::uint64_t bits = piece.size();
        for (; at < piece.size(); ++at)
            bits = (bits << 8U) | static_cast<unsigned char>(piece[at]);
        mix(bits);
    }
    void value() { mix('#'); }
    void quoted() { mix('\''); }
};

}  // namespace

std::string masked(std::string_view text) {
    Text out;
    walk(text, out);
    return std::move(out.text);
}

std::uint64_t likeness(std::string_view text) {
    Hash out;
    walk(text, out);
    return out.value_so_far;
}

}  // namespace logs
