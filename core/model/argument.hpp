// Values on their way from a runbook to a check. They may hold secrets' names, never secrets.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "core/model/schema.hpp"

namespace triage::model {

// References that are still open when the run starts; variables, environment and ${each} are not:
// they are put in when the runbook is validated.
struct SecretRef {
    std::string name;  // of [secrets]
};
struct FactRef {
    std::string check;  // id
    std::string key;
};

// A string with references in it; {"Bearer ", SecretRef{"token"}}.
using TemplatePart = std::variant<std::string, SecretRef, FactRef>;
struct Template {
    std::vector<TemplatePart> parts;
};

// One value. string, url, endpoint, path, secret hold a Template; any scalar whose whole text is
// one fact reference holds one too, and gets its type when the fact is known. Durations are
// microseconds in an int64.
struct ArgValue {
    ParamType type = ParamType::string;
    std::variant<bool, std::int64_t, double, Template> value;
};

struct ArgItem {
    std::string key;  // for Shape::map
    ArgValue value;
};

// A parameter's value or values, as declared by ParamInfo (defaults already put in).
struct Argument {
    std::string name;
    ParamType type = ParamType::string;
    Shape shape = Shape::one;
    std::vector<ArgItem> items;
};

}  // namespace triage::model
