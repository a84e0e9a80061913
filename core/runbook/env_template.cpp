#include "core/runbook/env_template.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/runbook/parse.hpp"

namespace triage::runbook {
namespace {

using Lookup = std::function<std::optional<std::string>(const std::string&)>;

constexpr int max_reference_depth = 32;

bool begins_name(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }

std::size_t name_length(std::string_view text) {
    if (text.empty() || !begins_name(text[0])) return 0;
    const auto* const end = std::ranges::find_if_not(
        text, [](char c) { return begins_name(c) || (c >= '0' && c <= '9'); });
    return static_cast<std::size_t>(end - text.begin());
}

// Of "{…}" at the beginning of `text`, with braces in it; npos if it has no end.
std::size_t braced_length(std::string_view text) {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '{') ++depth;
        if (text[i] == '}' && --depth == 0) return i + 1;
    }
    return std::string_view::npos;
}

base::Result<std::string> expand(std::string_view text, const Lookup& lookup, int depth);

// `inside` is what stands between the braces.
base::Result<std::string> expand_braced(std::string_view inside, const Lookup& lookup, int depth) {
    const auto length = name_length(inside);
    if (length == 0) return base::fail("'${' without the name of a variable");
    const std::string name(inside.substr(0, length));
    auto rest = inside.substr(length);
    auto value = lookup(name);
    if (rest.empty()) return value.value_or("");
    const bool or_empty = rest[0] == ':';
    if (or_empty) rest.remove_prefix(1);
    if (rest.empty() || !std::string_view("-+?").contains(rest[0])) {
        // Without the name: it may be a part of a password with "${" in it.
        return base::fail("'${NAME' is followed by something else than '}', ':-', ':+' or ':?'");
    }
    const bool present = value && !(or_empty && value->empty());
    const auto word = rest.substr(1);
    if (rest[0] == '+') {
        return present ? expand(word, lookup, depth + 1) : base::Result<std::string>("");
    }
    if (present) return std::move(*value);
    if (rest[0] == '-') return expand(word, lookup, depth + 1);
    // As it is written, and not what stands in a reference: values here may be secrets.
    const auto dollar = word.find('$');
    return base::fail(fmt::format("the variable {} is required: {}{}", name, word.substr(0, dollar),
                                  dollar == std::string_view::npos ? "" : "…"));
}

base::Result<std::string> expand(std::string_view text, const Lookup& lookup, int depth) {
    if (depth > max_reference_depth) return base::fail("references are nested too deeply");
    std::string result;
    while (true) {
        if (result.size() > max_value_bytes) {
            return base::fail(fmt::format("a value is longer than {} MiB", max_value_bytes >> 20));
        }
        const auto dollar = text.find('$');
        result += text.substr(0, dollar);
        if (dollar == std::string_view::npos) return result;
        text.remove_prefix(dollar + 1);
        if (text.starts_with('$')) {
            result += '$';
            text.remove_prefix(1);
        } else if (const auto length = name_length(text); length > 0) {
            result += lookup(std::string(text.substr(0, length))).value_or("");
            text.remove_prefix(length);
        } else if (const auto braced =
                       text.starts_with('{') ? braced_length(text) : std::string_view::npos;
                   braced != std::string_view::npos) {
            auto value = expand_braced(text.substr(1, braced - 2), lookup, depth);
            if (!value) return value;
            result += *value;
            text.remove_prefix(braced);
        } else {
            return base::fail("'$' without the name of a variable; write '$$' for a dollar sign");
        }
    }
}

}  // namespace

base::Result<std::string> expand_env_template(std::string_view text, const Lookup& lookup) {
    return expand(text, lookup, 0);
}

}  // namespace triage::runbook
