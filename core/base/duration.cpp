#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace triage::base {
namespace {

using std::chrono::microseconds;

struct Unit {
    std::string_view name;
    std::int64_t us;
};
constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t minute_us = 60 * second_us;
constexpr std::int64_t hour_us = 60 * minute_us;
constexpr std::int64_t day_us = 24 * hour_us;
constexpr std::array units = {
    Unit{"us", 1},        Unit{"ms", 1000},   Unit{"s", second_us},
    Unit{"m", minute_us}, Unit{"h", hour_us}, Unit{"d", day_us},
};

std::string_view take_digits(std::string_view& text) {
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::string_view digits = text.substr(0, end);
    text.remove_prefix(end);
    return digits;
}

std::optional<std::int64_t> number(std::string_view digits) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), value);
    if (error != std::errc() || end != digits.end()) return std::nullopt;
    return value;
}

// ".25" of a unit of 1000 us is 250; nothing if that is no whole number of microseconds.
std::optional<std::int64_t> fraction(std::string_view digits, std::int64_t unit_us) {
    while (digits.ends_with('0'))
        digits.remove_suffix(1);
    if (digits.empty()) return 0;
    if (digits.size() > 8) return std::nullopt;  // so that digits × day_us fit 64 bits
    const auto numerator = number(digits);
    std::int64_t denominator = 1;
    for (std::size_t i = 0; i < digits.size(); ++i)
        denominator *= 10;
    if (!numerator || *numerator * unit_us % denominator != 0) return std::nullopt;
    return *numerator * unit_us / denominator;
}

// Three significant digits: 1250 of 1000 is "1.25".
std::string three_digits(std::int64_t amount_us, std::int64_t unit_us) {
    const double value = static_cast<double>(amount_us) / static_cast<double>(unit_us);
    std::string text = fmt::format("{:.{}f}", value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
    if (value < 0.995) text = fmt::format("{:.3g}", value);
    if (text.contains('.')) text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text;
}

struct Pair {
    std::int64_t large_us;
    std::int64_t small_us;
    std::string_view large;
    std::string_view small;
};

// "2 min 5 s", rounded to the smaller unit.
std::string two_units(std::int64_t us, const Pair& pair) {
    const std::int64_t smalls = (us + pair.small_us / 2) / pair.small_us;
    const std::int64_t per_large = pair.large_us / pair.small_us;
    std::string large = fmt::format("{} {}", smalls / per_large, pair.large);
    if (smalls % per_large == 0) return large;
    return fmt::format("{} {} {}", large, smalls % per_large, pair.small);
}

}  // namespace

std::optional<microseconds> parse_duration(std::string_view text) {
    const std::string_view whole = take_digits(text);
    std::string_view decimals;
    if (whole.empty()) return std::nullopt;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        decimals = take_digits(text);
        if (decimals.empty()) return std::nullopt;
    }
    const auto unit = std::ranges::find(units, text, &Unit::name);
    if (unit == units.end()) return std::nullopt;
    const auto amount = number(whole);
    const auto rest = fraction(decimals, unit->us);
    std::int64_t us = 0;
    if (!amount || !rest || __builtin_mul_overflow(*amount, unit->us, &us) ||
        __builtin_add_overflow(us, *rest, &us)) {
        return std::nullopt;
    }
    return microseconds(us);
}

std::string format_duration(microseconds duration) {
    // Half a unit is added below, so the very longest one must leave room for it.
    const std::int64_t us = std::min(std::abs(std::max<std::int64_t>(duration.count(), -INT64_MAX)),
                                     INT64_MAX - day_us);
    const std::string sign = duration.count() < 0 ? "-" : "";
    if (us < 999'500) return sign + three_digits(us, 1000) + " ms";
    if (us < 59'950'000) return sign + three_digits(us, second_us) + " s";
    if (us < hour_us - second_us / 2) {
        return sign + two_units(us, {minute_us, second_us, "min", "s"});
    }
    if (us < day_us - minute_us / 2) {
        return sign + two_units(us, {hour_us, minute_us, "h", "min"});
    }
    return sign + two_units(us, {day_us, hour_us, "d", "h"});
}

}  // namespace triage::base
