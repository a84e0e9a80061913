// Dotted keys, before the TOML parser sees them: it recurses over their parts without a limit.
#pragma once

#include <cstddef>
#include <string_view>

namespace triage::runbook {

inline constexpr std::size_t max_key_parts = 16;

// Offset of the dot that gives a key of TOML text more parts than that; npos if there is none.
std::size_t find_deep_key(std::string_view text);

}  // namespace triage::runbook
