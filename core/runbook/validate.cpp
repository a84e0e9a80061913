#include "core/runbook/validate.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "core/base/fingerprint.hpp"
#include "core/runbook/checks.hpp"
#include "core/runbook/combinations.hpp"
#include "core/runbook/durations.hpp"
#include "core/runbook/grants.hpp"
#include "core/runbook/links.hpp"
#include "core/runbook/merge.hpp"
#include "core/runbook/misfits.hpp"
#include "core/runbook/problems.hpp"
#include "core/runbook/reader.hpp"
#include "core/runbook/schemas.hpp"
#include "core/runbook/values.hpp"

namespace triage::runbook {
namespace {

constexpr std::array<std::string_view, 3> limit_keys{"parallel", "transfers", "per-target"};
constexpr std::int64_t max_parallel = 65536;

void read_limits(const Entries& entries, Limits& limits, Problems& problems) {
    Table table;
    for (const auto* entry : entries)
        table.push_back(*entry);
    const Reader reader(table, {}, "[limits]", limit_keys, problems);
    const auto read = [&](std::string_view key, unsigned& limit) {
        if (const auto value = reader.integer(key, 1, max_parallel))
            limit = static_cast<unsigned>(*value);
    };
    read("parallel", limits.parallel);
    read("transfers", limits.transfers);
    read("per-target", limits.per_target);
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\n") == text.npos; }

void read_head(const Merged& merged, Values& values, Runbook& runbook, Problems& problems) {
    if (merged.name != nullptr) {
        const auto& node = merged.name->node;
        const auto name = values.expand_original(node);
        const bool blank = name && is_blank(name->text);
        runbook.name = name && !blank ? name->text : text_of(node);
        if (blank) {
            report_misfit(Rule::missing_key, node.at, name->origin,
                          "'name' is empty: expected what the runbook is called", problems);
        }
    }
    if (merged.deadline != nullptr) {
        const auto deadline = read_duration(
            merged.deadline->node, "deadline",
            {std::chrono::milliseconds(1), std::chrono::hours(1), {}}, values, problems);
        if (deadline) {
            runbook.deadline = *deadline;
        } else if (deadline.error().why) {
            // It is of no check in particular: all of them would run with another one.
            problems.wrong(Rule::bad_duration, merged.deadline->at,
                           fmt::format("the deadline of the run cannot be known here: {}",
                                       deadline.error().why->message),
                           deadline.error().why->remedy);
        }
    }
    read_limits(merged.limits, runbook.limits, problems);
}

// What [allow] would have to grant for checks to do all that they should. They run without it.
void check_writes(const Checks& checks, const Runbook& runbook, Problems& problems) {
    for (std::size_t i = 0; i < runbook.checks.size(); ++i) {
        const auto& check = runbook.checks[i];
        if (checks.infos[i] == nullptr || check.unmet) continue;
        const auto allow = runbook.allow.find(check.plugin);
        const auto missing = missing_write(*checks.infos[i], check,
                                           allow == runbook.allow.end() ? nullptr : &allow->second);
        if (!missing) continue;
        problems.unmet(Rule::missing_grant, checks.links[i].at,
                       fmt::format("{}.{} will send {}, which [allow] does not grant", check.plugin,
                                   check.check, *missing),
                       fmt::format("Under [allow] this grants it: {} = {{ write = [\"{}\"] }}",
                                   check.plugin, rule_for(*missing)));
    }
}

}  // namespace

bool Validated::usable() const {
    return std::ranges::none_of(diagnostics,
                                [](const auto& found) { return found.kind == Kind::wrong; });
}

Validated validate(const Document& document, const Catalog& catalog, const Inputs& inputs) {
    Problems problems(document.sources);
    Validated result;
    auto& runbook = result.runbook;
    runbook.path = document.sources.empty() ? std::string() : document.sources[0].path;
    const auto merged = merge(document, problems);
    Values values(merged, inputs, problems);
    read_head(merged, values, runbook, problems);
    Schemas schemas(catalog);
    const auto checks = read_checks(merged, values, schemas, inputs.today, runbook, problems);
    link(checks, runbook, problems);
    runbook.allow = read_allow(merged, checks, values, problems);
    check_writes(checks, runbook, problems);
    runbook.secrets = values.secrets();
    runbook.settings = values.settings();
    std::string texts;
    for (const auto& source : document.sources)
        texts += source.text;
    runbook.fingerprint = base::fingerprint("", texts);
    for (auto& text : values.notices())
        runbook.notices.push_back({.text = std::move(text), .check = {}});
    result.diagnostics = problems.take();
    return result;
}

}  // namespace triage::runbook
