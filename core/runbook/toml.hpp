// One TOML 1.0 text → a tree. toml.cpp is the only user of toml++.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "core/runbook/parse.hpp"

namespace triage::runbook {

// Why a text is not TOML, and where. TOML has no way to go on after an error: there is one.
struct SyntaxError {
    Rule rule = Rule::syntax;
    Position at;
    std::string message;
    std::string remedy;
};

// `source` is put into every position.
std::expected<Node, SyntaxError> parse_toml(std::string_view text, std::uint32_t source);

}  // namespace triage::runbook
