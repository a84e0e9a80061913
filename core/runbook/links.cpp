#include "core/runbook/links.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"
#include "core/runbook/graph.hpp"
#include "core/runbook/misfits.hpp"
#include "core/runbook/reader.hpp"

namespace triage::runbook {
namespace {

// A check that is for-each over 1,000 values and needs another one of that kind has a million.
constexpr std::size_t max_edges = 1'000'000;

std::string_view verb(EdgeKind kind) {
    switch (kind) {
        case EdgeKind::needs:
            return "needs";
        case EdgeKind::fact:
            return "uses a fact of";
        case EdgeKind::when:
            return "has a condition on";
    }
    return "";
}

class Linker {
public:
    Linker(const Checks& checks, Runbook& runbook, Problems& problems)
        : checks_(checks),
          links_(checks.links),
          infos_(checks.infos),
          runbook_(runbook),
          problems_(problems) {
        graph_.resize(runbook_.checks.size());
    }

    void link() {
        for (std::size_t i = 0; i < runbook_.checks.size(); ++i) {
            current_ = i;
            lost_ = false;
            link_needs(i);
            link_when(i);
            link_facts(i);
            if (!lost_) continue;
            // It names an instance that is not there, and cannot run.
            runbook_.checks[i].when.reset();
            runbook_.checks[i].arguments = {};
        }
        for (const auto& cycle : find_cycles(graph_))
            report(cycle);
    }

private:
    void link_needs(std::size_t i) {
        if (links_[i].needs.empty()) return;
        std::vector<std::size_t> found;
        for (const auto* node : links_[i].needs) {
            const auto* instances = find(text_of(*node), {node->at});
            if (instances == nullptr) continue;
            edges_ += instances->size();
            if (edges_ > max_edges) {
                problems_.wrong(Rule::out_of_bounds, node->at,
                                fmt::format("more than {} dependencies between checks", max_edges));
                return;
            }
            for (const auto other : *instances) {
                found.push_back(other);
                graph_[i].push_back({i, other, EdgeKind::needs, node->at});
            }
        }
        std::ranges::sort(found);
        const auto rest = std::ranges::unique(found);
        found.erase(rest.begin(), rest.end());
        for (const auto other : found)
            runbook_.checks[i].needs.push_back(runbook_.checks[other].id);
    }

    void link_when(std::size_t i) {
        auto& when = runbook_.checks[i].when;
        if (!when) return;
        const auto& links = links_[i];
        const auto other = find_one(when->check, {links.when_check});
        if (!other) return;
        graph_[i].push_back({i, *other, EdgeKind::when, links.when_check});
        check_fact(*other, when->fact, {links.when_fact});
        when->check = runbook_.checks[*other].id;
    }

    void link_facts(std::size_t i) {
        if (links_[i].facts.empty()) return;
        auto& arguments = runbook_.checks[i].arguments;
        std::size_t next = 0;  // of links.facts
        for (std::size_t k = 0; k < arguments.size(); ++k) {
            auto linked = arguments[k];
            const auto before = next;
            for (auto& item : linked.items) {
                auto* text = std::get_if<model::Template>(&item.value.value);
                if (text == nullptr) continue;
                for (auto& part : text->parts) {
                    if (auto* fact = std::get_if<model::FactRef>(&part))
                        link_fact(i, *fact, links_[i].facts[next++]);
                }
            }
            if (next > before) arguments.replace(k, std::move(linked));
        }
    }

    void link_fact(std::size_t i, model::FactRef& fact, Position at) {
        const Place place{at, &fact};
        const auto other = find_one(fact.check, place);
        if (!other) return;
        graph_[i].push_back({i, *other, EdgeKind::fact, at});
        check_fact(*other, fact.key, place);
        fact.check = runbook_.checks[*other].id;
    }

    // Where a name stands; in a string with a reference to a fact it is worth a search, but only
    // if there is something to say.
    struct Place {
        Position at;
        const model::FactRef* fact = nullptr;
    };

    Position exact(const Place& place) const {
        if (place.fact == nullptr) return place.at;
        return problems_.find_in_line(
            place.at, fmt::format("${{fact.{}.{}}}", place.fact->check, place.fact->key));
    }

    const std::vector<std::size_t>* find(const std::string& id, const Place& place) {
        if (ids_.empty()) index_ids();
        const auto found = ids_.find(id);
        if (found != ids_.end()) return &found->second;
        const auto base = std::string_view(id).substr(0, id.find('['));
        if (checks_.open_ids.contains(base)) {
            const auto stands_for_it = ids_.find(std::string(base));
            return stands_for_it == ids_.end() ? nullptr : &stands_for_it->second;
        }
        if (!checks_.all_ids_known || checks_.bad_ids.contains(base)) return nullptr;
        if (const auto list = checks_.outside_ids.find(base); list != checks_.outside_ids.end()) {
            report_lost(id, place, list->second);
            return nullptr;
        }
        const auto hint = problems_.hint(id, [&] { return known_ids(id.contains('[')); });
        problems_.wrong(Rule::unknown_id, exact(place),
                        fmt::format("no check is called '{}'.{}", id, hint),
                        "Ids of checks are meant here, not those of steps or manual items.");
        return nullptr;
    }

    // The values of the for-each are from outside: without this one here.
    void report_lost(const std::string& id, const Place& place, const Origin& origin) {
        auto absent = report_misfit(
            Rule::unknown_id, exact(place), origin,
            fmt::format(
                "no check is called '{}': the values of its for-each come from outside ({})", id,
                origin.name),
            problems_);
        lost_ = true;
        auto& unmet = runbook_.checks[current_].unmet;
        if (!unmet) unmet = std::move(absent.why);
    }

    // Not before a check refers to another one: in a large runbook few do.
    void index_ids() {
        for (std::size_t i = 0; i < runbook_.checks.size(); ++i) {
            const auto& check = runbook_.checks[i];
            ids_[check.id].push_back(i);
            if (check.base_id != check.id) ids_[check.base_id].push_back(i);
        }
    }

    std::vector<std::string> known_ids(bool instances) const {
        std::vector<std::string> known;
        for (const auto& check : runbook_.checks) {
            known.push_back(check.base_id);
            if (instances) known.push_back(check.id);
        }
        return known;
    }

    std::optional<std::size_t> find_one(const std::string& id, const Place& place) {
        const auto* instances = find(id, place);
        if (instances == nullptr) return std::nullopt;
        if (instances->size() == 1) return instances->front();
        problems_.wrong(Rule::ambiguous_id, exact(place),
                        fmt::format("'{}' stands for {} checks (for-each); expected one of them, "
                                    "such as '{}'",
                                    id, instances->size(), runbook_.checks[instances->front()].id));
        return std::nullopt;
    }

    void check_fact(std::size_t i, const std::string& key, const Place& place) {
        if (infos_[i] == nullptr) return;  // the plugin is not there: nobody knows
        const auto& facts = infos_[i]->facts;
        if (std::ranges::find(facts, key, &model::FactInfo::name) != facts.end()) return;
        std::vector<std::string> known;
        known.reserve(facts.size());
        for (const auto& fact : facts)
            known.push_back(fact.name);
        const auto& check = runbook_.checks[i];
        problems_.wrong(Rule::unknown_fact, exact(place),
                        fmt::format("{} ({}.{}) has no fact '{}'.{}", check.id, check.plugin,
                                    check.check, key, base::did_you_mean(key, known)),
                        known.empty() ? "It has no facts."
                                      : fmt::format("It has: {}.", fmt::join(known, ", ")));
    }

    // By base ids: all instances of a for-each wait in the same circle.
    void report(std::vector<Edge> cycle) {
        const auto id = [&](std::size_t i) -> const std::string& {
            return runbook_.checks[i].base_id;
        };
        const auto first = std::ranges::min_element(cycle, {}, [](const Edge& edge) {
            return std::tuple(edge.at.source, edge.at.line, edge.at.column);
        });
        std::ranges::rotate(cycle, first);
        std::string path = id(cycle.front().from);
        std::string reasons;
        for (const auto& edge : cycle) {
            path += " → " + id(edge.to);
            reasons += fmt::format("{}{} {} {} ({})", reasons.empty() ? "" : "; ", id(edge.from),
                                   verb(edge.kind), id(edge.to), problems_.place(edge.at));
        }
        problems_.wrong(Rule::cycle, cycle.front().at,
                        fmt::format("checks wait for each other in a circle: {}", path),
                        fmt::format("{}. Remove one of these.", reasons));
    }

    const Checks& checks_;
    const std::vector<Links>& links_;
    const std::vector<const model::CheckInfo*>& infos_;
    Runbook& runbook_;
    Problems& problems_;
    std::unordered_map<std::string, std::vector<std::size_t>> ids_;
    Graph graph_;
    std::size_t edges_ = 0;
    std::size_t current_ = 0;  // the check that is being linked
    bool lost_ = false;        // it names an instance that is missing here
};

}  // namespace

void link(const Checks& checks, Runbook& runbook, Problems& problems) {
    Linker(checks, runbook, problems).link();
}

}  // namespace triage::runbook
