#include "core/diagnose/impact.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace triage::diagnose {
namespace {

using model::CheckResult;
using model::Scope;
using model::State;
using model::Verdict;

constexpr std::array<std::string_view, 9> usual{"ui",     "api",     "auth",   "database", "cache",
                                                "worker", "gateway", "backup", "host"};

// Other names for them that checks use as their layer.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> aliases{{
    {"db", "database"},
    {"schema", "database"},
    {"redis", "cache"},
    {"queue", "worker"},
    {"backups", "backup"},
}};

struct Part {
    std::string name;
    std::vector<const CheckResult*> results;
};

std::vector<Part> parts_of(const model::Run& run, const std::vector<Ranked>& chosen) {
    std::vector<Part> parts;
    for (const auto name : usual)
        parts.push_back({std::string(name), {}});
    const auto part = [&](const std::string& name) -> Part& {
        const auto known = std::ranges::find(parts, name, &Part::name);
        return known != parts.end() ? *known : parts.emplace_back(name);
    };
    for (const auto& result : run.results) {
        const auto name = component_of_layer(result.layer);
        if (!name.empty()) part(name).results.push_back(&result);
    }
    for (const auto& one : chosen)
        for (const auto& [name, state] : one.rule->impact)
            part(name);
    return parts;
}

// The worst of what its checks say.
const model::Text& worst_of(const CheckResult& result, model::Weight weight) {
    const auto found = std::ranges::find(result.findings, weight, &model::Finding::weight);
    return found == result.findings.end() ? result.summary : found->message;
}

model::Impact by_checks(const Part& part) {
    model::Impact out{.component = part.name, .state = State::unknown, .why = {}, .doubt = {}};
    const auto with = [&](auto... verdicts) {
        std::vector<const CheckResult*> some;
        for (const auto* result : part.results)
            if (((result->verdict == verdicts) || ...)) some.push_back(result);
        return some;
    };
    const auto failed = with(Verdict::fail), warned = with(Verdict::warn);
    const auto passed = with(Verdict::pass), unseen = with(Verdict::error, Verdict::blocked);
    if (!failed.empty()) {
        out.state = passed.empty() && warned.empty() ? State::down : State::degraded;
        out.why = worst_of(*failed.front(), model::Weight::fail);
    } else if (!passed.empty() || !warned.empty()) {
        out.state = State::up;
        if (!unseen.empty()) out.why = unseen.front()->summary;
        if (!warned.empty()) out.why = worst_of(*warned.front(), model::Weight::warn);
    } else if (!unseen.empty()) {
        out.why = unseen.front()->summary;
    } else {
        out.why = part.results.empty() ? model::Text("no check looks at it")
                                       : part.results.front()->summary;
    }
    return out;
}

bool is_worse(State state, State than) {
    const auto rank = [](State one) {
        return one == State::down ? 3 : one == State::degraded ? 2 : one == State::unknown ? 1 : 0;
    };
    return rank(state) > rank(than);
}

// The same check from elsewhere has another verdict.
std::vector<model::Text> bad_vantages(const model::Run& run) {
    std::map<std::pair<std::string, std::string>, std::vector<const CheckResult*>> alike;
    for (const auto& result : run.results)
        for (const auto& finding : result.findings)
            if (finding.weight == model::Weight::fail)
                alike[{result.use, finding.subject.str()}].push_back(&result);
    std::vector<model::Text> out;
    for (const auto& [key, failing] : alike) {
        const bool elsewhere_fine = std::ranges::any_of(run.results, [&](const auto& result) {
            return result.use == key.first && result.verdict == Verdict::pass &&
                   result.title == failing.front()->title && !result.title.empty() &&
                   result.vantage != failing.front()->vantage;
        });
        if (elsewhere_fine && std::ranges::find(out, failing.front()->vantage) == out.end())
            out.push_back(failing.front()->vantage);
    }
    return out;
}

}  // namespace

std::string component_of_layer(std::string_view layer) {
    if (layer == "logs" || layer == "deploy" || layer.empty()) return {};
    const auto* const alias =
        std::ranges::find(aliases, layer, &decltype(aliases)::value_type::first);
    return std::string(alias == aliases.end() ? layer : alias->second);
}

std::vector<model::Impact> impact(const model::Run& run, const std::vector<Ranked>& chosen) {
    std::vector<model::Impact> out;
    for (const auto& part : parts_of(run, chosen)) {
        auto one = by_checks(part);
        for (const auto& cause : chosen) {
            const auto says = cause.rule->impact.find(part.name);
            if (says == cause.rule->impact.end() || !is_worse(says->second, one.state)) continue;
            if (cause.certainty == model::Certainty::possible) {
                const bool seems_well = one.state == State::up || one.state == State::unknown;
                if (seems_well && one.doubt.empty()) one.doubt = cause.rule->title;
                continue;
            }
            one.state = says->second;
            one.why = cause.rule->title;
            one.doubt = {};
        }
        out.push_back(std::move(one));
    }
    return out;
}

Reach reach_of(const model::Run& run, const std::vector<Ranked>& chosen, const Evidence& evidence) {
    for (const auto& cause : chosen)
        if (cause.rule->scope == Scope::all) return {Scope::all, {}};
    Reach out{chosen.empty() ? Scope::unknown : chosen.front().rule->scope, {}};
    for (const auto& cause : chosen) {
        // Of one nothing is known, or they meet others: then nothing can be said of all together.
        if (cause.rule->scope != out.scope) return {};
        for (const auto number : cause.supporting) {
            const auto& finding = evidence.finding(number);
            const bool is_file = finding.subject.str().starts_with('/');  // a log, not who meets it
            if (!is_file && std::ranges::find(out.affected, finding.subject) == out.affected.end())
                out.affected.push_back(finding.subject);
        }
    }
    if (out.scope != Scope::unknown) return out;
    if (auto vantages = bad_vantages(run); !vantages.empty())
        return {Scope::vantage, std::move(vantages)};
    return {};
}

}  // namespace triage::diagnose
