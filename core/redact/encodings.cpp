#include "core/redact/encodings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>

#include <fmt/format.h>

namespace triage::redact {
namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::size_t longest_reference = sizeof("&#x10FFFF;") - 1;

constexpr std::string_view hex_digits = "0123456789abcdefABCDEF";

unsigned byte(char c) { return static_cast<unsigned char>(c); }

// The characters whose six bits all belong to `secret`, which begins `shift` bytes after a group.
std::string base64_core(std::string_view secret, std::size_t shift) {
    const std::size_t first_bit = shift * 8;
    const std::size_t end_bit = first_bit + secret.size() * 8;
    std::string out;
    for (std::size_t bit = (first_bit + 5) / 6 * 6; bit + 6 <= end_bit; bit += 6) {
        const std::size_t at = (bit - first_bit) / 8;
        const unsigned high = byte(secret[at]);
        const unsigned low = at + 1 < secret.size() ? byte(secret[at + 1]) : 0;
        const std::size_t offset = (bit - first_bit) % 8;
        out += base64_alphabet[((high << 8 | low) >> (10 - offset)) & 0x3F];
    }
    return out;
}

std::string to_base64url(std::string text) {
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

std::string hexadecimal(std::string_view bytes, bool upper) {
    std::string out;
    for (const char c : bytes) {
        fmt::format_to(std::back_inserter(out), fmt::runtime(upper ? "{:02X}" : "{:02x}"), byte(c));
    }
    return out;
}

std::optional<unsigned> hex_number(std::string_view text, std::size_t at, std::size_t digits) {
    if (at + digits > text.size()) return std::nullopt;
    unsigned value = 0;
    const char* const end = text.data() + at + digits;
    const auto result = std::from_chars(text.data() + at, end, value, 16);
    if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
    return value;
}

void append_utf8(std::string& out, unsigned code) {
    const auto add = [&out](unsigned value) { out += static_cast<char>(value); };
    if (code < 0x80) return add(code);
    if (code < 0x800) {
        add(0xC0 | code >> 6);
    } else {
        if (code < 0x10000) {
            add(0xE0 | code >> 12);
        } else {
            add(0xF0 | code >> 18);
            add(0x80 | (code >> 12 & 0x3F));
        }
        add(0x80 | (code >> 6 & 0x3F));
    }
    add(0x80 | (code & 0x3F));
}

// Each of the readers below appends what the escape at the front of `text` stands for, and returns
// its length; 0 if it is none.

std::size_t read_unicode_escape(std::string_view text, std::string& out) {
    const auto high = hex_number(text, 2, 4);
    if (!high) return 0;
    unsigned low = 0;
    if (text.substr(6).starts_with("\\u")) low = hex_number(text, 8, 4).value_or(0);
    const bool pair = *high >= 0xD800 && *high < 0xDC00 && low >= 0xDC00 && low < 0xE000;
    append_utf8(out, pair ? 0x10000 + ((*high - 0xD800) << 10) + (low - 0xDC00) : *high);
    return pair ? 12 : 6;
}

std::size_t read_backslash(std::string_view text, std::string& out) {
    if (text.size() < 2) return 0;
    if (text[1] == 'u') return read_unicode_escape(text, out);
    if (text[1] == 'x') {
        const auto value = hex_number(text, 2, 2);
        if (value) out += static_cast<char>(*value);
        return value ? 4 : 0;
    }
    constexpr std::string_view names = "\"'\\/bfnrt";
    constexpr std::string_view meanings = "\"'\\/\b\f\n\r\t";
    const std::size_t which = names.find(text[1]);
    if (which == std::string_view::npos) return 0;
    out += meanings[which];
    return 2;
}

std::size_t read_percent(std::string_view text, std::string& out) {
    const auto value = hex_number(text, 1, 2);
    if (!value) return 0;
    out += static_cast<char>(*value);
    return 3;
}

// The references that pages are escaped with; HTML knows two thousand more, for letters that need
// none.
std::size_t read_character_reference(std::string_view text, std::string& out) {
    const auto end = text.substr(0, longest_reference).find(';');
    if (end == std::string_view::npos) return 0;
    const std::string_view name = text.substr(1, end - 1);
    if (name.starts_with('#')) {
        const bool hex = name.size() > 1 && (name[1] | 0x20) == 'x';
        const std::string_view digits = name.substr(hex ? 2 : 1);
        unsigned code = 0;
        const auto result =
            std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
        const bool good = result.ec == std::errc() && result.ptr == digits.data() + digits.size();
        if (!good || code == 0 || code > 0x10FFFF) return 0;
        append_utf8(out, code);
        return end + 1;
    }
    constexpr std::string_view names[] = {"amp", "lt", "gt", "quot", "apos"};
    constexpr std::string_view meanings = "&<>\"'";
    const auto which = static_cast<std::size_t>(std::ranges::find(names, name) - names);
    if (which == meanings.size()) return 0;
    out += meanings[which];
    return end + 1;
}

std::string_view introducers(Escaping escaping) {
    switch (escaping) {
        case Escaping::json:
            return "\\";
        case Escaping::percent:
            return "%";
        case Escaping::form:
            return "%+";
        case Escaping::html:
            return "&";
    }
    return {};
}

std::size_t read_escape(std::string_view text, std::string& out) {
    if (text[0] == '\\') return read_backslash(text, out);
    if (text[0] == '%') return read_percent(text, out);
    if (text[0] == '&') return read_character_reference(text, out);
    out += ' ';
    return 1;
}

// Whether more text could make an escape of `text`, or a longer one than it is.
bool may_go_on(std::string_view text) {
    if (text[0] == '&') return text.size() < longest_reference && !text.contains(';');
    const bool percent = text[0] == '%';
    if (text[0] != '\\' && !percent) return false;
    if (text.size() == 1) return true;
    const bool pair = text[1] == 'u' && hex_number(text, 2, 4).value_or(0) >> 10 == 0xD800 >> 10;
    if (!percent && pair) return text.size() < 12;
    const std::string_view digits = text.substr(percent ? 1 : 2);
    const std::size_t wanted = percent || text[1] == 'x' ? 2 : text[1] == 'u' ? 4 : 0;
    return digits.size() < wanted && digits.find_first_not_of(hex_digits) == digits.npos;
}

}  // namespace

std::vector<std::string> fixed_encodings(std::string_view secret) {
    std::vector<std::string> all = {std::string(secret), hexadecimal(secret, false),
                                    hexadecimal(secret, true)};
    for (const std::size_t shift : {0U, 1U, 2U}) {
        all.push_back(base64_core(secret, shift));
        all.push_back(to_base64url(all.back()));
    }
    std::ranges::sort(all);
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
}

bool has_escapes(Escaping escaping, std::string_view text) {
    return std::ranges::any_of(introducers(escaping), [&](char c) { return text.contains(c); });
}

std::string unescape(Escaping escaping, std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t next =
            std::min(text.find_first_of(introducers(escaping), at), text.size());
        out += text.substr(at, next - at);
        at = next;
        if (at == text.size()) break;
        const std::size_t length = read_escape(text.substr(at), out);
        if (length == 0) out += text[at];
        at += std::max<std::size_t>(length, 1);
    }
    return out;
}

std::vector<std::size_t> unescape_origins(Escaping escaping, std::string_view text) {
    std::vector<std::size_t> origins;
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        out.clear();
        const bool special = introducers(escaping).contains(text[at]);
        const std::size_t length = special ? read_escape(text.substr(at), out) : 0;
        origins.insert(origins.end(), std::max<std::size_t>(out.size(), 1), at);
        at += std::max<std::size_t>(length, 1);
    }
    origins.push_back(text.size());
    return origins;
}

std::size_t unfinished_escape(Escaping escaping, std::string_view text) {
    std::string ignored;
    for (std::size_t at = 0; at < text.size();) {
        at = std::min(text.find_first_of(introducers(escaping), at), text.size());
        if (at == text.size()) break;
        const std::string_view rest = text.substr(at);
        if (may_go_on(rest)) return at;
        at += std::max<std::size_t>(read_escape(rest, ignored), 1);
        ignored.clear();
    }
    return text.size();
}

std::string decode_base64(std::string_view text) {
    while (text.ends_with('='))
        text.remove_suffix(1);
    std::string out;
    unsigned bits = 0;
    std::size_t count = 0;
    for (const char c : text) {
        const char standard = c == '-' ? '+' : c == '_' ? '/' : c;
        const std::size_t value = base64_alphabet.find(standard);
        if (value == std::string_view::npos) return {};
        bits = (bits << 6 | static_cast<unsigned>(value)) & 0xFFFF;
        count += 6;
        if (count < 8) continue;
        count -= 8;
        out += static_cast<char>(bits >> count & 0xFF);
    }
    return out;
}

}  // namespace triage::redact
