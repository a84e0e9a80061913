#include "core/runbook/testing.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace triage::runbook::testing {
namespace {

using model::ParamInfo;
using model::ParamType;
using model::Shape;

ParamInfo param(std::string name, ParamType type, Shape shape = Shape::one) {
    ParamInfo result;
    result.name = std::move(name);
    result.type = type;
    result.shape = shape;
    result.doc = "What " + result.name + " is for";
    return result;
}

ParamInfo required(ParamInfo info, std::string example) {
    info.required = true;
    info.example = std::move(example);
    return info;
}

ParamInfo with_default(ParamInfo info, std::string json) {
    info.fallback = std::move(json);
    return info;
}

ParamInfo bounded(ParamInfo info, std::string minimum, std::string maximum) {
    info.minimum = std::move(minimum);
    info.maximum = std::move(maximum);
    return info;
}

ParamInfo choice(ParamInfo info, std::vector<std::string> choices) {
    info.choices = std::move(choices);
    return info;
}

ParamInfo matching(ParamInfo info, std::string pattern) {
    info.pattern = std::move(pattern);
    return info;
}

ParamInfo regex(ParamInfo info, model::Syntax syntax = model::Syntax::regex) {
    info.syntax = syntax;
    return info;
}

ParamInfo keys_of(ParamInfo info, std::string other) {
    info.keys_of = std::move(other);
    return info;
}

ParamInfo refusing(ParamInfo info, std::string pattern, std::string why) {
    info.refuse = std::move(pattern);
    info.refuse_why = std::move(why);
    return info;
}

ParamInfo refusing_keys(ParamInfo info, std::string pattern, std::string why) {
    info.refuse_key = std::move(pattern);
    info.refuse_key_why = std::move(why);
    return info;
}

ParamInfo differing(ParamInfo info, std::vector<std::string> others) {
    info.differs_from = std::move(others);
    return info;
}

ParamInfo within_timeout(ParamInfo info) {
    info.within_timeout = true;
    return info;
}

ParamInfo filled(ParamInfo info) {
    info.min_items = 1;
    return info;
}

ParamInfo at_most_one(ParamInfo info) {
    info.at_most_one = true;
    return info;
}

ParamInfo keyed(ParamInfo info, std::string pattern) {
    info.key_pattern = std::move(pattern);
    return info;
}

ParamInfo not_with(ParamInfo info, std::string other, std::string value) {
    info.not_with = std::move(other);
    info.not_with_value = std::move(value);
    return info;
}

ParamInfo not_above(ParamInfo info, std::string other) {
    info.not_above = std::move(other);
    return info;
}

ParamInfo written(ParamInfo info, std::string method, std::string base, std::string only_if) {
    info.write_method = std::move(method);
    info.write_base = std::move(base);
    info.write_if = std::move(only_if);
    return info;
}

model::CheckInfo endpoint() {
    model::CheckInfo check;
    check.name = "endpoint";
    check.doc = "Asks one URL";
    check.params = {
        required(param("url", ParamType::url), "\"https://api.example.com/healthz\""),
        with_default(choice(param("method", ParamType::string), {"GET", "HEAD", "POST"}),
                     "\"GET\""),
        with_default(
            filled(bounded(param("status", ParamType::integer, Shape::list), "100", "599")),
            "[200]"),
        param("headers", ParamType::secret, Shape::map),
        not_with(param("json", ParamType::any, Shape::map), "method", "HEAD"),
        not_with(with_default(param("body", ParamType::string), "\"\""), "method", "HEAD"),
        with_default(bounded(param("slow", ParamType::duration), "\"1ms\"", "\"1m\""), "\"1s\""),
        not_above(param("warn-over", ParamType::duration), "slow"),
        with_default(bounded(param("timeout", ParamType::duration), "\"1ms\"", "\"1m\""), "\"3s\""),
        with_default(param("follow", ParamType::boolean), "false"),
        bounded(param("ratio", ParamType::floating), "0", "1"),
        matching(param("request-id", ParamType::string), "[0-9a-f]{4,32}"),
        regex(param("hide", ParamType::string, Shape::list)),
        regex(param("find", ParamType::string, Shape::map), model::Syntax::regex_with_group),
        keys_of(param("expect", ParamType::string, Shape::map), "find"),
        param("socket", ParamType::path),
        bounded(param("size", ParamType::integer), "0", "1000000"),
    };
    check.codes = {{"health.bad-status", model::Weight::fail, "Wrong status", ""},
                   {"health.slow", model::Weight::warn, "Slow", ""}};
    check.facts = {{"version", ParamType::string, "The version"},
                   {"auth_mode", ParamType::string, "How users sign in"}};
    return check;
}

model::CheckInfo simple(std::string name, std::vector<ParamInfo> params,
                        std::vector<model::FactInfo> facts = {}) {
    model::CheckInfo check;
    check.name = std::move(name);
    check.doc = "Does " + check.name;
    check.params = std::move(params);
    check.facts = std::move(facts);
    return check;
}

model::CheckInfo policy() {
    return simple(
        "policy",
        {required(param("origins", ParamType::string, Shape::list), "[\"https://x\"]"),
         param("api", ParamType::url),
         refusing(matching(param("methods", ParamType::string, Shape::list), "[A-Z]+"),
                  "(?i)trace|connect", "no page can send it"),
         refusing_keys(refusing(param("headers", ParamType::string, Shape::map), "(?s).*\\n.*",
                                "a header is one line"),
                       "(?i)content-length", "the host sets it"),
         differing(with_default(param("control", ParamType::string), "\"https://none.invalid\""),
                   {"origins", "api"})});
}

model::CheckInfo lines() {
    auto check = simple(
        "lines", {param("files", ParamType::path, Shape::list),
                  at_most_one(param("ca-file", ParamType::path, Shape::list)),
                  matching(param("unit", ParamType::string), "[a-z]*"),
                  within_timeout(with_default(param("follow", ParamType::duration), "\"1s\""))});
    check.one_of = {"files", "unit"};
    return check;
}

model::PluginInfo plugin(std::string id, std::vector<model::CheckInfo> checks) {
    model::PluginInfo result;
    result.id = std::move(id);
    result.version = "1.0.0";
    result.checks = std::move(checks);
    return result;
}

}  // namespace

Catalog catalog() {
    Catalog result;
    const auto add = [&](model::PluginInfo info) {
        result.known_ids.push_back(info.id);
        result.plugins.emplace(info.id, std::move(info));
    };
    add(plugin(
        "health",
        {endpoint(),
         simple("pattern", {required(param("base", ParamType::url), "\"https://x\""),
                            with_default(param("probe", ParamType::boolean), "false"),
                            written(with_default(param("path", ParamType::string), "\"/hooks/0\""),
                                    "POST", "base", "probe")})}));
    add(plugin("cors", {simple("preflight",
                               {required(param("base", ParamType::url), "\"https://x\""),
                                required(param("origin", ParamType::string), "\"https://y\"")},
                               {{"allowed", ParamType::boolean, "Whether it is allowed"}}),
                        policy()}));
    add(plugin("clerk", {simple("pairing", {required(param("secret-key", ParamType::secret),
                                                     "\"${secret.clerk_key}\"")})}));
    add(plugin("db", {simple("postgres",
                             {param("dsn", ParamType::secret),
                              param("address", ParamType::endpoint), param("any", ParamType::any),
                              param("tables", ParamType::string, Shape::list),
                              keyed(param("labels", ParamType::string, Shape::map), "[a-z]+")}),
                      lines()}));
    add(plugin("odd",
               {simple("default", {with_default(param("n", ParamType::integer), "\"x\"")}),
                simple("refusal", {refusing(param("s", ParamType::string), "(", "it is odd")})}));
    result.broken["logs"] = {"/usr/lib/triage/plugins/logs.so is for another machine (AArch64)",
                             "Install the one for x86-64."};
    result.known_ids.emplace_back("logs");
    result.searched = "/usr/lib/triage/plugins";
    return result;
}

Inputs inputs() { return with_environment({}); }

Inputs with_environment(std::map<std::string, std::string> environment) {
    using std::chrono::June;
    Inputs result;
    result.environment =
        [values = std::move(environment)](const std::string& name) -> std::optional<std::string> {
        const auto found = values.find(name);
        return found == values.end() ? std::nullopt : std::optional(found->second);
    };
    result.read_file = [](const std::string&) -> base::Result<std::optional<std::string>> {
        return std::nullopt;
    };
    result.today = std::chrono::year(2026) / June / 15;
    return result;
}

Inputs with_files(const std::map<std::string, std::string>& files,
                  std::map<std::string, std::string> environment) {
    auto result = with_environment(std::move(environment));
    result.read_file =
        [files](const std::string& path) -> base::Result<std::optional<std::string>> {
        const auto found = files.find(path);
        return found == files.end() ? std::nullopt : std::optional(found->second);
    };
    return result;
}

Validated validate_text(const std::string& body, const Inputs& outside) {
    const auto document = parse("triage = 1\nname = \"test\"\n" + body, "test.toml");
    if (document) return validate(*document, catalog(), outside);
    Validated result;
    result.diagnostics = document.error();
    return result;
}

std::vector<std::string> summary(const Diagnostics& diagnostics) {
    std::vector<std::string> result;
    for (const auto& found : diagnostics) {
        const auto& where = found.where;
        const auto place =
            where.line == 0 ? where.file
                            : fmt::format("{}:{}", static_cast<int>(where.line) - 2, where.column);
        result.push_back(fmt::format("{} {} {}", place, name(found.rule), found.message));
    }
    return result;
}

std::vector<std::string> texts(const Check& check, std::string_view parameter) {
    struct Show {
        std::string operator()(bool value) const { return value ? "true" : "false"; }
        std::string operator()(std::int64_t value) const { return std::to_string(value); }
        std::string operator()(double value) const { return fmt::format("{}", value); }
        std::string operator()(const std::string& text) const { return text; }
        std::string operator()(const model::SecretRef& ref) const { return "<" + ref.name + ">"; }
        std::string operator()(const model::FactRef& ref) const {
            return fmt::format("<{} of {}>", ref.key, ref.check);
        }
        std::string operator()(const model::Template& text) const {
            std::string result;
            for (const auto& part : text.parts)
                result += std::visit(*this, part);
            return result;
        }
    };
    std::vector<std::string> result;
    const auto found = std::ranges::find(check.arguments, parameter, &model::Argument::name);
    if (found == check.arguments.end()) return result;
    for (const auto& item : found->items) {
        const auto text = std::visit(Show{}, item.value.value);
        result.push_back(item.key.empty() ? text : item.key + "=" + text);
    }
    return result;
}

const Check& check_of(const Validated& validated, std::string_view id) {
    const auto& checks = validated.runbook.checks;
    const auto found = std::ranges::find(checks, id, &Check::id);
    if (found == checks.end()) throw std::out_of_range(fmt::format("no check '{}'", id));
    return *found;
}

std::string large_runbook(std::size_t checks) {
    std::string text =
        "triage = 1\nname = \"large\"\ndeadline = \"60s\"\n"
        "env-files = { root = \".env\" }\n"
        "[vars]\nbase = { from = [\"env:BASE\"], default = \"http://127.0.0.1:8000\" }\n"
        "origins = [\"https://a.example\", \"https://b.example\"]\n"
        "[secrets]\ntoken = { from = [\"env:TOKEN\"] }\n"
        "[allow]\nhealth = { write = [\"POST /a/*\"], exec = false }\n"
        "[[step]]\nid = \"one\"\ntitle = \"Schritt für Schritt\"\n"
        "[[step.check]]\nid = \"cors\"\nuse = \"cors.preflight\"\n"
        "for-each = \"${var.origins}\"\n"
        "with = { base = \"${var.base}\", origin = \"${each}\" }\n"
        "[[step.check]]\nid = \"first\"\nuse = \"health.endpoint\"\nneeds = [\"cors\"]\n"
        "with.url = \"${var.base}/\"\nwith.headers.authorization = \"Bearer ${secret.token}\"\n";
    for (std::size_t i = 0; i + 3 < checks; ++i) {
        text += fmt::format(
            "[[step.check]]\nid = \"check-{0}\"\nuse = \"health.endpoint\"\n"
            "layer = \"api\"\ntimeout = \"2s\"\nneeds = [\"first\"]\n"
            "with.url = \"${{var.base}}/items/{0}\"\n"
            "with.request-id = \"${{fact.first.version}}\"\n"
            "with.status = [200, 404]\nwith.json = {{ \"/ok\" = true }}\n\n",
            i);
    }
    return text;
}

}  // namespace triage::runbook::testing
