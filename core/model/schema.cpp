#include "core/model/schema.hpp"

#include <algorithm>

namespace triage::model {

std::string_view name(ParamType type) {
    switch (type) {
        case ParamType::boolean:
            return "bool";
        case ParamType::integer:
            return "int";
        case ParamType::floating:
            return "float";
        case ParamType::string:
            return "string";
        case ParamType::duration:
            return "duration";
        case ParamType::url:
            return "url";
        case ParamType::endpoint:
            return "endpoint";
        case ParamType::path:
            return "path";
        case ParamType::secret:
            return "secret";
        case ParamType::any:
            return "any";
    }
    return "unknown";
}

const CheckInfo* PluginInfo::find(std::string_view check_name) const {
    const auto found = std::ranges::find(checks, check_name, &CheckInfo::name);
    return found == checks.end() ? nullptr : &*found;
}

}  // namespace triage::model
