#include "mask.hpp"

#include <array>
#include <cstring>

namespace logs {
namespace {

// What a byte may be, as bits, so that a word's bytes can be told together; 0 is anything else.
enum Kind : std::uint8_t { letter = 1, hex_letter = 2, digit = 4, quote = 8, joint = 16 };
constexpr std::uint8_t word_kinds = letter | hex_letter | digit;

constexpr std::array<std::uint8_t, 256> kinds = [] {
    std::array<std::uint8_t, 256> out{};
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

std::uint8_t kind(char c) { return kinds[static_cast<unsigned char>(c)]; }
bool in_word(char c) { return (kind(c) & word_kinds) != 0; }

struct Word {
    std::size_t end;
    bool has_digit, only_hex;
};

Word read_word(std::string_view text, std::size_t at) {
    unsigned seen = 0;
    for (; at < text.size(); ++at) {
        const unsigned one = kind(text[at]) & word_kinds;
        if (one == 0) break;
        seen |= one;
    }
    return {at, (seen & digit) != 0, (seen & letter) == 0};
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
        if ((kind(text[at]) & quote) != 0) {
            if (const auto end = end_of_quoted(text, at); end != 0) {
                out.quoted();
                after_value = false;
                at = end;
                continue;
            }
        }
        // What joins the parts of one value is part of it.
        const bool joins = after_value && (kind(text[at]) & joint) != 0 && at + 1 < text.size() &&
                           in_word(text[at + 1]);
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

/// A hash of what Text would hold. What stands between two words is mixed in with the second.
class Hash {
public:
    void keep(std::string_view piece) {
        if (piece.size() == 1) {
            between_ = between_ * 131 + static_cast<unsigned char>(piece[0]);
            return;
        }
        mix(between_ + piece.size() * 0x9E3779B97F4A7C15ULL);
        between_ = 0;
        std::size_t at = 0;
        for (; at + 8 <= piece.size(); at += 8)
            mix(load(piece.data() + at, 8));
        if (at < piece.size()) mix(load(piece.data() + at, piece.size() - at));
    }
    void value() { between_ = between_ * 131 + 1; }
    void quoted() { between_ = between_ * 131 + 2; }
    std::uint64_t result() {
        mix(between_);
        return state_;
    }

private:
    static std::uint64_t load(const char* data, std::size_t size) {
        std::uint64_t bits = 0;
        if (size == 8) {
            std::memcpy(&bits, data, 8);
        } else if (size >= 4) {
            std::uint32_t low = 0, high = 0;
            std::memcpy(&low, data, 4);
            std::memcpy(&high, data + size - 4, 4);
            bits = std::uint64_t{high} << 32U | low;
        } else {
            for (std::size_t i = 0; i < size; ++i)
                bits = bits << 8U | static_cast<unsigned char>(data[i]);
        }
        return bits;
    }
    void mix(std::uint64_t bits) {
        __extension__ using Wide = unsigned __int128;
        const auto product = static_cast<Wide>(state_ ^ bits) * 0xD6E8FEB86659FD93ULL;
        state_ = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U) ^
                 0x2545F4914F6CDD1DULL;
    }

    std::uint64_t state_ = 0x9E3779B97F4A7C15ULL, between_ = 0;
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
    return out.result();
}

}  // namespace logs
