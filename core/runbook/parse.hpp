// TOML 1.0 text → a tree with source positions.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/runbook/diagnostic.hpp"

namespace triage::runbook {

// Where something stands. Small, because every key and value has one; Location is made of it when
// there is something to say.
struct Position {
    std::uint32_t source = 0;  // index into Document::sources
    std::uint32_t line = 0;    // from 1; 0: nowhere
    std::uint32_t column = 0;  // from 1, in characters
    std::uint32_t length = 1;  // in characters, on its first line
};

struct Node;
struct Entry;
using Array = std::vector<Node>;
using Table = std::vector<Entry>;  // in source order

// A date or time, as its text.
struct Date {
    std::string text;
};

// A value and where it stands.
struct Node {
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Date, Array, Table> value;
    Position at;
};
struct Entry {
    std::string key;
    Position at;  // of the key
    Node node;
};

// The entry called `key`, or null.
const Entry* find(const Table& table, std::string_view key);

// One parsed file.
struct Source {
    std::string path;
    std::string text;  // for showing lines
    Node root;         // a Table
};

// A runbook file and everything it includes, in the order in which they are merged: what comes
// later wins over what it includes.
struct Document {
    std::vector<Source> sources;  // [0] is the file that was named
    // Indices into sources: what is included comes before what includes it.
    std::vector<std::uint32_t> merge_order;
};

// Limits of load() and parse().
inline constexpr std::size_t max_file_bytes = std::size_t{16} << 20;
inline constexpr std::size_t max_files = 64;

// Limits of text with its references put in: ten lines of variables, each ten times the one before,
// would fill any memory.
inline constexpr std::size_t max_value_bytes = std::size_t{1} << 20;
inline constexpr std::size_t max_expanded_bytes = std::size_t{64} << 20;

// Reads `path` and, depth first, what it includes (relative to the including file; a cycle is an
// error that shows the path). All errors at once.
std::expected<Document, Diagnostics> load(const std::string& path);

// The same from text; `path` is for messages and for resolving includes.
std::expected<Document, Diagnostics> parse(std::string text, const std::string& path);

// Plugin ids in `use`, sorted, without duplicates; whatever else is wrong with the document.
std::vector<std::string> plugins_used(const Document& document);

}  // namespace triage::runbook
