#include "core/base/utf8.hpp"

#include <locale.h>
#include <wchar.h>

#include <array>
#include <cstdint>
#include <cstring>

namespace triage::base {
namespace {

unsigned byte(char c) { return static_cast<unsigned char>(c); }

// What the first byte says: how many bytes follow, and the range of the first of them (Unicode
// standard, table 3-7, well-formed UTF-8 byte sequences).
struct Lead {
    std::size_t following = 0;
    unsigned low = 0x80;
    unsigned high = 0xBF;
};

Lead lead(unsigned first) {
    if (first >= 0xC2 && first <= 0xDF) return {.following = 1};
    if (first == 0xE0) return {.following = 2, .low = 0xA0};
    if (first == 0xED) return {.following = 2, .high = 0x9F};
    if (first >= 0xE1 && first <= 0xEF) return {.following = 2};
    if (first == 0xF0) return {.following = 3, .low = 0x90};
    if (first == 0xF4) return {.following = 3, .high = 0x8F};
    if (first >= 0xF1 && first <= 0xF3) return {.following = 3};
    return {};
}

// The C library's tables, under a UTF-8 locale of our own: the process's locale may be plain C.
// Null where the system has no such locale (Debian's libc-bin always has).
locale_t utf8_locale() {
    static const locale_t locale = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return locale;
}

}  // namespace

Character first_character(std::string_view text) {
    const unsigned first = byte(text[0]);
    if (first < 0x80) return {first, 1, true};
    const Lead expected = lead(first);
    if (expected.following == 0) return {0xFFFD, 1, false};
    char32_t code = first & (0x3FU >> expected.following);
    for (std::size_t i = 1; i <= expected.following; ++i) {
        if (i == text.size()) return {0xFFFD, i, false};
        const unsigned next = byte(text[i]);
        const unsigned low = i == 1 ? expected.low : 0x80;
        const unsigned high = i == 1 ? expected.high : 0xBF;
        if (next < low || next > high) return {0xFFFD, i, false};
        code = code << 6 | (next & 0x3F);
    }
    return {code, expected.following + 1, true};
}

std::size_t ascii_prefix(std::string_view text) {
    std::size_t at = 0;
    for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof word);
        if ((word & 0x8080808080808080U) != 0) break;
    }
    while (at < text.size() && byte(text[at]) < 0x80)
        ++at;
    return at;
}

std::size_t character_width(char32_t code) {
    if (code < 0x20 || (code >= 0x7F && code < 0xA0)) return 0;
    if (code < 0x7F) return 1;
    if (!utf8_locale()) return 1;
    const locale_t before = ::uselocale(utf8_locale());
    const int width = ::wcwidth(static_cast<wchar_t>(code));
    ::uselocale(before);
    return width < 0 ? 1 : static_cast<std::size_t>(width);  // unassigned: shown as a box
}

}  // namespace triage::base
