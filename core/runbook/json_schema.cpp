// The JSON Schema of runbooks, for completion and checking in editors. Keywords are those that
// draft-07 and later have in common, as editors' TOML plug-ins know these best.
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json.hpp>

#include "core/model/schema.hpp"
#include "core/runbook/validate.hpp"

namespace triage::runbook {
namespace {

namespace json = boost::json;
using model::ParamType;
using model::Shape;

json::value any_of(json::array alternatives) { return {{"anyOf", std::move(alternatives)}}; }

json::object text(std::string_view doc) { return {{"type", "string"}, {"description", doc}}; }

json::object not_blank(std::string_view doc) {
    auto result = text(doc);
    result["pattern"] = "\\S";
    return result;
}

json::object list_of(json::value items, std::string_view doc) {
    return {{"type", "array"}, {"items", std::move(items)}, {"description", doc}};
}

json::object table(json::object properties, std::string_view doc) {
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"additionalProperties", false},
            {"description", doc}};
}

json::object table_of(json::value items, std::string_view doc) {
    return {{"type", "object"}, {"additionalProperties", std::move(items)}, {"description", doc}};
}

json::object id_text(std::string_view doc) {
    auto result = text(doc);
    result["pattern"] = "^[a-z][a-z0-9_-]*$";
    return result;
}

json::object duration(std::string_view doc) {
    auto result = text(doc);
    result["pattern"] = "^([0-9]+(\\.[0-9]+)?(us|ms|s|m|h|d)|.*\\$\\{.*)$";
    return result;
}

json::object integer(int minimum, int maximum, std::string_view doc) {
    return {{"type", "integer"}, {"minimum", minimum}, {"maximum", maximum}, {"description", doc}};
}

json::object scalar() { return {{"type", json::array{"string", "number", "boolean"}}}; }

json::object strings(std::string_view doc) { return list_of({{"type", "string"}}, doc); }

// A reference stands for a value of any type.
json::value reference() { return {{"type", "string"}, {"pattern", "\\$\\{"}}; }

std::optional<json::value> parsed(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    json::error_code error;
    auto value = json::parse(*text, error);
    if (error) return std::nullopt;
    return value;
}

json::value one_value(const model::ParamInfo& param) {
    json::object value;
    switch (param.type) {
        case ParamType::boolean:
            value["type"] = "boolean";
            break;
        case ParamType::integer:
        case ParamType::floating:
            value["type"] = param.type == ParamType::integer ? "integer" : "number";
            if (const auto minimum = parsed(param.minimum)) value["minimum"] = *minimum;
            if (const auto maximum = parsed(param.maximum)) value["maximum"] = *maximum;
            break;
        case ParamType::any:
            return scalar();
        case ParamType::duration:
            return duration("");
        default:
            value["type"] = "string";
            // The program's patterns are RE2; an editor's may differ, and references match none.
            if (!param.choices.empty()) {
                json::array choices(param.choices.begin(), param.choices.end());
                value["enum"] = std::move(choices);
            }
    }
    if (value["type"] == "string" && !value.contains("enum")) return value;
    return any_of({std::move(value), reference()});
}

json::value parameter(const model::ParamInfo& param) {
    json::object result;
    const auto one = one_value(param);
    if (param.shape == Shape::one) {
        result = one.as_object();
    } else if (param.shape == Shape::map) {
        result = table_of(one, param.doc);
        if (param.min_items > 0) result["minProperties"] = param.min_items;
    } else {
        auto list = list_of(one, param.doc);
        if (param.min_items > 0) list["minItems"] = param.min_items;
        if (param.at_most_one) list["maxItems"] = 1;
        result = any_of({std::move(list), reference()}).as_object();
    }
    result["description"] = param.doc;
    if (const auto fallback = parsed(param.fallback)) result["default"] = *fallback;
    if (const auto example = parsed(param.example)) result["examples"] = json::array{*example};
    return result;
}

// If `use` is this check, `with` has these parameters.
json::value rule_for(const std::string& use, const model::CheckInfo& check) {
    json::object properties;
    json::array required;
    for (const auto& param : check.params) {
        properties[param.name] = parameter(param);
        if (param.required) required.emplace_back(param.name);
    }
    json::array one_of;
    for (const auto& name : check.one_of)
        one_of.push_back(json::object{{"required", json::array{name}}});
    auto with = table(std::move(properties), check.doc);
    json::object then{{"properties", {{"with", nullptr}}}};
    if (!required.empty() || !one_of.empty()) then["required"] = json::array{"with"};
    if (!required.empty()) with["required"] = std::move(required);
    if (!one_of.empty()) with["anyOf"] = std::move(one_of);
    then["properties"].as_object()["with"] = std::move(with);
    return {{"if", {{"properties", {{"use", {{"const", use}}}}}, {"required", json::array{"use"}}}},
            {"then", std::move(then)}};
}

json::object check_properties() {
    auto attempts = table({{"count", integer(1, 1000, "How often it is tried at most")},
                           {"pass", integer(1, 1000, "How many tries must pass")},
                           {"interval", duration("The time between two tries")}},
                          "");
    const json::value values = any_of({scalar(), list_of(scalar(), "")});
    auto when = table({{"check", text("The check whose fact it is")},
                       {"fact", text("The key of the fact")},
                       {"is", values},
                       {"is-not", values}},
                      "Runs the check only if a fact of another one has, or has not, a value");
    when["required"] = json::array{"check", "fact"};
    auto waiver = table({{"reason", text("Why the failure is accepted")},
                         {"until", text("The last day on which it holds: 2026-12-31")},
                         {"code", text("The finding that is accepted; without it, all")}},
                        "");
    waiver["required"] = json::array{"reason", "until"};
    return {
        {"id", id_text("Unique among checks and manual items")},
        {"title", text("What people read; default: the id")},
        {"use", nullptr},
        {"with", {{"type", "object"}, {"description", "The check's parameters"}}},
        {"layer", id_text("Where in the system it looks: ui, api, db, …")},
        {"vantage", text("From where it looks: host, or container:SERVICE")},
        {"tags", strings("For --tag and --skip-tag")},
        {"needs", strings("Checks without which it cannot be executed")},
        {"when", std::move(when)},
        {"attempts", any_of({integer(1, 1000, ""), std::move(attempts)})},
        {"timeout", duration("Of one attempt; default: 5s")},
        {"on-fail",
         {{"enum", json::array{"fail", "warn"}}, {"description", "warn: a failure is a warning"}}},
        {"for-each",
         any_of({list_of(scalar(), "One check for each of these, as ${each}"), reference()})},
        {"waive", list_of(std::move(waiver), "Accepted failures, until a day")},
    };
}

json::object check_schema(const Catalog& catalog) {
    json::array uses;
    json::array rules;
    for (const auto& [id, plugin] : catalog.plugins) {
        for (const auto& check : plugin.checks) {
            const auto use = id + "." + check.name;
            uses.emplace_back(use);
            rules.push_back(rule_for(use, check));
        }
    }
    auto properties = check_properties();
    json::object use{{"type", "string"}, {"description", "PLUGIN.CHECK"}};
    if (!uses.empty()) use["enum"] = std::move(uses);
    properties["use"] = std::move(use);
    auto result = table(std::move(properties), "Something to be measured");
    result["required"] = json::array{"id", "use"};
    if (!rules.empty()) result["allOf"] = std::move(rules);
    return result;
}

json::object step_schema(const Catalog& catalog) {
    auto manual = table({{"id", id_text("Unique among checks and manual items")},
                         {"ask", text("The question for a person")},
                         {"doc", text("Where to read more")}},
                        "Something that a person looks at or decides");
    manual["required"] = json::array{"id", "ask"};
    auto step = table({{"id", id_text("Unique among steps")},
                       {"title", text("What people read; default: the id")},
                       {"doc", text("Where to read more")},
                       {"tags", strings("Of all its checks")},
                       {"layer", id_text("Of those of its checks that name none")},
                       {"check", list_of(check_schema(catalog), "In the order of the results")},
                       {"manual", list_of(std::move(manual), "")}},
                      "A part of the checklist");
    step["required"] = json::array{"id"};
    return step;
}

json::object top_properties(const Catalog& catalog) {
    const auto source = strings("The first that is set: env:NAME, or FILE:KEY of env-files");
    const json::value literal = any_of({scalar(), list_of(scalar(), "")});
    auto variable = table({{"from", source}, {"default", literal}, {"doc", text("")}}, "");
    const auto variables =
        table_of(any_of({literal, std::move(variable)}), "Used as ${var.NAME}, set with --var");
    auto secret = table({{"from", source},
                         {"send-to", strings("Origins to which it may be sent")},
                         {"doc", text("")}},
                        "");
    secret["required"] = json::array{"from"};
    auto allow = table({{"http", strings("Origins: GET, HEAD, OPTIONS")},
                        {"write", strings("METHOD /path, on origins that are granted")},
                        {"unix", strings("Unix sockets")},
                        {"net", strings("host:port")},
                        {"read", strings("Paths of files and folders")},
                        {"reveal", strings("Secrets that the plugin may see")},
                        {"exec", {{"type", "boolean"}}}},
                       "");
    return {
        {"triage", {{"const", 1}, {"description", "The version of the grammar"}}},
        {"name", not_blank("Of the runbook")},
        {"deadline", duration("Of the whole run, at most 1h; default: 30s")},
        {"env-files", table_of({{"type", "string"}}, "NAME = path of a .env file")},
        {"include", strings("Files that are merged first; this one wins")},
        {"vars", variables},
        {"secrets", table_of(std::move(secret), "Used as ${secret.NAME}")},
        {"allow", table_of(std::move(allow), "What a plugin may do beyond its parameters")},
        {"limits", table({{"parallel", integer(1, 65536, "Checks at once")},
                          {"transfers", integer(1, 65536, "HTTP requests at once")},
                          {"per-target", integer(1, 65536, "Of these to one origin")}},
                         "")},
        {"profile", table_of(table({{"vars", variables}}, ""), "Chosen with --profile NAME")},
        {"step", list_of(step_schema(catalog), "In the order of the report")},
    };
}

}  // namespace

std::string json_schema(const Catalog& catalog) {
    auto schema = table(top_properties(catalog), "A runbook of triage");
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    schema["title"] = "triage runbook";
    schema["required"] = json::array{"triage"};
    return json::serialize(schema) + "\n";
}

}  // namespace triage::runbook
