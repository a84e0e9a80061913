/// What an API says of itself, as an OpenAPI document.
#pragma once

#include <optional>
#include <string_view>

#include <triage/json.hpp>

namespace health {

/// Whether it has this operation ("post") at a path that `path` fits, `{…}` standing for any
/// segment. Nullopt if the document lists no paths.
std::optional<bool> has_operation(const triage::Json& document, std::string_view path,
                                  std::string_view method);

}  // namespace health
