#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "core/base/text.hpp"
#include "core/plugin/descriptor.hpp"
#include "core/plugin/names.hpp"

namespace triage::plugin {
namespace {

namespace json = boost::json;
using model::ParamInfo;
using model::ParamType;
using Problem = std::optional<std::string>;

std::string in_quotes(std::string_view text) { return "\"" + quotable(text) + "\""; }

// It will be printed, on one line: it must not move the cursor, or colour what follows.
Problem check_shown(const char* member, std::string_view text) {
    if (base::find_invalid_utf8(text) != std::string_view::npos)
        return std::string(member) + " is not UTF-8: " + in_quotes(text);
    if (text.find('\n') != std::string_view::npos)
        return std::string(member) + " has more than one line: " + in_quotes(text);
    if (text.find('\t') != std::string_view::npos || base::printable(text) != text)
        return std::string(member) +
               " has a control character: " + in_quotes(base::printable(text));
    return std::nullopt;
}

Problem check_line(const char* member, std::string_view text) {
    return text.empty() ? std::string(member) + " is empty" : check_shown(member, text);
}

bool is_duration(const json::value& value) {
    return value.is_string() && base::parse_duration(std::string_view(value.get_string()));
}

// Does one value fit the type? A secret never has a value in the descriptor.
bool fits(const json::value& value, ParamType type) {
    switch (type) {
        case ParamType::boolean:
            return value.is_bool();
        case ParamType::integer:
            return value.is_int64();
        case ParamType::floating:
            return value.is_number();
        case ParamType::duration:
            return is_duration(value);
        case ParamType::any:
            return value.is_primitive() && !value.is_null();
        default:
            return value.is_string();
    }
}

bool fits(const json::value& value, const ParamInfo& param) {
    if (param.shape == model::Shape::list) {
        if (!value.is_array()) return false;
        for (const auto& element : value.get_array())
            if (!fits(element, param.type)) return false;
        return true;
    }
    if (param.shape == model::Shape::map) {
        if (!value.is_object()) return false;
        for (const auto& entry : value.get_object())
            if (!fits(entry.value(), param.type)) return false;
        return true;
    }
    return fits(value, param.type);
}

std::optional<json::value> parse(std::string_view text) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 8;
    auto value = json::parse(text, error, {}, options);
    if (error) return std::nullopt;
    return value;
}

Problem check_value(const char* member, const std::optional<std::string>& text,
                    const ParamInfo& param) {
    if (!text) return std::nullopt;
    if (auto problem = check_shown(member, *text)) return problem;
    const auto value = parse(*text);
    if (!value) return std::string(member) + " is not JSON: " + in_quotes(*text);
    if (!fits(*value, param))
        return std::string(member) + " is not of the parameter's type: " + in_quotes(*text);
    return std::nullopt;
}

// A bound is one value, whatever the shape.
Problem check_bound(const char* member, const std::optional<std::string>& text,
                    const ParamInfo& param) {
    if (!text) return std::nullopt;
    if (auto problem = check_shown(member, *text)) return problem;
    const auto value = parse(*text);
    if (value && (value->is_number() || is_duration(*value)) &&
        fits(*value, param.type == ParamType::any ? ParamType::floating : param.type))
        return std::nullopt;
    return std::string(member) + " is no bound for the parameter's type: " + in_quotes(*text);
}

Problem check_items(const ParamInfo& param) {
    if (param.min_items > 0 && param.shape == model::Shape::one)
        return "it is one value and has a least number of items";
    if (param.at_most_one && (param.min_items > 1 || param.shape != model::Shape::list))
        return "it is no list that one at most may be in";
    if (!param.key_pattern) return std::nullopt;
    if (param.shape != model::Shape::map) return "it is no map and has a pattern for keys";
    return check_shown("the pattern for keys", *param.key_pattern);
}

// Only text is compared with a pattern, and who meets it wants to know why.
Problem check_refusals(const ParamInfo& param) {
    const bool is_text = param.type >= ParamType::string && param.type != ParamType::duration;
    if (param.refuse && !is_text) return "it is no text and refuses some";
    if (param.refuse_key && param.shape != model::Shape::map)
        return "it is no map and refuses keys";
    for (const auto& [pattern, why] : {std::pair(&param.refuse, &param.refuse_why),
                                       std::pair(&param.refuse_key, &param.refuse_key_why)}) {
        if (!*pattern) continue;
        if (auto problem = check_shown("what is refused", **pattern)) return problem;
        if (auto problem = check_line("why it is refused", *why)) return problem;
    }
    if (param.within_timeout &&
        (param.type != ParamType::duration || param.shape != model::Shape::one))
        return "it is no duration and is within the timeout";
    return std::nullopt;
}

Problem check_param(const ParamInfo& param) {
    if (!is_kebab(param.name))
        return "name is " + in_quotes(param.name) + ", expected ^[a-z][a-z0-9-]*$";
    if (auto problem = check_line("doc", param.doc)) return problem;
    if (param.required && param.fallback) return "it is required and has a default";
    if (param.type == ParamType::secret && (param.fallback || !param.choices.empty()))
        return "a secret can have no default and no choices";
    if (param.syntax != model::Syntax::any && param.type != ParamType::string)
        return "it is no string and has a syntax";
    if (auto problem = check_value("the default", param.fallback, param)) return problem;
    if (param.type != ParamType::secret) {
        if (auto problem = check_value("the example", param.example, param)) return problem;
    }
    if (auto problem = check_bound("the minimum", param.minimum, param)) return problem;
    if (auto problem = check_bound("the maximum", param.maximum, param)) return problem;
    for (const auto& choice : param.choices)
        if (auto problem = check_shown("a choice", choice)) return problem;
    if (param.pattern) {
        if (auto problem = check_shown("the pattern", *param.pattern)) return problem;
    }
    if (auto problem = check_refusals(param)) return problem;
    return check_items(param);
}

Problem check_code(const model::CodeInfo& code, std::string_view plugin_id) {
    if (!is_code(code.name, plugin_id))
        return "name is " + in_quotes(code.name) + ", expected \"" + std::string(plugin_id) +
               ".kebab-name\"";
    if (auto problem = check_line("doc", code.doc)) return problem;
    return code.remedy.empty() ? std::nullopt : check_line("remedy", code.remedy);
}

Problem check_fact(const model::FactInfo& fact) {
    if (!is_snake(fact.name))
        return "name is " + in_quotes(fact.name) + ", expected ^[a-z][a-z0-9_]*$";
    if (fact.type > ParamType::string) return "type is not one of bool, int, float, string";
    return check_line("doc", fact.doc);
}

// Each element by `check_one`, and no name twice.
template <class Elements, class CheckOne>
Problem check_all(const char* what, const Elements& elements, CheckOne check_one) {
    std::set<std::string_view> names;
    for (const auto& element : elements) {
        const auto place = std::string(what) + " '" + quotable(element.name) + "': ";
        if (auto problem = check_one(element)) return place + *problem;
        if (!names.insert(element.name).second) return place + "is declared twice";
    }
    return std::nullopt;
}

// Is `name` a parameter with one value of one of these types?
bool is_one_of(const model::CheckInfo& check, std::string_view name,
               std::initializer_list<ParamType> types) {
    const auto found = std::ranges::find(check.params, name, &ParamInfo::name);
    return found != check.params.end() && found->shape == model::Shape::one &&
           std::ranges::find(types, found->type) != types.end();
}

bool is_of_shape(const model::CheckInfo& check, std::string_view name, model::Shape shape) {
    const auto found = std::ranges::find(check.params, name, &ParamInfo::name);
    return found != check.params.end() && found->shape == shape;
}

// Is what it differs from text too, and another parameter?
Problem check_differences(const model::CheckInfo& check, const ParamInfo& param) {
    const auto compares = [](const ParamInfo& one) {
        return one.type == ParamType::string || one.type == ParamType::url;
    };
    if (!param.differs_from.empty() && (!compares(param) || param.shape != model::Shape::one))
        return "it is no string or URL and differs from others";
    for (const auto& name : param.differs_from) {
        const auto other = std::ranges::find(check.params, name, &ParamInfo::name);
        if (other == check.params.end() || name == param.name || !compares(*other) ||
            other->shape == model::Shape::map)
            return "differs_from is no other string or URL, or list of them: " + in_quotes(name);
    }
    return std::nullopt;
}

Problem check_needs(const model::CheckInfo& check) {
    for (const auto& name : check.one_of) {
        const auto param = std::ranges::find(check.params, name, &ParamInfo::name);
        if (param == check.params.end() || param->required)
            return "one_of is no optional parameter: " + in_quotes(name);
    }
    return std::nullopt;
}

// What a parameter says about others.
Problem check_links(const model::CheckInfo& check) {
    for (const auto& param : check.params) {
        const auto place = "parameter '" + param.name + "': ";
        for (const auto* text : {&param.not_with_value, &param.write_method}) {
            if (auto problem = check_shown("a value", *text)) return place + *problem;
        }
        if (!param.not_with.empty() &&
            !is_one_of(check, param.not_with, {ParamType::string, ParamType::boolean}))
            return place + "not_with is no string or bool: " + in_quotes(param.not_with);
        if (!param.not_above.empty() &&
            (!is_one_of(check, param.name,
                        {ParamType::integer, ParamType::floating, ParamType::duration}) ||
             !is_one_of(check, param.not_above, {param.type})))
            return place + "not_above is no number of its own type: " + in_quotes(param.not_above);
        if (!param.keys_of.empty() && (param.shape != model::Shape::map ||
                                       !is_of_shape(check, param.keys_of, model::Shape::map)))
            return place + "keys_of is no other map: " + in_quotes(param.keys_of);
        if (auto problem = check_differences(check, param)) return place + *problem;
        if (param.write_method.empty()) continue;
        if (!is_one_of(check, param.name, {ParamType::string}))
            return place + "it is no string, and written to";
        if (!is_one_of(check, param.write_base, {ParamType::url}))
            return place + "write_base is no URL: " + in_quotes(param.write_base);
        if (!param.write_if.empty() && !is_one_of(check, param.write_if, {ParamType::boolean}))
            return place + "write_if is no bool: " + in_quotes(param.write_if);
    }
    return std::nullopt;
}

Problem check_check(const model::CheckInfo& check, std::string_view plugin_id) {
    if (!is_kebab(check.name))
        return "name is " + in_quotes(check.name) + ", expected ^[a-z][a-z0-9-]*$";
    if (auto problem = check_line("doc", check.doc)) return problem;
    if (auto problem = check_line("cost", check.cost)) return problem;
    if (auto problem = check_all("parameter", check.params, check_param)) return problem;
    if (auto problem = check_all("code", check.codes,
                                 [&](const auto& code) { return check_code(code, plugin_id); }))
        return problem;
    if (auto problem = check_links(check)) return problem;
    if (auto problem = check_needs(check)) return problem;
    return check_all("fact", check.facts, check_fact);
}

Problem find_problem(const model::PluginInfo& info) {
    if (!is_kebab(info.id)) return "id is " + in_quotes(info.id) + ", expected ^[a-z][a-z0-9-]*$";
    if (auto problem = check_line("version", info.version)) return problem;
    if (auto problem = check_line("doc", info.doc)) return problem;
    if (info.checks.empty()) return "it has no checks";
    return check_all("check", info.checks,
                     [&](const auto& check) { return check_check(check, info.id); });
}

}  // namespace

base::Result<void> check_info(const model::PluginInfo& info) {
    const auto problem = find_problem(info);
    if (!problem) return {};
    return base::fail(info.path + " declares something that triage cannot use: " + *problem,
                      "This is a bug of the plugin: tell its author.");
}

}  // namespace triage::plugin
