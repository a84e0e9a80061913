#include "core/plan/targets.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/plan/grants.hpp"

namespace triage::plan {
namespace {

// No type says of a text that it is the address of an engine or names a container; their forms do,
// as triage's own DOCKER_HOST and `vantage` have them.
bool is_engine(std::string_view text) {
    return text.starts_with("unix:///") || text.starts_with("tcp://");
}

// "container:NAME", or "PROJECT/SERVICE" of Compose.
bool is_container(std::string_view text) {
    if (text.starts_with("container:")) return true;
    const auto slash = text.find('/');
    return slash != text.npos && slash > 0 && slash + 1 < text.size() &&
           text.find_first_of("/: ", slash + 1) == text.npos &&
           text.find_first_of(": ") == text.npos;
}

// A secret whose text says where to connect, by the name of its parameter.
bool is_address(const model::Argument& argument) {
    return argument.type == model::ParamType::secret && argument.shape == model::Shape::one &&
           (argument.name == "url" || argument.name.ends_with("-url"));
}

}  // namespace

std::set<std::string> targets(const runbook::Check& check) {
    std::set<std::string> result;
    std::vector<std::string> containers;
    std::string engine;
    for (const auto& parameter : granting_parameters(check))
        result.insert(parameter.text);
    for (const auto& argument : check.arguments) {
        for (const auto& item : argument.items) {
            const auto* value = std::get_if<model::Template>(&item.value.value);
            if (value == nullptr) continue;
            for (const auto& part : value->parts) {
                const auto* secret = std::get_if<model::SecretRef>(&part);
                if (secret != nullptr && is_address(argument))
                    result.insert(fmt::format("the secret '{}'", secret->name));
            }
            if (argument.type != model::ParamType::string) continue;
            auto text = display(*value);
            if (argument.shape == model::Shape::one && is_engine(text)) {
                engine = std::move(text);
            } else if (argument.shape == model::Shape::list && is_container(text)) {
                containers.push_back(std::move(text));
            }
        }
    }
    // An engine that has no container to look for is not asked; without one these are no
    // containers.
    if (!containers.empty() && !engine.empty())
        result.insert(fmt::format("{} of {}", fmt::join(containers, ", "), engine));
    return result;
}

}  // namespace triage::plan
