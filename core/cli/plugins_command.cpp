// triage plugins: what is installed, and what a plugin checks.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"
#include "core/cli/commands.hpp"
#include "core/cli/print.hpp"
#include "core/cli/session.hpp"
#include "core/cli/table.hpp"

namespace triage::cli {
namespace {

std::string shape_of(const model::ParamInfo& param) {
    std::string type(model::name(param.type));
    switch (param.shape) {
        case model::Shape::list:
            return "list of " + type;
        case model::Shape::map:
            return "table of " + type;
        default:
            return type;
    }
}

std::string describe(const model::ParamInfo& param) {
    std::string text = param.doc;
    if (param.required) text += " (required)";
    if (param.fallback) text += fmt::format(" (default {})", *param.fallback);
    if (param.minimum) text += fmt::format(" (at least {})", *param.minimum);
    if (param.maximum) text += fmt::format(" (at most {})", *param.maximum);
    if (param.min_items > 0) text += fmt::format(" (at least {} of them)", param.min_items);
    if (param.at_most_one) text += " (at most one of them)";
    if (param.syntax != model::Syntax::any) text += " (a regular expression, RE2)";
    if (!param.choices.empty()) text += fmt::format(" (one of {})", fmt::join(param.choices, ", "));
    if (!param.not_with.empty())
        text += fmt::format(" (not with {} = {})", param.not_with, param.not_with_value);
    if (!param.keys_of.empty()) text += fmt::format(" (keys: those of {})", param.keys_of);
    if (!param.not_above.empty()) text += fmt::format(" (at most {})", param.not_above);
    for (const auto* why : {&param.refuse_why, &param.refuse_key_why})
        if (!why->empty()) text += fmt::format(" (some are refused: {})", *why);
    if (!param.differs_from.empty())
        text += fmt::format(" (not the same as {})", fmt::join(param.differs_from, " or "));
    if (param.within_timeout) text += " (shorter than the check's timeout)";
    if (!param.write_method.empty()) text += fmt::format(" (sends {})", param.write_method);
    if (param.example) text += fmt::format(" (for example {})", *param.example);
    return text;
}

std::string describe(const model::CheckInfo& check, const std::string& plugin,
                     std::size_t columns) {
    std::string text =
        table({{fmt::format("{}.{}: {}", plugin, check.name, check.doc)}}, 0, columns);
    if (!check.cost.empty()) text += table({{"costs the target:", check.cost}}, 2, columns);
    if (!check.one_of.empty()) {
        const auto names = fmt::format("{}", fmt::join(check.one_of, ", "));
        text += table({{"needs one of:", names}}, 2, columns);
    }
    std::vector<Row> params;
    for (const auto& param : check.params)
        params.push_back({param.name, shape_of(param), describe(param)});
    if (!params.empty()) text += "  parameters\n" + table(params, 4, columns);
    std::vector<Row> codes;
    for (const auto& code : check.codes) {
        codes.push_back({code.name, std::string(model::name(code.weight)), code.doc});
    }
    if (!codes.empty()) text += "  findings\n" + table(codes, 4, columns);
    std::vector<Row> facts;
    for (const auto& fact : check.facts)
        facts.push_back({fact.name, fact.doc});
    if (!facts.empty()) text += "  facts\n" + table(facts, 4, columns);
    return text;
}

std::string describe(const model::PluginInfo& plugin, const std::string& check,
                     std::size_t columns) {
    const auto capabilities = plugin.capabilities.empty()
                                  ? std::string("HTTP through triage only")
                                  : fmt::format("{}", fmt::join(plugin.capabilities, ", "));
    std::string text =
        table({{fmt::format("{} {}: {}", plugin.id, plugin.version, plugin.doc)}}, 0, columns);
    text +=
        table({{"file", plugin.path}, {"ABI", plugin.abi}, {"needs", capabilities}}, 2, columns);
    for (const auto& info : plugin.checks) {
        if (check.empty() || info.name == check) text += "\n" + describe(info, plugin.id, columns);
    }
    return text;
}

int unknown(const std::string& name, const std::vector<std::string>& known,
            const std::string& searched) {
    print_error(
        {fmt::format("no plugin or check is called '{}'.{}", name, base::did_you_mean(name, known)),
         fmt::format("`triage plugins` lists them. Searched: {}", searched)});
    return model::exit_usage;
}

int show_one(Session& session, const std::string& name) {
    const auto dot = name.find('.');
    const auto id = name.substr(0, dot);
    const auto check = dot == std::string::npos ? std::string() : name.substr(dot + 1);
    session.open({id});
    const auto& catalog = session.catalog();
    if (const auto broken = catalog.broken.find(id); broken != catalog.broken.end()) {
        print_error({fmt::format("plugin '{}' cannot be used: {}", id, broken->second.message),
                     broken->second.remedy});
        return model::exit_unknown;
    }
    const auto plugin = catalog.plugins.find(id);
    if (plugin == catalog.plugins.end()) return unknown(name, catalog.known_ids, catalog.searched);
    if (!check.empty() && plugin->second.find(check) == nullptr) {
        std::vector<std::string> checks;
        for (const auto& info : plugin->second.checks)
            checks.push_back(id + "." + info.name);
        return unknown(name, checks, catalog.searched);
    }
    return print(base::printable(describe(plugin->second, check, output_columns())));
}

int list_all(Session& session) {
    session.open({});
    const auto& catalog = session.catalog();
    std::vector<Row> rows;
    for (const auto& [id, plugin] : catalog.plugins) {
        std::vector<std::string> checks;
        for (const auto& check : plugin.checks)
            checks.push_back(id + "." + check.name);
        rows.push_back({id, plugin.version,
                        fmt::format("{}. Checks: {}", plugin.doc, fmt::join(checks, ", "))});
    }
    for (const auto& [id, error] : catalog.broken) {
        print_error(
            {fmt::format("plugin '{}' cannot be used: {}", id, error.message), error.remedy});
    }
    const bool good = catalog.broken.empty() && !rows.empty();
    const auto text = rows.empty() ? fmt::format("no plugin found in {}\n", catalog.searched)
                                   : table(rows, 0, output_columns());
    return print(base::printable(text), good ? model::exit_ok : model::exit_unknown);
}

}  // namespace

int execute(const PluginsCommand& command, run::Start /*started*/) {
    Session session(command.plugins);
    return command.name.empty() ? list_all(session) : show_one(session, command.name);
}

}  // namespace triage::cli
