// triage plan: what would run, in which order, with which permissions and targets. Touches nothing.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"
#include "core/cli/commands.hpp"
#include "core/cli/print.hpp"
#include "core/cli/session.hpp"
#include "core/cli/table.hpp"
#include "core/plan/grants.hpp"
#include "core/plan/targets.hpp"
#include "core/run/shown_ids.hpp"
#include "core/runbook/parse.hpp"

namespace triage::cli {
namespace {

// What is laid out has no secrets any more: a column is as wide as what it shows.
struct View {
    const runbook::Runbook& runbook;
    const plan::Plan& plan;
    const redact::Redactor& redactor;
    std::size_t columns;
    std::vector<std::string> ids;  // of the checks, as a report shows them

    std::string table(std::vector<Row> rows) const {
        for (auto& row : rows) {
            for (auto& cell : row)
                cell = redactor.redact(cell).str();
        }
        return cli::table(rows, 2, columns);
    }
};

View view_of(const runbook::Runbook& runbook, const plan::Plan& plan,
             const redact::Redactor& redactor) {
    View view{.runbook = runbook,
              .plan = plan,
              .redactor = redactor,
              .columns = output_columns(),
              .ids = {}};
    run::ShownIds shown(redactor);
    for (const auto& check : runbook.checks)
        view.ids.push_back(shown.of(check.id).str());
    return view;
}

std::string waits_for(const View& view, const plan::Node& node) {
    std::vector<std::string> texts;
    for (const auto i : node.needs)
        texts.push_back("needs " + view.ids[i]);
    for (const auto i : node.after)
        texts.push_back("uses facts of " + view.ids[i]);
    return fmt::format("{}", fmt::join(texts, ", "));
}

// Names of the secrets that a check uses.
std::set<std::string> secrets_of(const runbook::Check& check) {
    std::set<std::string> names;
    for (const auto& argument : check.arguments) {
        for (const auto& item : argument.items) {
            const auto* text = std::get_if<model::Template>(&item.value.value);
            if (text == nullptr) continue;
            for (const auto& part : text->parts) {
                if (const auto* ref = std::get_if<model::SecretRef>(&part)) names.insert(ref->name);
            }
        }
    }
    return names;
}

// Where a secret is held back although the check looks there: it would be an error, or be refused
// as not signed in.
void add_held_back(const runbook::Check& check, const runbook::Runbook& runbook,
                   std::vector<std::string>& parts) {
    const auto origins = plan::grants_for(plan::granting_parameters(check), nullptr).origins;
    for (const auto& name : secrets_of(check)) {
        const auto secret = std::ranges::find(runbook.secrets, name, &runbook::Secret::name);
        if (secret == runbook.secrets.end() || secret->send_to.empty()) continue;
        for (const auto& origin : std::set<std::string>(origins.begin(), origins.end())) {
            if (std::ranges::find(secret->send_to, origin) != secret->send_to.end()) continue;
            parts.push_back(fmt::format("the secret '{}' may not go to {}: send-to leaves it out",
                                        name, origin));
        }
    }
}

std::string details(const View& view, std::size_t i) {
    const auto& check = view.runbook.checks[i];
    const auto& node = view.plan.nodes[i];
    std::vector<std::string> parts;
    if (node.skipped) return "skipped: " + *node.skipped;
    if (check.unmet) return "error: " + check.unmet->message;
    if (const auto targets = plan::targets(check); !targets.empty())
        parts.push_back(fmt::format("→ {}", fmt::join(targets, ", ")));
    add_held_back(check, view.runbook, parts);
    if (const auto text = waits_for(view, node); !text.empty()) parts.push_back(text);
    if (check.vantage != "host") parts.push_back("from " + check.vantage);
    const bool several = check.attempts.count > 1;
    if (several) {
        parts.push_back(fmt::format("up to {} attempts, {} must pass", check.attempts.count,
                                    check.attempts.pass));
    }
    parts.push_back(
        fmt::format("at most {}{}", base::format_duration(check.timeout), several ? " each" : ""));
    return fmt::format("{}", fmt::join(parts, "; "));
}

// Waves: everything in one can run at the same time.
std::string order(const View& view) {
    std::map<std::size_t, std::vector<Row>> waves;
    for (std::size_t i = 0; i < view.plan.nodes.size(); ++i) {
        const auto& check = view.runbook.checks[i];
        waves[view.plan.nodes[i].depth].push_back(
            {view.ids[i], check.plugin + "." + check.check, details(view, i)});
    }
    std::string text;
    for (const auto& [depth, rows] : waves) {
        text += depth == 0
                    ? "\nAt once\n"
                    : fmt::format("\nThen, as soon as what they wait for is done ({})\n", depth);
        text += view.table(rows);
    }
    return text;
}

std::string permissions(const View& view) {
    std::set<Row> rows;
    const auto add = [&](const std::string& plugin, const char* what, const auto& list,
                         const char* source) {
        for (const auto& item : list)
            rows.insert({plugin, what, item + source});
    };
    for (std::size_t i = 0; i < view.runbook.checks.size(); ++i) {
        const auto& check = view.runbook.checks[i];
        if (view.plan.nodes[i].skipped || check.unmet) continue;
        const auto named = plan::grants_for(plan::granting_parameters(check), nullptr);
        add(check.plugin, "GET, HEAD, OPTIONS", named.origins, "");
        add(check.plugin, "connect", named.net, "");
        add(check.plugin, "read", named.read, "");
    }
    for (const auto& [plugin, allow] : view.runbook.allow) {
        add(plugin, "GET, HEAD, OPTIONS", allow.http, "  (allow)");
        add(plugin, "write", allow.write, "  (allow)");
        add(plugin, "unix socket", allow.unix_sockets, "  (allow)");
        add(plugin, "connect", allow.net, "  (allow)");
        add(plugin, "read", allow.read, "  (allow)");
        add(plugin, "see the secret", allow.reveal, "  (allow)");
        if (allow.exec) rows.insert({plugin, "run programs", "(allow)"});
    }
    if (rows.empty()) return {};
    return "\nPermissions\n" + view.table({rows.begin(), rows.end()});
}

std::string secrets(const View& view) {
    std::vector<Row> rows;
    for (const auto& secret : view.runbook.secrets) {
        const auto where = secret.send_to.empty()
                               ? std::string("the URLs of the checks that use it")
                               : fmt::format("{}", fmt::join(secret.send_to, ", "));
        rows.push_back(
            {secret.name, secret.value ? "from " + secret.source : "not set", "goes to " + where});
    }
    return rows.empty() ? std::string() : "\nSecrets\n" + view.table(rows);
}

std::string manual_items(const View& view) {
    std::vector<Row> rows;
    for (const auto& item : view.runbook.manuals)
        rows.push_back({item.id, item.ask});
    return rows.empty() ? std::string() : "\nBy hand\n" + view.table(rows);
}

std::string headline(const runbook::Runbook& runbook, const plan::Plan& plan) {
    std::size_t cannot = 0;
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        if (!plan.nodes[i].skipped && runbook.checks[i].unmet) ++cannot;
    }
    return fmt::format("{}: {} of {} checks would run{}, {} by hand; ends after {} at the latest",
                       runbook.name, plan.selected - cannot, runbook.checks.size(),
                       cannot == 0 ? std::string() : fmt::format(", {} cannot", cannot),
                       runbook.manuals.size(), base::format_duration(runbook.deadline));
}

}  // namespace

int execute(const PlanCommand& command, run::Start /*started*/) {
    if (missing_default(command.runbook, "plan")) return model::exit_usage;
    Session session(command.plugins);
    const auto document = runbook::load(command.runbook.path);
    if (!document) {
        print_diagnostics(document.error(), session.redactor(), command.color);
        return model::exit_usage;
    }
    session.open(runbook::plugins_used(*document));
    const auto validated =
        runbook::validate(*document, session.catalog(), process_inputs(command.runbook));
    hand_secrets_to(session.redactor(), validated.runbook);
    print_diagnostics(validated.diagnostics, session.redactor(), command.color);
    if (!validated.usable()) return model::exit_usage;
    const auto& runbook = validated.runbook;
    const auto plan = plan::make_plan(runbook, session.plugins().loaded(), command.selection);
    if (!plan) {
        print_error(plan.error());
        return model::exit_usage;
    }
    const auto view = view_of(runbook, *plan, session.redactor());
    const auto first = session.redactor().redact(headline(runbook, *plan)).str();
    return print(table({{first}}, 0, output_columns()) + order(view) + permissions(view) +
                 secrets(view) + manual_items(view));
}

}  // namespace triage::cli
