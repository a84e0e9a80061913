// Reads tables of a document: what has the wrong type, or a key that nobody knows, is reported.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/runbook/parse.hpp"
#include "core/runbook/problems.hpp"

namespace triage::runbook {

// What was found, for people: "the string 'x'", "the int 5", "an array".
std::string describe(const Node& node);

// ^[a-z][a-z0-9_-]*$
bool is_id(std::string_view text);

class Reader {
public:
    // `what` is for messages: "a check". Unknown keys are reported at once. The table must outlive
    // this.
    Reader(const Table& table, Position at, std::string_view what,
           std::span<const std::string_view> keys, Problems& problems);

    // The same for a table whose keys have been looked at already.
    Reader(const Table& table, Position at, std::string_view what, Problems& problems)
        : table_(table), at_(at), what_(what), problems_(problems) {}

    const Entry* get(std::string_view key) const { return find(table_, key); }
    bool has(std::string_view key) const { return get(key) != nullptr; }

    // Null if the key is not there, or has another type (reported).
    const Entry* string(std::string_view key) const;
    const Array* array(std::string_view key) const;
    const Table* table(std::string_view key) const;
    const bool* boolean(std::string_view key) const;
    std::optional<std::int64_t> integer(std::string_view key, std::int64_t minimum,
                                        std::int64_t maximum) const;
    // The elements of an array of strings.
    std::vector<const Node*> strings(std::string_view key) const;
    // A string that must be there and match is_id().
    const Entry* id() const;
    void require(std::string_view key, std::string_view expected) const;

    Position at() const { return at_; }

private:
    const Entry* typed(std::string_view key, bool good_type(const Node&),
                       std::string_view expected) const;

    const Table& table_;
    Position at_;
    std::string_view what_;
    Problems& problems_;
};

// The elements of `array` that are strings; the others are reported. `what` names the array.
std::vector<const Node*> only_strings(const Array& array, std::string_view what,
                                      Problems& problems);

const std::string& text_of(const Node& node);  // of a string

// "a, b or c"
std::string any_of(std::span<const std::string_view> words);

}  // namespace triage::runbook
