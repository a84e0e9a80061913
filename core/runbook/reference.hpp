// "${…}" in strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace triage::runbook {

enum class ReferenceKind : std::uint8_t { literal, variable, environment, secret, fact, each };

// A piece of a string: text as it is, or a reference.
struct Piece {
    ReferenceKind kind = ReferenceKind::literal;
    std::string name;    // the literal text; the variable; for a fact the check's id
    std::string key;     // of a fact
    std::string source;  // as written: "${var.api}"
};

struct BadReference {
    std::string source;  // the part of the text that cannot be read
    std::string message;
    std::size_t earlier = 0;  // how often the same stands in the text before it
};

inline bool has_references(std::string_view text) { return text.contains("${"); }

struct Pieces {
    std::vector<Piece> good;
    std::vector<BadReference> bad;  // all of them: if there is one, the text has no value
};

// "$${" is the text "${"; any other "$" is itself.
Pieces parse_pieces(std::string_view text);

}  // namespace triage::runbook
