#include "mask.hpp"

#include <array>
#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace logs {
namespace {

/// Sixteen bytes at once, as the compiler's vectors: comparisons give ones or zeros in each lane.
using Sixteen [[gnu::vector_size(16)]] = std::uint8_t;

/// One bit for each lane.
std::uint64_t bits_of(auto lanes) {
#ifdef __SSE2__
    return static_cast<std::uint64_t>(_mm_movemask_epi8(std::bit_cast<__m128i>(lanes)));
#else
    std::uint64_t out = 0;
    for (unsigned i = 0; i < sizeof lanes; ++i)
        out |= std::uint64_t{lanes[i] != 0} << i;
    return out;
#endif
}

/// What the bytes of a text are, a bit for each: words are then found without looking at each byte.
class Bitmap {
public:
    static constexpr std::size_t block = 64;
    using Bits = std::array<std::uint64_t, max_masked / block + 1>;

    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): only what the text fills is read
    explicit Bitmap(std::string_view text) : size_(text.size()) {
        std::size_t at = 0;
        for (; at + block <= size_; at += block)
            add(text.data() + at, at / block, 0);
        const auto left = size_ - at;
        if (left > 0 && at > 0) {  // the last ones once more: cheaper than to copy what is left
            add(text.data() + size_ - block, at / block, block - left);
        } else {
            std::array<char, block> last{};
            std::memcpy(last.data(), text.data() + at, left);
            add(last.data(), at / block, 0);
        }
    }

    /// The first one at or behind `at`; the size of the text if there is none.
    std::size_t next_digit_or_quote(std::size_t at) const { return next(digit_or_quote, at, 0); }
    /// Of the word that has a byte at `at`.
    std::size_t end_of_word(std::size_t at) const { return next(word, at, ~0ULL); }
    std::size_t start_of_word(std::size_t at) const {
        auto i = at / 64;
        auto others = ~word[i] & ((1ULL << at % 64) - 1);
        while (others == 0 && i > 0)
            others = ~word[--i];
        return others == 0 ? 0 : i * 64 + static_cast<std::size_t>(std::bit_width(others));
    }
    bool is_word(std::size_t at) const { return at < size_ && (word[at / 64] >> at % 64 & 1U) != 0; }
    bool is_digit(std::size_t at) const { return is_word(at) && next_digit_or_quote(at) == at; }
    /// Has the word from `begin` to `end` a digit, or nothing but hex digits?
    bool may_be_value(std::size_t begin, std::size_t end) const {
        return next_digit_or_quote(begin) < end || next(not_hex, begin, 0) >= end;
    }

private:
    /// A block of them, without the first `known` bytes.
    void add(const char* from, std::size_t index, std::size_t known) {
        std::uint64_t words = 0, letters = 0, others = 0;
        for (std::size_t i = 0; i < block; i += sizeof(Sixteen)) {
            Sixteen bytes;
            std::memcpy(&bytes, from + i, sizeof bytes);
            const auto from_a = (bytes | 0x20) - 'a';
            const auto digit = (bytes - '0') < 10;
            const auto foreign = (bytes == '_') | (bytes >= 128);  // other scripts: a word like any
            const auto letter = (from_a < 26) | foreign;
            words |= bits_of(letter | digit) << i;
            letters |= bits_of(letter & ~(from_a < 6)) << i;
            others |= bits_of(digit | (bytes == '\'') | (bytes == '"')) << i;
        }
        word[index] = words >> known;
        not_hex[index] = letters >> known;
        digit_or_quote[index] = others >> known;
    }
    /// The next bit that is set, after those in `flip` were flipped.
    std::size_t next(const Bits& bits, std::size_t at, std::uint64_t flip) const {
        if (at >= size_) return size_;
        auto i = at / 64;
        auto found = (bits[i] ^ flip) & ~0ULL << at % 64;
        while (found == 0) {
            if (++i * 64 >= size_) return size_;
            found = bits[i] ^ flip;
        }
        const auto place = i * 64 + static_cast<std::size_t>(std::countr_zero(found));
        return place < size_ ? place : size_;
    }

    std::size_t size_;
    Bits word, not_hex, digit_or_quote;
};

bool is_joint(char c) { return c == '-' || c == '.' || c == ':'; }

bool is_version(std::string_view word) {
    return (word[0] == 'v' || word[0] == 'V') && (word.size() == 2 || word.size() == 3);
}

/// Where a quoted value that begins at `at` ends, behind its closing quote; 0 if it is none (the
/// apostrophe of "can't", a quote that nothing closes).
std::size_t end_of_quoted(std::string_view text, const Bitmap& map, std::size_t at) {
    constexpr std::size_t longest = 256;
    if (at > 0 && map.is_word(at - 1)) return 0;
    const auto end = text.substr(0, at + longest).find(text[at], at + 1);
    return end == text.npos || map.is_word(end + 1) ? 0 : end + 1;
}

/// What is joined to a value is part of it: all of "10.0.0.7:5432", "2026-11-26", "12:ab:3f".
std::size_t end_of_value(std::string_view text, const Bitmap& map, std::size_t end) {
    while (end < text.size() && is_joint(text[end]) && map.is_word(end + 1)) {
        const auto next = map.end_of_word(end + 1);
        if (!map.may_be_value(end + 1, next)) break;
        end = next;
    }
    return end;
}

/// Tells `out` of pieces that are kept, as long as can be, and of what was between them.
template <class Out>
void walk(std::string_view text, Out& out) {
    text = text.substr(0, max_masked);
    const Bitmap map(text);
    std::size_t kept = 0, at = 0;
    while ((at = map.next_digit_or_quote(at)) < text.size()) {
        const bool is_value = map.is_word(at);
        const auto begin = is_value ? map.start_of_word(at) : at;
        auto end = is_value ? map.end_of_word(at) : end_of_quoted(text, map, at);
        if (is_value ? is_version(text.substr(begin, end - begin)) : end == 0) {
            at = is_value ? end : at + 1;
            continue;
        }
        if (is_value) end = end_of_value(text, map, end);
        out.keep(text.substr(kept, begin - kept));
        out.skip(is_value ? "#" : "'#'");
        kept = at = end;
    }
    out.keep(text.substr(kept));
}

struct Text {
    std::string text;
    void keep(std::string_view piece) { text += piece; }
    void skip(std::string_view sign) { text += sign; }
};

/// A hash of what Text would hold.
class Hash {
public:
    void keep(std::string_view piece) {
        const auto* at = piece.data();
        auto left = piece.size();
        mix(left, 0);
        for (; left > 16; left -= 16, at += 16)
            mix(load<std::uint64_t>(at), load<std::uint64_t>(at + 8));
        if (left >= 8) {
            mix(load<std::uint64_t>(at), load<std::uint64_t>(at + left - 8));
        } else if (left >= 4) {
            mix(load<std::uint32_t>(at), load<std::uint32_t>(at + left - 4));
        } else if (left > 0) {
            const auto byte = [at](std::size_t i) { return static_cast<unsigned char>(at[i]); };
            mix(byte(0), std::uint64_t{byte(left / 2)} << 8U | byte(left - 1));
        }
    }
    void skip(std::string_view sign) { state_ += sign.size(); }
    std::uint64_t result() const { return state_; }

private:
    template <class T>
    static T load(const char* from) {
        T out = 0;
        std::memcpy(&out, from, sizeof out);
        return out;
    }
    void mix(std::uint64_t a, std::uint64_t b) {
        __extension__ using Wide = unsigned __int128;
        const auto product =
            static_cast<Wide>(state_ ^ a ^ 0x9E3779B97F4A7C15ULL) * (b ^ 0xD6E8FEB86659FD93ULL);
        state_ = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
    }

    std::uint64_t state_ = 0;
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
