#include "core/plan/grants.hpp"

#include <algorithm>

#include "core/runbook/combinations.hpp"

namespace triage::plan {
namespace {

bool contains(const std::vector<std::string>& list, std::string_view item) {
    return std::ranges::find(list, item) != list.end();
}

bool grants(model::ParamType type) {
    return type == model::ParamType::url || type == model::ParamType::endpoint ||
           type == model::ParamType::path;
}

}  // namespace

bool is_safe(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

bool Grants::may_send(std::string_view method, std::string_view origin,
                      std::string_view path) const {
    if (!contains(origins, origin)) return false;
    if (is_safe(method)) return true;
    return std::ranges::any_of(write, [&](const std::string& rule) {
        return runbook::grants_write(rule, method, std::string(path));
    });
}

Grants grants_for(const std::vector<TypedText>& parameters, const runbook::Allow* allow,
                  const runbook::ReadUrls& known) {
    Grants result;
    if (allow != nullptr) {
        result = {.origins = allow->http,
                  .named = {},
                  .write = allow->write,
                  .unix_sockets = allow->unix_sockets,
                  .net = allow->net,
                  .read = allow->read,
                  .reveal = allow->reveal,
                  .urls = {}};
    }
    for (const auto& parameter : parameters) {
        const auto& text = parameter.text;
        if (parameter.type == model::ParamType::url) {
            if (!parameter.names_origin) continue;
            auto url = known.find(text);
            if (url == nullptr) url = runbook::ReadUrls().read(text).value_or(nullptr);
            if (url == nullptr) continue;
            result.named.push_back(url->url.origin());
            if (parameter.is_fixed) result.urls.push_back(std::move(url));
        } else if (parameter.type == model::ParamType::endpoint) {
            if (parameter.is_fixed) result.net.push_back(text);
        } else if (parameter.type == model::ParamType::path) {
            if (parameter.is_fixed) result.read.push_back(text);
        }
    }
    result.origins.insert(result.origins.end(), result.named.begin(), result.named.end());
    return result;
}

// "https://host/": nothing that follows can change where it goes.
bool names_origin(const model::Template& text) {
    const auto* first = text.parts.empty() ? nullptr : std::get_if<std::string>(&text.parts[0]);
    if (first == nullptr) return false;
    if (text.parts.size() == 1) return true;
    const auto scheme = first->find("://");
    return scheme != std::string::npos && first->find_first_of("/?#", scheme + 3) != first->npos;
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
                result.push_back({item.value.type, display(*text), argument.name, is_fixed,
                                  names_origin(*text)});
            }
        }
    }
    return result;
}

}  // namespace triage::plan
