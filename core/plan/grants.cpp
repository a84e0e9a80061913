#include "core/plan/grants.hpp"

#include <fnmatch.h>

#include <algorithm>

#include "core/base/url.hpp"

namespace triage::plan {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view item) {
    return std::ranges::find(list, item) != list.end();
}

bool is_safe(std::string_view method) {  // RFC 9110, 9.2.1; TRACE is of no use to a check
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

// "POST /api/*/x" against a method and a path. A "*" stays within one path segment.
bool matches(const std::string& rule, std::string_view method, const std::string& path) {
    const auto space = rule.find(' ');
    if (space == std::string::npos || std::string_view(rule).substr(0, space) != method)
        return false;
    return ::fnmatch(rule.c_str() + space + 1, path.c_str(), FNM_PATHNAME | FNM_NOESCAPE) == 0;
}

bool grants(model::ParamType type) {
    return type == model::ParamType::url || type == model::ParamType::endpoint ||
           type == model::ParamType::path;
}

}  // namespace

bool Grants::may_send(std::string_view method, std::string_view origin,
                      std::string_view path) const {
    if (!contains(origins, origin)) return false;
    if (is_safe(method)) return true;
    return std::ranges::any_of(
        write, [&](const std::string& rule) { return matches(rule, method, std::string(path)); });
}

Grants grants_for(const std::vector<TypedText>& parameters, const runbook::Allow* allow) {
    Grants result;
    if (allow != nullptr) {
        result = {.origins = allow->http,
                  .write = allow->write,
                  .unix_sockets = allow->unix_sockets,
                  .net = allow->net,
                  .read = allow->read,
                  .reveal = allow->reveal};
    }
    for (const auto& [type, text, param, is_fixed] : parameters) {
        if (type == model::ParamType::url) {
            if (const auto url = base::parse_url(text)) result.origins.push_back(url->origin());
        } else if (type == model::ParamType::endpoint) {
            result.net.push_back(text);
        } else if (type == model::ParamType::path) {
            result.read.push_back(text);
        }
    }
    return result;
}

std::string display(const model::Template& text) {
    struct Show {
        std::string operator()(const std::string& literal) const { return literal; }
        std::string operator()(const model::SecretRef& ref) const {
            return "${secret." + ref.name + "}";
        }
        std::string operator()(const model::FactRef& ref) const {
            return "${fact." + ref.check + "." + ref.key + "}";
        }
    };
    std::string result;
    for (const auto& part : text.parts)
        result += std::visit(Show{}, part);
    return result;
}

std::vector<TypedText> granting_parameters(const runbook::Check& check) {
    std::vector<TypedText> result;
    for (const auto& argument : check.arguments) {
        for (const auto& item : argument.items) {
            if (!grants(item.value.type)) continue;
            if (const auto* text = std::get_if<model::Template>(&item.value.value)) {
                const bool is_fixed = std::ranges::all_of(text->parts, [](const auto& part) {
                    return std::holds_alternative<std::string>(part);
                });
                result.push_back({item.value.type, display(*text), argument.name, is_fixed});
            }
        }
    }
    return result;
}

}  // namespace triage::plan
