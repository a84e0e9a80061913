#include "mask.hpp"

#include <array>
#include <bit>
#include <cstring>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace logs {
namespace {

/// Bytes that are looked at together, as the compiler's vectors: comparisons give ones or zeros in
/// each lane. Sixteen are what each x86-64 has.
struct Sixteen {
    using Bytes [[gnu::vector_size(16)]] = std::uint8_t;
    using Signs [[gnu::vector_size(16)]] = std::int8_t;

    /// The highest bit of each lane.
    static std::uint64_t bits_of(const Signs& lanes) {
#ifdef __x86_64__
        return static_cast<std::uint64_t>(_mm_movemask_epi8(reinterpret_cast<__m128i>(lanes)));
#else
        std::uint64_t out = 0;
        for (unsigned i = 0; i < sizeof lanes; ++i)
            out |= std::uint64_t{lanes[i] < 0} << i;
        return out;
#endif
    }
};

#ifdef __x86_64__
/// Most processors have more than x86-64 asks for: a flood then takes a tenth less work.
struct ThirtyTwo {
    using Bytes [[gnu::vector_size(32)]] = std::uint8_t;
    using Signs [[gnu::vector_size(32)]] = std::int8_t;

    [[gnu::target("arch=x86-64-v3")]] static std::uint64_t bits_of(const Signs& lanes) {
        return static_cast<std::uint32_t>(_mm256_movemask_epi8(reinterpret_cast<__m256i>(lanes)));
    }
};
#endif

/// A word in a text.
struct Word {
    std::size_t end;
    bool has_digit;
};

/// What the bytes of a text are, a bit for each: words are then found without looking at each byte.
template <class Lanes>
class Bitmap {
public:
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): only what the text fills is read
    explicit Bitmap(std::string_view text) {
        std::size_t at = 0;
        for (; at + block <= text.size(); at += block)
            add(text.data() + at, at / block, 0);
        const auto left = text.size() - at;
        if (left > 0 && at > 0) {  // the last ones once more: cheaper than to copy what is left
            add(text.data() + text.size() - block, at / block, block - left);
        } else {
            std::array<char, block> last{};
            std::memcpy(last.data(), text.data() + at, left);
            add(last.data(), at / block, 0);
        }
        words_[at / block + 1] = marks_[at / block + 1] = runs_[at / block + 1] = 0;
        end_ = at + block;
    }

    /// The first digit or quote at or behind `at`; or npos.
    std::size_t next_mark(std::size_t at) const {
        auto index = at / block;
        auto found = marks_[index] & ~0ULL << at % block;
        while (found == 0) {
            if (++index * block >= end_) return std::string_view::npos;
            found = marks_[index];
        }
        return index * block + static_cast<std::size_t>(std::countr_zero(found));
    }
    bool is_word(std::size_t at) const { return (words_[at / block] >> at % block & 1U) != 0; }
    std::size_t start_of_word(std::size_t at) const {
        if (at == 0 || !is_word(at - 1)) return at;
        for (; at >= block; at -= block)
            if (const auto before = from(words_, at - block); ~before != 0)
                return at - static_cast<std::size_t>(std::countl_one(before));
        const auto before = at == 0 ? 0 : words_[0] << (block - at);
        return at - static_cast<std::size_t>(std::countl_one(before));
    }
    /// Where what begins with this digit ends, as far as joints lead to digits: all of "10.0.0.7".
    std::size_t end_of_run(std::size_t at) const {
        for (;;) {
            const auto run = runs_[at / block] >> at % block;
            const auto left = block - at % block;
            const auto length = static_cast<std::size_t>(std::countr_one(run));
            at += length;
            if (length < left) return at;
        }
    }
    /// From a byte of it to its end.
    Word word(std::size_t at) const {
        Word out{.end = at, .has_digit = false};
        for (;;) {
            const auto words = from(words_, out.end);
            const auto length = static_cast<std::size_t>(std::countr_one(words));
            out.has_digit |= (from(marks_, out.end) & words & ~(words + 1)) != 0;
            out.end += length;
            if (length < block) return out;
        }
    }

private:
    static constexpr std::size_t block = 64;
    using Bits = std::array<std::uint64_t, max_masked / block + 2>;

    /// A block of them, without the first `known` bytes.
    void add(const char* bytes_at, std::size_t index, std::size_t known) {
        std::uint64_t words = 0, marks = 0, digits = 0, joints = 0;
        for (std::size_t i = 0; i < block; i += sizeof(typename Lanes::Bytes)) {
            typename Lanes::Bytes bytes;
            std::memcpy(&bytes, bytes_at + i, sizeof bytes);
            const auto letter = ((bytes | 0x20) - 'a') < 26;
            const auto digit = (bytes - '0') < 10;
            // Bytes of other scripts are those of words.
            const auto other = (bytes == '_') | reinterpret_cast<typename Lanes::Signs>(bytes);
            words |= Lanes::bits_of(letter | digit | other) << i;
            digits |= Lanes::bits_of(digit) << i;
            joints |= Lanes::bits_of(((bytes - '-') < 2) | (bytes == ':')) << i;
            marks |= Lanes::bits_of(digit | (bytes == '\'') | (bytes == '"')) << i;
        }
        words_[index] = words >> known;
        marks_[index] = marks >> known;
        runs_[index] = (words | (joints & words << 1U & digits >> 1U)) >> known;
    }
    /// The bits from there, zeros behind the text.
    static std::uint64_t from(const Bits& bits, std::size_t at) {
        const auto shift = at % block;
        return bits[at / block] >> shift | bits[at / block + 1] << 1U << (block - 1 - shift);
    }

    std::size_t end_ = 0;
    Bits words_;  // bytes of words
    Bits runs_;   // and joints between them and digits
    Bits marks_;  // digits and quotes
};

bool is_hex(std::string_view word) {
    return word.find_first_not_of("0123456789abcdefABCDEF") == word.npos;
}

bool is_joint(char c) { return c == '-' || c == '.' || c == ':'; }

/// "v1" and "v12" name an interface, not an occurrence.
bool is_version(const auto& map, std::string_view text, std::size_t begin) {
    return (text[begin] == 'v' || text[begin] == 'V') && map.word(begin).end - begin <= 3;
}

/// Where a quoted value that begins at `at` ends, behind its closing quote; 0 if it is none (the
/// apostrophe of "can't", a quote that nothing closes).
std::size_t end_of_quoted(std::string_view text, const auto& map, std::size_t at) {
    constexpr std::size_t longest = 256;
    if (at > 0 && map.is_word(at - 1)) return 0;
    const auto end = text.substr(0, at + longest).find(text[at], at + 1);
    return end == text.npos || map.is_word(end + 1) ? 0 : end + 1;
}

/// Joints that do not lead to a digit are looked at one by one: those of "12:ab:3f".
std::size_t end_of_joined(std::string_view text, const auto& map, std::size_t end) {
    while (end < text.size() && is_joint(text[end])) {
        const auto next = map.word(end + 1);
        if (next.end == end + 1) break;
        if (!next.has_digit && !is_hex(text.substr(end + 1, next.end - end - 1))) break;
        end = next.end;
    }
    return end;
}

/// What is joined to a value is part of it: all of "10.0.0.7:5432", "2026-11-26", "12:ab:3f".
inline std::size_t end_of_value(std::string_view text, const auto& map, std::size_t digit) {
    const auto end = map.end_of_run(digit);
    if (end >= text.size() || !is_joint(text[end])) return end;
    return end_of_joined(text, map, end);
}

/// Tells an Out of pieces that are kept, as long as can be, and of what was between them.
template <class Out, class Lanes>
Out walk(std::string_view text) {
    Out out;
    text = text.substr(0, max_masked);
    if (text.empty()) return out;
    const Bitmap<Lanes> map(text);
    std::size_t kept = 0, at = 0;
    while ((at = map.next_mark(at)) != text.npos) {
        const bool is_value = text[at] >= '0';  // a digit, no quote
        const auto begin = is_value ? map.start_of_word(at) : at;
        if (is_value && is_version(map, text, begin)) {
            at = map.word(at).end;
            continue;
        }
        const auto end = is_value ? end_of_value(text, map, at) : end_of_quoted(text, map, at);
        if (end == 0) {
            ++at;
            continue;
        }
        out.keep(text.substr(kept, begin - kept));
        out.skip(is_value ? "#" : "'#'");
        kept = at = end;
    }
    out.keep(text.substr(kept));
    return out;
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
        state_ += left * 0xA24BAED4963EE407ULL;  // no bits of a length meet those of a byte
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
    void skip(std::string_view sign) { state_ = std::rotl(state_, 7) + sign.size(); }
    std::uint64_t result() {
        mix(0, 0);
        return state_;
    }

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

std::uint64_t likeness_anywhere(std::string_view text) {
    return walk<Hash, Sixteen>(text).result();
}

#ifdef __x86_64__
/// Flattened: only what becomes a part of this function is compiled for these processors.
[[gnu::target("arch=x86-64-v3"), gnu::flatten]] std::uint64_t likeness_v3(std::string_view text) {
    return walk<Hash, ThirtyTwo>(text).result();
}

const auto chosen_likeness =
    __builtin_cpu_supports("x86-64-v3") != 0 ? likeness_v3 : likeness_anywhere;
#else
constexpr auto chosen_likeness = likeness_anywhere;
#endif

}  // namespace

std::string masked(std::string_view text) { return walk<Text, Sixteen>(text).text; }

std::uint64_t likeness(std::string_view text) { return chosen_likeness(text); }

}  // namespace logs
