#include "core/runbook/reader.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace triage::runbook {
namespace {

template <class T>
bool is(const Node& node) {
    return std::holds_alternative<T>(node.value);
}

struct Describe {
    std::string operator()(std::monostate) const { return "nothing"; }
    std::string operator()(bool value) const { return value ? "the bool true" : "the bool false"; }
    std::string operator()(std::int64_t value) const { return fmt::format("the int {}", value); }
    std::string operator()(double value) const { return fmt::format("the float {}", value); }
    std::string operator()(const std::string& value) const {
        return fmt::format("the string '{}'", base::elide(value, 40));
    }
    std::string operator()(const Date& value) const {
        return fmt::format("the date {}", value.text);
    }
    std::string operator()(const Array&) const { return "an array"; }
    std::string operator()(const Table&) const { return "a table"; }
};

std::string wrong_type(std::string_view key, const Node& node, std::string_view expected) {
    return fmt::format("'{}' is {}; expected {}", key, describe(node), expected);
}

}  // namespace

std::string describe(const Node& node) { return std::visit(Describe{}, node.value); }

bool is_id(std::string_view text) {
    const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
    return !text.empty() && is_lower(text[0]) && std::ranges::all_of(text, [&](char c) {
        return is_lower(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

Reader::Reader(const Table& table, Position at, std::string_view what,
               std::span<const std::string_view> keys, Problems& problems)
    : Reader(table, at, what, problems) {
    for (const auto& entry : table) {
        if (std::ranges::find(keys, entry.key) != keys.end()) continue;
        const auto hint = problems_.hint(
            entry.key, [&] { return std::vector<std::string>(keys.begin(), keys.end()); });
        problems_.wrong(Rule::unknown_key, entry.at,
                        fmt::format("unknown key '{}' in {}.{}", entry.key, what, hint),
                        hint.empty() ? fmt::format("Known here: {}.", any_of(keys)) : "");
    }
}

const Entry* Reader::typed(std::string_view key, bool good_type(const Node&),
                           std::string_view expected) const {
    const auto* entry = get(key);
    if (entry == nullptr || good_type(entry->node)) return entry;
    problems_.wrong(Rule::wrong_type, entry->node.at, wrong_type(key, entry->node, expected));
    return nullptr;
}

const Entry* Reader::string(std::string_view key) const {
    return typed(key, is<std::string>, "a string");
}

const Array* Reader::array(std::string_view key) const {
    const auto* entry = typed(key, is<Array>, "an array");
    return entry == nullptr ? nullptr : &std::get<Array>(entry->node.value);
}

const Table* Reader::table(std::string_view key) const {
    const auto* entry = typed(key, is<Table>, "a table");
    return entry == nullptr ? nullptr : &std::get<Table>(entry->node.value);
}

const bool* Reader::boolean(std::string_view key) const {
    const auto* entry = typed(key, is<bool>, "true or false");
    return entry == nullptr ? nullptr : &std::get<bool>(entry->node.value);
}

std::optional<std::int64_t> Reader::integer(std::string_view key, std::int64_t minimum,
                                            std::int64_t maximum) const {
    const auto* entry = typed(key, is<std::int64_t>, "an int");
    if (entry == nullptr) return std::nullopt;
    const auto value = std::get<std::int64_t>(entry->node.value);
    if (value >= minimum && value <= maximum) return value;
    problems_.wrong(Rule::out_of_bounds, entry->node.at,
                    fmt::format("'{}' is {}; expected {} to {}", key, value, minimum, maximum));
    return std::nullopt;
}

std::vector<const Node*> Reader::strings(std::string_view key) const {
    const auto* nodes = array(key);
    return nodes == nullptr ? std::vector<const Node*>() : only_strings(*nodes, key, problems_);
}

const Entry* Reader::id() const {
    require("id", "a short name for it");
    const auto* entry = string("id");
    if (entry == nullptr || is_id(text_of(entry->node))) return entry;
    problems_.wrong(Rule::bad_id, entry->node.at,
                    fmt::format("'{}' is no id: expected lower-case letters, digits, '-' and '_', "
                                "beginning with a letter",
                                text_of(entry->node)));
    return nullptr;
}

void Reader::require(std::string_view key, std::string_view expected) const {
    if (has(key)) return;
    problems_.wrong(Rule::missing_key, at_,
                    fmt::format("{} lacks '{}': expected {}", what_, key, expected));
}

std::vector<const Node*> only_strings(const Array& array, std::string_view what,
                                      Problems& problems) {
    std::vector<const Node*> result;
    for (const auto& node : array) {
        if (is<std::string>(node)) {
            result.push_back(&node);
        } else {
            problems.wrong(Rule::wrong_type, node.at,
                           fmt::format("'{}' holds {}; expected strings", what, describe(node)));
        }
    }
    return result;
}

const std::string& text_of(const Node& node) { return std::get<std::string>(node.value); }

std::string any_of(std::span<const std::string_view> words) {
    std::string result;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) result += i + 1 == words.size() ? " or " : ", ";
        result += words[i];
    }
    return result;
}

}  // namespace triage::runbook
