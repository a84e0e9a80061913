/// What loggers call alike things: a value that a JSON line has at one of several places.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include <triage/json.hpp>

namespace logs {

/// The first of these places that holds a string; it lives as long as `json`.
std::optional<std::string_view> first_string(const triage::Json& json,
                                             std::span<const std::string_view> places);

/// The first of these places that holds a number, or a string that is nothing but one.
std::optional<double> first_number(const triage::Json& json,
                                   std::span<const std::string_view> places);

}  // namespace logs
