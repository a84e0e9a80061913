/// Definitions of triage/text.hpp.
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>

#include <triage/text.hpp>

namespace triage {

inline std::string_view to_view(triage_str borrowed) noexcept {
    return borrowed.data == nullptr ? std::string_view()
                                    : std::string_view(borrowed.data, borrowed.size);
}

inline triage_str to_abi(std::string_view view) noexcept { return {view.data(), view.size()}; }

inline std::string to_text(double value) {
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    return {buffer, end};
}

namespace detail {

/// 1 decimal below 10, none from there on: "1.5", "3", "12".
inline std::string rounded(double value) {
    const double scaled = value < 10 ? 10.0 : 1.0;
    const auto tenths = std::llround(value * scaled);
    return to_text(static_cast<double>(tenths) / scaled);
}

template <class Part>
void append(std::string& out, const Part& part) {
    if constexpr (std::same_as<Part, Any>) {
        out += to_text(part);
    } else if constexpr (std::convertible_to<const Part&, std::string_view>) {
        out += std::string_view(part);
    } else if constexpr (std::same_as<Part, bool>) {
        out += part ? "true" : "false";
    } else if constexpr (std::same_as<Part, char>) {
        out += part;
    } else if constexpr (std::floating_point<Part>) {
        out += to_text(static_cast<double>(part));
    } else if constexpr (std::integral<Part>) {
        out += std::to_string(part);
    } else {
        out += to_text(std::chrono::duration_cast<std::chrono::microseconds>(part));
    }
}

}  // namespace detail

inline std::string to_text(std::chrono::microseconds duration) {
    const auto micros = static_cast<double>(duration.count());
    if (micros < 0) return text("-", to_text(-duration));
    if (micros < 1e3) return std::to_string(duration.count()) + " us";
    if (micros < 999.5e3) return detail::rounded(micros / 1e3) + " ms";
    if (micros < 120e6) return detail::rounded(micros / 1e6) + " s";
    return detail::rounded(micros / 60e6) + " min";
}

inline std::string to_text(const Any& value) {
    std::string out;
    if (const auto* string = std::get_if<std::string>(&value)) return *string;
    if (const auto* truth = std::get_if<bool>(&value)) detail::append(out, *truth);
    if (const auto* integer = std::get_if<std::int64_t>(&value)) detail::append(out, *integer);
    if (const auto* number = std::get_if<double>(&value)) detail::append(out, *number);
    return out;
}

template <class... Parts>
std::string text(const Parts&... parts) {
    std::string out;
    (detail::append(out, parts), ...);
    return out;
}

inline std::string json_quoted(std::string_view value) {
    static constexpr char hex[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char character : value) {
        const auto byte = static_cast<unsigned char>(character);
        if (character == '"' || character == '\\') {
            out += '\\';
            out += character;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += hex[byte >> 4];
            out += hex[byte & 15];
        } else {
            out += character;
        }
    }
    return out += '"';
}

inline std::string runbook_duration(std::chrono::microseconds duration) {
    const auto count = duration.count();
    if (count % 60'000'000 == 0 && count != 0) return std::to_string(count / 60'000'000) + "m";
    if (count % 1'000'000 == 0) return std::to_string(count / 1'000'000) + "s";
    if (count % 1'000 == 0) return std::to_string(count / 1'000) + "ms";
    return std::to_string(count) + "us";
}

inline std::string excerpt(std::string_view value, std::size_t limit) {
    if (value.size() <= limit) return std::string(value);
    std::size_t end = limit;
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80)
        --end;
    return std::string(value.substr(0, end)) + "…";
}

inline bool same_ignoring_case(std::string_view left, std::string_view right) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [&](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace triage
