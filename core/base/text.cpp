#include "core/base/text.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/utf8.hpp"

namespace triage::base {
namespace {

constexpr std::string_view replacement = "\uFFFD";

bool is_plain(char c) { return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t'; }

// Characters that control a terminal, or the order in which it shows the others.
bool is_control(char32_t code) {
    if (code < 0x20) return code != '\n' && code != '\t';
    return (code >= 0x7F && code < 0xA0) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

// Length of a control sequence such as ESC [ 1 ; 31 m (ECMA-48, 5.4) at the start, or 0.
std::size_t control_sequence(std::string_view text) {
    if (!text.starts_with("\x1b[")) return 0;
    for (std::size_t at = 2; at < text.size(); ++at) {
        const char c = text[at];
        if (c >= 0x40 && c <= 0x7E) return at + 1;
        if (c < 0x20 || c > 0x3F) return 0;
    }
    return 0;
}

// Appends what stands for the non-plain character at the start; returns how many bytes it read.
std::size_t append_shown(std::string& out, std::string_view text) {
    if (text[0] == '\r') {
        if (!text.starts_with("\r\n")) out += '\n';
        return 1;
    }
    if (const std::size_t length = control_sequence(text)) return length;
    const Character character = first_character(text);
    const bool good = character.valid && !is_control(character.code);
    out += good ? text.substr(0, character.length) : replacement;
    return character.length;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::size_t find_invalid_utf8(std::string_view text) {
    std::size_t at = 0;
    while ((at += ascii_prefix(text.substr(at))) < text.size()) {
        const Character character = first_character(text.substr(at));
        if (!character.valid) return at;
        at += character.length;
    }
    return std::string_view::npos;
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const auto* const end = std::find_if_not(text.begin() + at, text.end(), is_plain);
        const auto plain = static_cast<std::size_t>(end - (text.begin() + at));
        out += text.substr(at, plain);
        at += plain;
        if (at < text.size()) at += append_shown(out, text.substr(at));
    }
    return out;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t at = 0; at < text.size();) {
        const Character character = first_character(text.substr(at));
        width += character_width(character.code);
        at += character.length;
    }
    return width;
}

std::string elide(std::string_view text, std::size_t columns, std::string_view ellipsis) {
    if (display_width(ellipsis) > columns) ellipsis = {};
    const std::size_t reserved = display_width(ellipsis);
    std::size_t width = 0;
    std::size_t fits = 0;  // bytes that fit beside the ellipsis
    for (std::size_t at = 0; at < text.size();) {
        const Character character = first_character(text.substr(at));
        width += character_width(character.code);
        if (width > columns) {
            return std::string(text.substr(0, fits)).append(ellipsis);
        }
        at += character.length;
        if (width + reserved <= columns) fits = at;
    }
    return std::string(text);
}

}  // namespace triage::base
