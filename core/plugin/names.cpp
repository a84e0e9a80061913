#include "core/plugin/names.hpp"

#include <algorithm>

namespace triage::plugin {
namespace {

bool is_name(std::string_view name, char joint) {
    if (name.empty() || name.size() > 64 || name.front() < 'a' || name.front() > 'z') return false;
    return std::ranges::all_of(name, [joint](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == joint;
    });
}

}  // namespace

bool is_kebab(std::string_view name) { return is_name(name, '-'); }

bool is_snake(std::string_view name) { return is_name(name, '_'); }

bool is_code(std::string_view name, std::string_view plugin_id) {
    return name.size() > plugin_id.size() && name.starts_with(plugin_id) &&
           name[plugin_id.size()] == '.' && is_kebab(name.substr(plugin_id.size() + 1));
}

std::string_view unkeyed(std::string_view fact) {
    const auto bracket = fact.find('[');
    if (bracket == std::string_view::npos || !fact.ends_with(']')) return fact;
    const auto key = fact.substr(bracket + 1, fact.size() - bracket - 2);
    const bool is_key = !key.empty() && key.size() <= 200 && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("-_.:/@#").find(c) != std::string_view::npos;
    });
    return is_key ? fact.substr(0, bracket) : fact;
}

bool is_capability(std::string_view word) {
    return word == "net" || word == "fs.read" || word == "exec" || word == "secret.reveal";
}

std::string quotable(std::string_view text) {
    std::string quoted(text.substr(0, 80));
    std::ranges::replace_if(quoted, [](char c) { return c < 0x20 || c == 0x7f; }, '?');
    if (text.size() > 80) quoted += "...";
    return quoted;
}

}  // namespace triage::plugin
