#include "core/plan/plan.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"

namespace triage::plan {
namespace {

using Ids = std::unordered_map<std::string, std::vector<std::size_t>>;

bool refers_to_others(const runbook::Check& check) {
    const auto holds_fact = [](const auto& item) {
        const auto* text = std::get_if<model::Template>(&item.value.value);
        return text != nullptr && std::ranges::any_of(text->parts, [](const auto& part) {
                   return std::holds_alternative<model::FactRef>(part);
               });
    };
    return !check.needs.empty() || check.when ||
           std::ranges::any_of(check.arguments, [&](const auto& argument) {
               return std::ranges::any_of(argument.items, holds_fact);
           });
}

// A check goes by its id, and all instances of a for-each by its base id. Empty if nothing asks.
Ids index_ids(const runbook::Runbook& runbook, const Selection& selection) {
    Ids ids;
    if (selection.only.empty() && std::ranges::none_of(runbook.checks, refers_to_others))
        return ids;
    for (std::size_t i = 0; i < runbook.checks.size(); ++i) {
        const auto& check = runbook.checks[i];
        ids[check.id].push_back(i);
        if (check.base_id != check.id) ids[check.base_id].push_back(i);
    }
    return ids;
}

void add(std::vector<std::size_t>& list, const Ids& ids, const std::string& id) {
    const auto found = ids.find(id);
    if (found == ids.end()) return;  // validated; an unknown name cannot reach this
    list.insert(list.end(), found->second.begin(), found->second.end());
}

void sort_unique(std::vector<std::size_t>& list) {
    std::ranges::sort(list);
    const auto rest = std::ranges::unique(list);
    list.erase(rest.begin(), rest.end());
}

// Grants of checks, those of the same parameters made once.
class GrantTable {
public:
    explicit GrantTable(const runbook::Runbook& runbook)
        : allow_(runbook.allow), urls_(runbook.urls) {}

    void fill(Node& node, const runbook::Check& check) {
        std::string key = check.plugin;
        bool fixed = true;
        const auto parameters = granting_parameters(check);
        for (const auto& parameter : parameters) {
            key += static_cast<char>('0' + std::to_underlying(parameter.type));
            key += parameter.is_fixed ? '=' : '$';  // "${…}" may be a reference or just text
            key.append(parameter.text).append(1, '\0');
            fixed = fixed && parameter.is_fixed;
        }
        auto& known = known_[key];
        if (!known.grants) {
            auto named = grants_for(parameters, nullptr, urls_);
            known.target = !named.origins.empty() ? named.origins.front()
                           : !named.net.empty()   ? named.net.front()
                                                  : std::string();
            const auto allow = allow_.find(check.plugin);
            known.grants = std::make_shared<const Grants>(
                allow == allow_.end() ? std::move(named)
                                      : grants_for(parameters, &allow->second, urls_));
        }
        node.target = known.target;
        if (fixed) node.grants = known.grants;
    }

private:
    struct Known {
        std::shared_ptr<const Grants> grants;
        std::string target;
    };

    const std::map<std::string, runbook::Allow>& allow_;
    const runbook::ReadUrls& urls_;
    std::unordered_map<std::string, Known> known_;
};

Node make_node(const runbook::Check& check, const Ids& ids) {
    Node node;
    for (const auto& id : check.needs)
        add(node.needs, ids, id);
    if (check.when) add(node.after, ids, check.when->check);
    for (const auto& argument : check.arguments) {
        for (const auto& item : argument.items) {
            const auto* text = std::get_if<model::Template>(&item.value.value);
            if (text == nullptr) continue;
            for (const auto& part : text->parts) {
                if (const auto* fact = std::get_if<model::FactRef>(&part))
                    add(node.after, ids, fact->check);
            }
        }
    }
    sort_unique(node.needs);
    sort_unique(node.after);
    return node;
}

// Kahn's algorithm: sets depths; false if a cycle keeps some nodes from ever being ready.
bool set_depths(std::vector<Node>& nodes) {
    std::vector<std::vector<std::size_t>> followers(nodes.size());
    std::vector<std::size_t> waits(nodes.size(), 0);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        for (const auto* list : {&nodes[i].needs, &nodes[i].after}) {
            for (const auto j : *list)
                followers[j].push_back(i);
            waits[i] += list->size();
        }
    }
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (waits[i] == 0) ready.push_back(i);
    }
    for (std::size_t next = 0; next < ready.size(); ++next) {
        for (const auto j : followers[ready[next]]) {
            nodes[j].depth = std::max(nodes[j].depth, nodes[ready[next]].depth + 1);
            if (--waits[j] == 0) ready.push_back(j);
        }
    }
    return ready.size() == nodes.size();
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
    return std::ranges::find(list, item) != list.end();
}

bool has_any(const std::vector<std::string>& tags, const std::vector<std::string>& wanted) {
    return std::ranges::any_of(wanted, [&](const auto& tag) { return contains(tags, tag); });
}

// Every name that --only accepts must exist: a misspelt one would silently select nothing.
base::Result<void> check_names(const runbook::Runbook& runbook, const Ids& ids,
                               const std::vector<std::string>& only) {
    for (const auto& wanted : only) {
        const bool is_step =
            std::ranges::any_of(runbook.steps, [&](const auto& step) { return step.id == wanted; });
        if (is_step || ids.contains(wanted)) continue;
        std::vector<std::string> known;
        for (const auto& step : runbook.steps)
            known.push_back(step.id);
        for (const auto& check : runbook.checks)
            known.push_back(check.base_id);
        return base::fail(fmt::format("no check or step is called '{}'.{}", wanted,
                                      base::did_you_mean(wanted, known)),
                          "`triage plan` lists the ids of this runbook.");
    }
    return {};
}

// The same of tags.
base::Result<void> check_tags(const runbook::Runbook& runbook, const Selection& selection) {
    std::set<std::string> tags;
    if (selection.tags.empty() && selection.skip_tags.empty()) return {};
    for (const auto& check : runbook.checks)
        tags.insert(check.tags.begin(), check.tags.end());
    const std::vector<std::string> known(tags.begin(), tags.end());
    for (const auto* wanted : {&selection.tags, &selection.skip_tags}) {
        for (const auto& tag : *wanted) {
            if (tags.contains(tag)) continue;
            return base::fail(
                fmt::format("no check has the tag '{}'.{}", tag, base::did_you_mean(tag, known)),
                known.empty() ? "This runbook has no tags."
                              : fmt::format("This runbook has: {}.", fmt::join(known, ", ")));
        }
    }
    return {};
}

bool chosen(const runbook::Runbook& runbook, const runbook::Check& check,
            const Selection& selection) {
    if (!selection.only.empty()) {
        const auto& step = runbook.steps[check.step].id;
        if (!contains(selection.only, check.id) && !contains(selection.only, check.base_id) &&
            !contains(selection.only, step)) {
            return false;
        }
    }
    return selection.tags.empty() || has_any(check.tags, selection.tags);
}

bool is_deep(const runbook::Check& check, const Plugins& plugins) {
    const auto plugin = plugins.find(check.plugin);
    const auto* info = plugin == plugins.end() ? nullptr : plugin->second.find(check.check);
    return info != nullptr && info->deep;
}

// Marks what was not selected. What a selected check needs comes along.
void select(const runbook::Runbook& runbook, const Plugins& plugins, const Selection& selection,
            Plan& plan) {
    std::vector<bool> wanted(plan.nodes.size(), false);
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        if (chosen(runbook, runbook.checks[i], selection)) open.push_back(i);
    }
    while (!open.empty()) {
        const auto i = open.back();
        open.pop_back();
        if (wanted[i]) continue;
        wanted[i] = true;
        for (const auto* list : {&plan.nodes[i].needs, &plan.nodes[i].after}) {
            open.insert(open.end(), list->begin(), list->end());
        }
    }
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
        if (!wanted[i]) {
            plan.nodes[i].skipped =
                selection.only.empty() ? "not selected by --tag" : "not selected by --only";
        } else if (has_any(runbook.checks[i].tags, selection.skip_tags)) {
            plan.nodes[i].skipped = "left out by --skip-tag";
        } else if (!selection.deep && is_deep(runbook.checks[i], plugins)) {
            plan.nodes[i].skipped = "costly: runs only with --deep";
        } else {
            ++plan.selected;
        }
    }
}

}  // namespace

base::Result<Plan> make_plan(const runbook::Runbook& runbook, const Plugins& plugins,
                             const Selection& selection) {
    const Ids ids = index_ids(runbook, selection);
    if (auto names = check_names(runbook, ids, selection.only); !names) {
        return std::unexpected(names.error());
    }
    if (auto tags = check_tags(runbook, selection); !tags) return std::unexpected(tags.error());
    Plan plan;
    plan.nodes.reserve(runbook.checks.size());
    GrantTable grants(runbook);
    for (const auto& check : runbook.checks) {
        plan.nodes.push_back(make_node(check, ids));
        grants.fill(plan.nodes.back(), check);
    }
    if (!set_depths(plan.nodes)) {
        return base::fail("the checks wait for each other in a circle",
                          "`triage validate` shows it.");
    }
    select(runbook, plugins, selection, plan);
    return plan;
}

}  // namespace triage::plan
