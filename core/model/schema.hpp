// What a plugin declares about itself, as the host keeps it. Mirrors the descriptors of
// triage/abi.h.
//
// Comes from a plugin and so from outside: core/plugin has checked names, types and UTF-8 before it
// makes one of these.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/verdict.hpp"

namespace triage::model {

// Same values as TRIAGE_TYPE_*.
enum class ParamType : std::uint8_t {
    boolean = 1,
    integer,
    floating,
    string,
    duration,
    url,
    endpoint,
    path,
    secret,
    any,
};
std::string_view name(ParamType type);  // "bool", "int", "float", "string", …

// Same values as TRIAGE_SHAPE_*.
enum class Shape : std::uint8_t { one, list, map };

// What each value of a string must be, read before the run: TRIAGE_SYNTAX_*.
enum class Syntax : std::uint8_t { any, regex, regex_with_group };

struct ParamInfo {
    std::string name;
    ParamType type = ParamType::string;
    Shape shape = Shape::one;
    bool required = false;
    std::string doc;
    std::optional<std::string> fallback;  // JSON value text
    std::optional<std::string> minimum;   // JSON value text, inclusive
    std::optional<std::string> maximum;
    std::optional<std::string> pattern;  // RE2, whole string; of each element or value
    std::vector<std::string> choices;
    std::optional<std::string> example;      // JSON value text
    std::optional<std::string> key_pattern;  // RE2, of each whole key of a map
    std::uint32_t min_items = 0;             // of a list or map that is given
    bool at_most_one = false;                // element of a list
    Syntax syntax = Syntax::any;             // of a string, of each value
    // Makes no sense where this parameter has this value; empty: always does.
    std::string not_with;
    std::string not_with_value;
    // A number or duration that must not be above that parameter's; empty: may.
    std::string not_above;
    // A map whose keys alone may be keys of this one; empty: any may.
    std::string keys_of;
    // RE2, whole string: of each element or value, and of each key of a map, that is wrong; and
    // why, one line.
    std::optional<std::string> refuse;
    std::string refuse_why;
    std::optional<std::string> refuse_key;
    std::string refuse_key_why;
    // Parameters whose values are wrong here; of URLs their origins.
    std::vector<std::string> differs_from;
    bool within_timeout = false;  // a duration that is shorter than an attempt may take
    // A path to which the check sends this method, below that parameter's URL, if that one is true;
    // empty: does not; always.
    std::string write_method;
    std::string write_base;
    std::string write_if;
};

struct CodeInfo {
    std::string name;
    Weight weight = Weight::fail;
    std::string doc;
    std::string remedy;
};

struct FactInfo {
    std::string name;
    ParamType type = ParamType::string;
    std::string doc;
};

struct CheckInfo {
    std::string name;
    std::string doc;
    std::string cost;
    bool repeatable = false;
    bool deep = false;
    bool blocking = false;
    std::vector<ParamInfo> params;
    std::vector<std::string> one_of;  // parameters of which at least one must be given
    std::vector<CodeInfo> codes;
    std::vector<FactInfo> facts;
};

struct PluginInfo {
    std::string id;
    std::string version;
    std::string doc;
    std::string abi;                        // "0.1"
    std::string path;                       // the shared library
    std::vector<std::string> capabilities;  // sorted: "net", "fs.read", "exec", "secret.reveal"
    std::vector<CheckInfo> checks;

    const CheckInfo* find(std::string_view check_name) const;
};

}  // namespace triage::model
