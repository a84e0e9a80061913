#include "core/runbook/combinations.hpp"

#include <fnmatch.h>

#include <algorithm>

#include <fmt/format.h>

#include "core/base/url.hpp"

namespace triage::runbook {
namespace {

std::optional<std::string> literal(const model::ArgValue& value) {
    if (const auto* flag = std::get_if<bool>(&value.value)) return *flag ? "true" : "false";
    const auto* text = std::get_if<model::Template>(&value.value);
    if (text == nullptr) return std::nullopt;
    std::string result;
    for (const auto& part : text->parts) {
        const auto* piece = std::get_if<std::string>(&part);
        if (piece == nullptr) return std::nullopt;
        result += *piece;
    }
    return result;
}

std::string origin_or_text(const std::string& text) {
    const auto url = base::parse_url(text);
    return url ? url->origin() : text;
}

// `path` below `base`, as triage::Url::join has it.
std::optional<std::string> path_below(std::string base, std::string_view path) {
    base.resize(std::min(base.find_first_of("?#"), base.size()));
    while (base.ends_with('/'))
        base.pop_back();
    const auto url =
        base::parse_url(fmt::format("{}{}{}", base, path.starts_with('/') ? "" : "/", path));
    if (!url) return std::nullopt;
    return url->path;
}

}  // namespace

std::optional<std::string> known_text(const ArgumentList& arguments, std::string_view name) {
    for (const auto& argument : arguments) {
        if (argument.name != name) continue;
        return argument.items.size() == 1 ? literal(argument.items[0].value) : std::nullopt;
    }
    return std::nullopt;
}

std::optional<double> known_number(const ArgumentList& arguments, std::string_view name) {
    for (const auto& argument : arguments) {
        if (argument.name != name || argument.items.size() != 1) continue;
        const auto& value = argument.items[0].value.value;
        if (const auto* whole = std::get_if<std::int64_t>(&value))
            return static_cast<double>(*whole);
        if (const auto* number = std::get_if<double>(&value)) return *number;
    }
    return std::nullopt;
}

bool has_value(const ArgumentList& arguments, std::string_view name, const std::string& text) {
    const auto found = std::ranges::find(arguments, name, &model::Argument::name);
    if (found == arguments.end()) return false;
    const auto wanted = origin_or_text(text);
    return std::ranges::any_of(found->items, [&](const auto& item) {
        const auto known = literal(item.value);
        return known && origin_or_text(*known) == wanted;
    });
}

bool grants_write(const std::string& rule, std::string_view method, const std::string& path) {
    const auto space = rule.find(' ');
    if (space == std::string::npos || std::string_view(rule).substr(0, space) != method)
        return false;
    return ::fnmatch(rule.c_str() + space + 1, path.c_str(), FNM_PATHNAME | FNM_NOESCAPE) == 0;
}

std::string rule_for(std::string_view write) {
    const auto is_id = [](std::string_view part) {
        return part.find_first_not_of("0123456789abcdefABCDEF-") == part.npos &&
               std::ranges::any_of(part, [](char c) { return c >= '0' && c <= '9'; });
    };
    std::string rule;
    while (!write.empty()) {
        const auto part = write.substr(0, write.find('/'));
        rule += is_id(part) ? "*" : part;
        write.remove_prefix(part.size());
        if (write.empty()) break;
        rule += '/';
        write.remove_prefix(1);
    }
    return rule;
}

std::optional<std::string> missing_write(const model::CheckInfo& info, const Check& check,
                                         const Allow* allow) {
    for (const auto& param : info.params) {
        if (param.write_method.empty()) continue;
        if (!param.write_if.empty() && known_text(check.arguments, param.write_if) != "true")
            continue;
        const auto base = known_text(check.arguments, param.write_base);
        const auto below = known_text(check.arguments, param.name);
        const auto path = base && below ? path_below(*base, *below) : std::nullopt;
        if (!path) continue;
        const auto granted = [&](const std::string& rule) {
            return grants_write(rule, param.write_method, *path);
        };
        if (allow == nullptr || std::ranges::none_of(allow->write, granted))
            return fmt::format("{} {}", param.write_method, *path);
    }
    return std::nullopt;
}

}  // namespace triage::runbook
