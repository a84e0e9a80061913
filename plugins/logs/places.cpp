#include "places.hpp"

#include <charconv>

namespace logs {

std::optional<std::string_view> first_string(const triage::Json& json,
                                             std::span<const std::string_view> places) {
    for (const auto place : places) {
        if (const auto text = json.string(place)) return text;
    }
    return std::nullopt;
}

std::optional<double> first_number(const triage::Json& json,
                                   std::span<const std::string_view> places) {
    for (const auto place : places) {
        if (!json.has(place)) continue;  // most are not there: one search each, not two
        if (const auto number = json.number(place)) return number;
        const auto text = json.string(place).value_or("");
        if (text.empty()) continue;
        double read = 0;
        const auto* end = text.data() + text.size();
        if (const auto done = std::from_chars(&*text.begin(), end, read);
            done.ec == std::errc() && done.ptr == end)
            return read;
    }
    return std::nullopt;
}

}  // namespace logs
