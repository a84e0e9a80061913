#include "core/bundle/fields.hpp"

#include <cmath>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace triage::bundle {

void Reading::wrong(std::string_view where, std::string_view expected) {
    if (error) return;
    error = base::Error{fmt::format("{}: expected {}", where, expected), ""};
}

Fields::Fields(const boost::json::value& value, std::string where, Reading& reading)
    : object_(value.if_object()), where_(std::move(where)), reading_(reading) {
    if (object_ == nullptr) reading_.wrong(where_.empty() ? "the document" : where_, "an object");
}

const boost::json::value* Fields::get(std::string_view key) const {
    return object_ == nullptr ? nullptr : object_->if_contains(key);
}

std::string Fields::path(std::string_view key) const {
    return where_.empty() ? std::string(key) : fmt::format("{}.{}", where_, key);
}

std::string Fields::string(std::string_view key) const {
    const auto* value = get(key);
    if (value == nullptr) return {};
    if (const auto* text = value->if_string()) return std::string(*text);
    reading_.wrong(path(key), "a string");
    return {};
}

model::Text Fields::text(std::string_view key) const {
    return reading_.redactor.redact(string(key));
}

std::string Fields::word(std::string_view key) const {
    constexpr std::size_t most = 200;
    auto text = string(key);
    if (text.size() <= most && base::printable(text) == text) return text;
    reading_.wrong(path(key), "a name of at most 200 bytes");
    return {};
}

std::int64_t Fields::integer(std::string_view key) const {
    const auto* value = get(key);
    if (value == nullptr) return 0;
    if (const auto* number = value->if_int64()) return *number;
    reading_.wrong(path(key), "a whole number");
    return 0;
}

double Fields::number(std::string_view key) const {
    const auto* value = get(key);
    if (value == nullptr || value->is_null()) return std::nan("");
    boost::json::error_code error;
    const auto number = value->to_number<double>(error);
    if (!error) return number;
    reading_.wrong(path(key), "a number");
    return 0;
}

bool Fields::flag(std::string_view key) const {
    const auto* value = get(key);
    if (value == nullptr) return false;
    if (const auto* flag = value->if_bool()) return *flag;
    reading_.wrong(path(key), "true or false");
    return false;
}

std::chrono::microseconds Fields::milliseconds(std::string_view key) const {
    if (!has(key)) return {};
    constexpr double most = 1e12;  // thirty years
    const auto value = number(key);
    if (std::isfinite(value) && std::abs(value) < most)
        return std::chrono::microseconds(std::llround(value * 1000));
    reading_.wrong(path(key), "milliseconds");
    return {};
}

}  // namespace triage::bundle
