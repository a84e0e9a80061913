// triage explain: what a finding's code or a cause means, where it is known from, what to do.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"
#include "core/causes/causes.hpp"
#include "core/cli/commands.hpp"
#include "core/cli/diagnosis.hpp"
#include "core/cli/print.hpp"
#include "core/cli/session.hpp"
#include "core/cli/table.hpp"

namespace triage::cli {
namespace {

using diagnose::Rule;
using diagnose::Sign;

std::string listed(const std::vector<Sign>& signs) {
    std::string out;
    for (const auto& sign : signs)
        out += (out.empty() ? "" : ", ") + diagnose::to_string(sign);
    return out;
}

std::string listed(const std::vector<diagnose::Weighed>& signs) {
    std::string out;
    for (const auto& [sign, weight] : signs)
        out += fmt::format("{}{} ({})", out.empty() ? "" : ", ", diagnose::to_string(sign), weight);
    return out;
}

std::string describe(const Rule& rule, const diagnose::Rules& rules, std::size_t columns) {
    std::vector<std::string> led_by;
    for (const auto& other : rules)
        if (std::ranges::find(other.leads_to, rule.id) != other.leads_to.end())
            led_by.push_back(other.id);
    std::vector<Row> rows;
    const auto row = [&](std::string name, std::string value) {
        if (!value.empty()) rows.push_back({std::move(name), std::move(value)});
    };
    row("what to do", rule.fix.str());
    row("meanwhile", rule.isolate.str());
    row("to ask", rule.ask.str());
    row("proved by", listed(rule.proof));
    row("explains", listed(rule.explains));
    row("expects", listed(rule.expects));
    row("requires", listed(rule.required));
    row("ruled out by", listed(rule.refuted_by));
    row("only without", listed(rule.without));
    row("leads to", fmt::format("{}", fmt::join(rule.leads_to, ", ")));
    row("comes from", fmt::format("{}", fmt::join(led_by, ", ")));
    row("see", rule.doc.str());
    row("written in", rule.place);
    return fmt::format("{}: {}\n", rule.id, rule.title.str()) + table(rows, 2, columns);
}

bool is_sign_of(const Rule& rule, const std::string& code) {
    const auto has = [&](const Sign& sign) { return sign.code == code; };
    return std::ranges::any_of(rule.proof, has) ||
           std::ranges::any_of(rule.explains, has, &diagnose::Weighed::sign);
}

std::string describe(const model::CodeInfo& code, const std::vector<std::string>& uses,
                     const diagnose::Rules& rules, std::size_t columns) {
    std::vector<Row> causes;
    for (const auto& rule : rules)
        if (is_sign_of(rule, code.name)) causes.push_back({rule.id, rule.title.str()});
    const auto plugin = code.name.substr(0, code.name.find('.'));
    auto text = fmt::format("{} ({}): {}\n", code.name, model::name(code.weight), code.doc);
    text += table({{"what to do", code.remedy},
                   {"found by", fmt::format("{}", fmt::join(uses, ", "))},
                   {"see", fmt::format("triage plugins {}, plugins/{}/README.md", plugin, plugin)}},
                  2, columns);
    if (!causes.empty()) text += "  a sign of\n" + table(causes, 4, columns);
    return text;
}

// Of the checks that declare it, the first one's words.
std::optional<std::string> explain_code(const Session& session, const std::string& name,
                                        const diagnose::Rules& rules) {
    const model::CodeInfo* found = nullptr;
    std::vector<std::string> uses;
    for (const auto& [id, plugin] : session.catalog().plugins) {
        for (const auto& check : plugin.checks) {
            const auto code = std::ranges::find(check.codes, name, &model::CodeInfo::name);
            if (code == check.codes.end()) continue;
            if (found == nullptr) found = &*code;
            uses.push_back(fmt::format("{}.{}", id, check.name));
        }
    }
    if (found == nullptr) return std::nullopt;
    return describe(*found, uses, rules, output_columns());
}

std::vector<std::string> known_names(const Session& session, const diagnose::Rules& rules) {
    std::vector<std::string> out;
    for (const auto& rule : rules)
        out.push_back(rule.id);
    for (const auto& [use, codes] : declared_codes(session))
        out.insert(out.end(), codes.begin(), codes.end());
    return out;
}

}  // namespace

int execute(const ExplainCommand& command, run::Start /*started*/) {
    Session session(command.plugins);
    session.open({});
    const auto known = causes::load(cause_files(session, command.causes), session.redactor());
    print_diagnostics(known.diagnostics, session.redactor(), Color::automatic);
    std::string text;
    const auto rule = std::ranges::find(known.rules, command.name, &Rule::id);
    if (rule != known.rules.end()) text = describe(*rule, known.rules, output_columns());
    if (const auto code = explain_code(session, command.name, known.rules))
        text += (text.empty() ? "" : "\n") + *code;
    if (!text.empty()) return print(base::printable(text));
    print_error({fmt::format("no finding and no cause is called '{}'.{}", command.name,
                             base::did_you_mean(command.name, known_names(session, known.rules))),
                 "`triage causes` lists causes, `triage plugins NAME` a plugin's findings."});
    return model::exit_usage;
}

}  // namespace triage::cli
