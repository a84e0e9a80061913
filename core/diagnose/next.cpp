#include "core/diagnose/next.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace triage::diagnose {
namespace {

using model::Next;

// For a POSIX shell.
std::string quoted(std::string_view text) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@+";
    if (!text.empty() && text.find_first_not_of(plain) == text.npos) return std::string(text);
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::set<Sign> telling_signs(const Rule& rule) {
    std::set<Sign> out(rule.proof.begin(), rule.proof.end());
    out.insert(rule.expects.begin(), rule.expects.end());
    out.insert(rule.required.begin(), rule.required.end());
    return out;
}

// Signs that nobody looked for, and of which not all of these causes have the same.
std::set<Sign> open_differences(const std::vector<const Rule*>& rivals, const Evidence& evidence) {
    std::map<Sign, std::size_t> having;
    for (const auto* rule : rivals)
        for (const auto& sign : telling_signs(*rule))
            ++having[sign];
    std::set<Sign> out;
    for (const auto& [sign, number] : having) {
        const bool differs = rivals.size() == 1 || number < rivals.size();
        if (differs && evidence.of(sign) == Presence::unknown) out.insert(sign);
    }
    return out;
}

bool finds(const Declared& declared, const std::string& use, const std::string& code) {
    const auto check = declared.find(use);
    return check != declared.end() && std::ranges::find(check->second, code) != check->second.end();
}

// A check of the runbook that can see the sign and has not looked; its own layer counts.
const model::CheckResult* check_for(const model::Run& run, const Declared& declared,
                                    const Sign& sign) {
    const auto can = [&](const model::CheckResult& result) {
        return finds(declared, result.use, sign.code) &&
               (sign.layer.empty() || sign.layer == result.layer) &&
               result.verdict != model::Verdict::blocked;
    };
    const auto found = std::ranges::find_if(run.results, can);
    return found == run.results.end() ? nullptr : &*found;
}

// The same run, as a command.
std::string again(const model::Run& run) {
    auto out = "triage run " + quoted(run.path.str());
    for (const auto& argument : run.arguments)
        out += " " + quoted(argument.str());
    return out;
}

std::optional<Next> telling(const model::Run& run, const std::vector<const Rule*>& rivals,
                            const Declared& declared, const Evidence& evidence) {
    Next next;
    for (const auto* rule : rivals)
        next.tells.push_back(rule->id);
    const auto signs = open_differences(rivals, evidence);
    for (const auto& sign : signs) {
        const auto* check = check_for(run, declared, sign);
        if (check == nullptr) continue;
        next.what = check->title.empty() ? check->id : check->title;
        next.command = again(run) + " --only " + quoted(check->id.str());
        return next;
    }
    for (const auto& sign : signs) {
        for (const auto& [use, codes] : declared) {
            if (!finds(declared, use, sign.code)) continue;
            next.what = model::Text("a check that this runbook does not have");
            next.command = fmt::format("triage plugins {}", use);
            return next;
        }
    }
    for (const auto* rule : rivals) {
        if (rule->ask.empty()) continue;
        next.kind = Next::Kind::question;
        next.what = rule->ask;
        return next;
    }
    return std::nullopt;
}

bool knows_schema(const model::Run& run) {
    return std::ranges::any_of(run.results, [](const model::CheckResult& result) {
        return std::ranges::any_of(result.facts, [](const model::Fact& fact) {
            return std::string_view(fact.key).ends_with("revision");
        });
    });
}

// What of the schema speaks for or against an older version.
model::Text about_schema(const model::Run& run, const model::Changes& changes) {
    const auto migration =
        std::ranges::find(changes.list, model::Change::Kind::migration, &model::Change::kind);
    if (migration != changes.list.end()) {
        return model::Text("But the database was migrated since, from ") + migration->before +
               model::Text(" to ") + migration->after +
               model::Text(": does the older version know that schema?");
    }
    return knows_schema(run)
               ? model::Text("The database's schema is as it was then.")
               : model::Text("Whether the database was migrated since is not known: look first.");
}

std::optional<Next> roll_back(const model::Run& run, const model::Changes& changes,
                              const Ranking& ranking) {
    const auto deploy = std::ranges::find_if(changes.list, [](const model::Change& change) {
        return change.kind == model::Change::Kind::deploy &&
               change.timing != model::Change::Timing::after;
    });
    if (deploy == changes.list.end()) return std::nullopt;
    const bool helps = ranking.chosen.empty() ? !ranking.unexplained.empty()
                                              : ranking.chosen.front().rule->roll_back;
    if (!helps) return std::nullopt;
    Next next;
    next.kind = Next::Kind::roll_back;
    next.what = model::Text("The last good run was with ") + deploy->what + model::Text(" = ") +
                deploy->before + model::Text(": roll back to that. ") + about_schema(run, changes);
    return next;
}

// Without a cause what the checks themselves advise about what failed, each once.
void add_remedies(const Ranking& ranking, const Evidence& evidence, std::vector<Next>& out) {
    constexpr std::size_t most = 3;
    std::set<std::string> said;
    for (const auto number : ranking.unexplained) {
        const auto& finding = evidence.finding(number);
        if (finding.weight != model::Weight::fail || finding.remedy.empty()) continue;
        if (said.size() < most && said.insert(finding.remedy.str()).second)
            out.push_back({Next::Kind::fix, finding.remedy, {}, {}});
    }
}

}  // namespace

std::vector<Next> next_steps(const model::Run& run, const model::Changes& changes,
                             const Ranking& ranking, const Declared& declared,
                             const Evidence& evidence) {
    std::vector<Next> out;
    auto back = roll_back(run, changes, ranking);
    if (ranking.chosen.empty()) {
        add_remedies(ranking, evidence, out);
        if (back) out.push_back(*std::move(back));
        return out;
    }
    const auto& first = ranking.chosen.front();
    if (first.certainty != model::Certainty::confirmed) {
        std::vector<const Rule*> rivals{first.rule};
        rivals.insert(rivals.end(), first.alternatives.begin(), first.alternatives.end());
        if (auto next = telling(run, rivals, declared, evidence)) out.push_back(std::move(*next));
    }
    if (back) {
        back->tells = {first.rule->id};
        out.push_back(*std::move(back));
    }
    for (const auto& cause : ranking.chosen) {
        const auto& rule = *cause.rule;
        if (!rule.fix.empty()) out.push_back({Next::Kind::fix, rule.fix, {}, {rule.id}});
        if (!rule.isolate.empty())
            out.push_back({Next::Kind::isolate, rule.isolate, {}, {rule.id}});
    }
    return out;
}

}  // namespace triage::diagnose
