// "$NAME" and "${NAME:-default}" in values of a .env file.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace triage::runbook {

// "$$" is "$". ${NAME-x}, ${NAME:-x}: x if NAME is not set (or empty); ${NAME+x}, ${NAME:+x}: x if
// it is set (and not empty), else nothing; ${NAME?x}, ${NAME:?x}: an error that says x if it is not
// set (or empty). x may hold references itself. A name that is not set is empty.
base::Result<std::string> expand_env_template(
    std::string_view text,
    const std::function<std::optional<std::string>(const std::string&)>& lookup);

}  // namespace triage::runbook
