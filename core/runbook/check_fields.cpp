#include "core/runbook/check_fields.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/runbook/durations.hpp"
#include "core/runbook/misfits.hpp"

namespace triage::runbook {
namespace {

using std::chrono::microseconds;

constexpr std::array<std::string_view, 3> attempts_keys{"count", "pass", "interval"};
constexpr std::array<std::string_view, 4> when_keys{"check", "fact", "is", "is-not"};
constexpr std::int64_t max_attempts = 1000;
constexpr std::string_view the_deadline = "the deadline of the run";

template <class T>
void take(Expected<T> value, T& target, Check& check) {
    if (value) {
        target = std::move(*value);
    } else if (value.error().why && !check.unmet) {
        check.unmet = std::move(value.error().why);
    }
}

}  // namespace

void CheckFields::read_common(const Reader& reader, Check& check, Links& links) {
    if (const auto* entry = reader.string("layer")) check.layer = word(*entry);
    for (const auto* node : reader.strings("tags"))
        check.tags.push_back(text_of(*node));
    if (const auto* entry = reader.string("on-fail")) read_on_fail(*entry, check);
    if (const auto* entry = reader.get("attempts")) read_attempts(*entry, check);
    links.needs = reader.strings("needs");
    read_when(reader, check, links);
}

void CheckFields::read_texts(const Reader& reader, Check& check, Scope scope) {
    if (const auto* entry = reader.string("title"))
        take(values_.expand_text(entry->node, scope), check.title, check);
    if (const auto* entry = reader.string("vantage")) {
        if (auto vantage = values_.expand_original(entry->node, scope)) {
            take(to_vantage(*entry, std::move(*vantage)), check.vantage, check);
        } else {
            take<std::string>(std::unexpected(vantage.error()), check.vantage, check);
        }
    }
    if (const auto* entry = reader.get("timeout")) {
        take(read_duration(entry->node, "timeout", {microseconds(1000), deadline_, the_deadline},
                           values_, problems_, scope),
             check.timeout, check);
    }
}

Expected<std::string> CheckFields::to_vantage(const Entry& entry, OriginalText vantage) {
    constexpr std::string_view container = "container:";
    auto& [text, origin] = vantage;
    const bool is_container = text.starts_with(container);
    if (text == "host" || (is_container && text.size() > container.size())) return std::move(text);
    static const std::vector<std::string> known{"host", "container"};
    const auto word = std::string_view(text).substr(0, text.find(':'));
    const auto hint = is_container ? std::string() : base::did_you_mean(word, known);
    return std::unexpected(
        report_misfit(Rule::bad_choice, entry.node.at, origin,
                      fmt::format("'vantage' is {}; expected \"host\" or \"container:SERVICE\"{}{}",
                                  shown(text, origin), hint.empty() ? "" : ".", hint),
                      problems_));
}

void CheckFields::read_on_fail(const Entry& entry, Check& check) {
    static const std::vector<std::string> known{"fail", "warn"};
    const auto& found = text_of(entry.node);
    check.on_fail_warn = found == "warn";
    if (std::ranges::find(known, found) != known.end()) return;
    problems_.wrong(Rule::bad_choice, entry.node.at,
                    fmt::format("'on-fail' is '{}'; expected \"fail\" or \"warn\".{}", found,
                                base::did_you_mean(found, known)));
}

void CheckFields::read_attempts(const Entry& entry, Check& check) {
    const auto& node = entry.node;
    if (const auto* table = std::get_if<Table>(&node.value)) {
        read_attempts_table(Reader(*table, entry.at, "attempts", attempts_keys, problems_), check);
    } else if (const auto* count = std::get_if<std::int64_t>(&node.value); count == nullptr) {
        problems_.wrong(Rule::wrong_type, node.at,
                        fmt::format("'attempts' is {}; expected a number, or a table such as "
                                    "{{ count = 3, pass = 2, interval = \"1s\" }}",
                                    describe(node)));
    } else if (*count >= 1 && *count <= max_attempts) {
        check.attempts.count = static_cast<unsigned>(*count);
    } else {
        problems_.wrong(Rule::out_of_bounds, node.at,
                        fmt::format("'attempts' is {}; expected 1 to {}", *count, max_attempts));
    }
}

void CheckFields::read_attempts_table(const Reader& reader, Check& check) {
    auto& attempts = check.attempts;
    if (const auto count = reader.integer("count", 1, max_attempts))
        attempts.count = static_cast<unsigned>(*count);
    if (const auto pass = reader.integer("pass", 1, attempts.count))
        attempts.pass = static_cast<unsigned>(*pass);
    if (const auto* interval = reader.get("interval")) {
        take(read_duration(interval->node, "interval", {microseconds(0), deadline_, the_deadline},
                           values_, problems_),
             attempts.interval, check);
    }
}

void CheckFields::read_when(const Reader& reader, Check& check, Links& links) {
    const auto* table = reader.table("when");
    if (table == nullptr) return;
    const auto at = reader.get("when")->at;
    const Reader when(*table, at, "'when'", when_keys, problems_);
    when.require("check", "the id of a check");
    when.require("fact", "a fact of that check");
    const auto* other = when.string("check");
    const auto* fact = when.string("fact");
    if (when.has("is") == when.has("is-not")) {
        problems_.wrong(Rule::bad_when, at,
                        when.has("is") ? "'when' has both 'is' and 'is-not'; expected one of them"
                                       : "'when' has neither 'is' nor 'is-not'; expected one");
    }
    if (other == nullptr || fact == nullptr) return;
    links.when_check = other->node.at;
    links.when_fact = fact->node.at;
    check.when = When{text_of(other->node), text_of(fact->node), {}, {}};
    if (const auto* entry = when.get("is")) read_values(*entry, check.when->is, check);
    if (const auto* entry = when.get("is-not")) read_values(*entry, check.when->is_not, check);
}

void CheckFields::read_values(const Entry& entry, std::vector<std::string>& result, Check& check) {
    const auto* array = std::get_if<Array>(&entry.node.value);
    const auto nodes = array == nullptr ? std::span(&entry.node, 1) : std::span<const Node>(*array);
    for (const auto& node : nodes) {
        std::string value;
        take(values_.expand_text(node), value, check);
        result.push_back(std::move(value));
    }
    if (!result.empty()) return;
    problems_.wrong(Rule::bad_when, entry.node.at,
                    fmt::format("'{}' is empty; expected at least one value", entry.key));
}

std::string CheckFields::text(const Entry& entry) {
    return values_.expand_text(entry.node).value_or(text_of(entry.node));
}

std::string CheckFields::word(const Entry& entry) {
    const auto& result = text_of(entry.node);
    if (is_id(result)) return result;
    problems_.wrong(Rule::bad_id, entry.node.at,
                    fmt::format("'{}' is '{}'; expected one word, such as \"api\" or \"db\"",
                                entry.key, result));
    return {};
}

}  // namespace triage::runbook
