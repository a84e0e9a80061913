// TOML 1.0 text → a tree with source positions. The only user of toml++.
#pragma once

#include <chrono>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/runbook/diagnostic.hpp"

namespace triage::runbook {

struct Node;
struct Entry;
using Array = std::vector<Node>;
using Table = std::vector<Entry>;  // in source order

// A value and where it stands. Dates and times are kept as their text.
struct Node {
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Table> value;
    Location where;
};
struct Entry {
    std::string key;
    Location where;  // of the key
    Node node;
};

// One parsed file; included files are parsed by load().
struct Source {
    std::string path;
    std::string text;  // for showing lines
    Node root;         // a Table
};

// A runbook file and everything it includes, in the order in which they are merged.
struct Document {
    std::vector<Source> sources;  // [0] is the file that was named
};

// Reads `path` and, depth first, what it includes (relative to the including file; a cycle is an
// error that shows the path). Limits: 16 MiB a file, 64 files. All errors at once.
std::expected<Document, Diagnostics> load(const std::string& path);

// The same from text; `path` is for messages and for resolving includes.
std::expected<Document, Diagnostics> parse(std::string text, const std::string& path);

// Plugin ids in `use`, sorted, without duplicates; whatever else is wrong with the document.
std::vector<std::string> plugins_used(const Document& document);

}  // namespace triage::runbook
