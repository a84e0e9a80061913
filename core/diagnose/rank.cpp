#include "core/diagnose/rank.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

namespace triage::diagnose {
namespace {

using model::Certainty;

constexpr int least_score = 2;
constexpr int likely_score = 4;
constexpr int absence_costs = 2;
constexpr int close = 1;  // scores that differ by no more are no reason to prefer one

// What a sign that is there stands for.
struct Mark {
    Numbers numbers;
    int weight = 1;
    bool proof = false;
    bool change = false;  // what changed: speaks for it, and is nothing to be explained
};
using Marks = std::map<Sign, Mark>;

bool meet(const Numbers& some, const Numbers& open) {
    return std::ranges::any_of(some, [&](std::size_t number) { return open.contains(number); });
}

void add(Numbers& to, const Numbers& some) { to.insert(some.begin(), some.end()); }

// A rule, or one of its targets, with the signs of it that are there.
struct Candidate {
    const Rule* rule = nullptr;
    std::string target;
    Marks own;
    Marks led_to;  // without what is its own
    bool proven = false;
    bool chosen = false;
    std::vector<Sign> contradicting;
    std::vector<Sign> unseen;

    Numbers numbers(const Marks& marks) const {
        Numbers out;
        for (const auto& [sign, mark] : marks)
            add(out, mark.numbers);
        return out;
    }
    // For what is still to be explained.
    int score(const Numbers& open) const {
        int sum = 0;
        for (const auto& [sign, mark] : own)
            if (mark.change || meet(mark.numbers, open)) sum += mark.weight;
        for (const auto& [sign, mark] : led_to)
            if (meet(mark.numbers, open)) sum += proven ? mark.weight : 1;
        return sum - absence_costs * static_cast<int>(contradicting.size());
    }
    bool has_own(const Numbers& open) const {
        return std::ranges::any_of(own,
                                   [&](const auto& one) { return meet(one.second.numbers, open); });
    }
    bool proof_in(const Numbers& open) const {
        return std::ranges::any_of(own, [&](const auto& one) {
            return one.second.proof && meet(one.second.numbers, open);
        });
    }
};

class Ranker {
public:
    Ranker(const Rules& rules, const Evidence& evidence) : evidence_(evidence) {
        for (const auto& rule : rules)
            by_id_.emplace(rule.id, &rule);
        for (const auto& [id, rule] : by_id_)
            consider(*rule);
    }

    Ranking run() {
        const auto all = evidence_.unexplained();
        Numbers open = all;
        while (auto* best = best_of(open)) {
            best->chosen = true;
            Ranked ranked = describe(*best, open, all);
            std::erase_if(open, [&](std::size_t number) {
                const bool explained =
                    ranked.supporting.contains(number) || ranked.following.contains(number);
                return explained && !proves_another(number, *best->rule);
            });
            out_.chosen.push_back(std::move(ranked));
        }
        out_.unexplained = std::move(open);
        return std::move(out_);
    }

private:
    Marks own_marks(const Rule& rule) const {
        Marks out;
        const auto mark = [&](const Sign& sign, int weight, bool proof) {
            auto numbers = evidence_.matching(sign);
            if (numbers.empty()) return;
            auto& one = out[sign];
            one.numbers = std::move(numbers);
            one.weight = std::max(one.weight, weight);
            one.change = evidence_.is_change(*one.numbers.begin());
            one.proof |= proof && !one.change;
        };
        for (const auto& sign : rule.proof)
            mark(sign, proof_weight, true);
        for (const auto& [sign, weight] : rule.explains)
            mark(sign, weight, false);
        return out;
    }

    // All rules that this one leads to, at however many removes; not itself.
    std::set<const Rule*> reach(const Rule& rule) const {
        std::set<const Rule*> seen;
        std::vector<const Rule*> open{&rule};
        while (!open.empty()) {
            const auto* at = open.back();
            open.pop_back();
            for (const auto& id : at->leads_to) {
                const auto next = by_id_.find(id);
                if (next != by_id_.end() && seen.insert(next->second).second)
                    open.push_back(next->second);
            }
        }
        seen.erase(&rule);
        return seen;
    }

    void consider(const Rule& rule) {
        Candidate one{.rule = &rule,
                      .target = {},
                      .own = own_marks(rule),
                      .led_to = {},
                      .contradicting = {},
                      .unseen = {}};
        if (one.own.empty() || is_ruled_out(rule)) return;
        for (const auto* other : reach(rule)) {
            for (auto& [sign, mark] : own_marks(*other))
                if (!one.own.contains(sign)) one.led_to.emplace(sign, std::move(mark));
        }
        one.proven = one.proof_in(one.numbers(one.own));
        for (const auto& sign : rule.expects) {
            const auto presence = evidence_.of(sign);
            if (presence == Presence::absent) one.contradicting.push_back(sign);
            if (presence == Presence::unknown) one.unseen.push_back(sign);
        }
        if (!rule.each_target || !one.proven) {
            candidates_.push_back(std::move(one));
            return;
        }
        split(one);
    }

    // One for each target of its proof.
    void split(const Candidate& whole) {
        std::map<std::string, Marks> by_target;
        for (const auto& [sign, mark] : whole.own) {
            if (!mark.proof) continue;
            for (const auto number : mark.numbers) {
                auto& own = by_target[evidence_.target(number)][sign];
                own.weight = mark.weight;
                own.proof = true;
                own.numbers.insert(number);
            }
        }
        for (auto& [target, proof] : by_target) {
            auto one = whole;
            one.target = target;
            std::erase_if(one.own, [](const auto& own) { return own.second.proof; });
            one.own.merge(proof);
            candidates_.push_back(std::move(one));
        }
    }

    bool is_ruled_out(const Rule& rule) {
        const auto by = [&](const Sign& sign, bool present) {
            out_.ruled_out.push_back({rule.id, rule.title, to_string(sign), present});
            return true;
        };
        for (const auto& sign : rule.refuted_by)
            if (evidence_.of(sign) == Presence::present) return by(sign, true);
        for (const auto& sign : rule.required)
            if (evidence_.of(sign) == Presence::absent) return by(sign, false);
        for (const auto& sign : rule.without)
            if (const auto there = evidence_.of(sign); there != Presence::absent)
                return by(sign, there == Presence::present);
        const bool disproved = !rule.late_proof && !rule.proof.empty() &&
                               std::ranges::all_of(rule.proof, [&](const Sign& sign) {
                                   return evidence_.of(sign) == Presence::absent;
                               });
        return disproved && by(rule.proof.front(), false);
    }

    // A proof is explained by nothing but its own cause, and what leads there.
    bool proves_another(std::size_t number, const Rule& rule) const {
        bool another = false;
        for (const auto& one : candidates_) {
            const bool proof = std::ranges::any_of(one.own, [&](const auto& own) {
                return own.second.proof && own.second.numbers.contains(number);
            });
            if (!proof) continue;
            if (one.rule == &rule || reach(rule).contains(one.rule)) return false;
            another = true;
        }
        return another;
    }

    Candidate* best_of(const Numbers& open) {
        Candidate* best = nullptr;
        const auto key = [&](const Candidate& one) {
            return std::tuple(!one.proof_in(open), -one.score(open), one.unseen.size(),
                              std::string_view(one.rule->id), std::string_view(one.target));
        };
        for (auto& one : candidates_) {
            if (one.chosen || !one.has_own(open) || one.score(open) < least_score) continue;
            if (best == nullptr || key(one) < key(*best)) best = &one;
        }
        return best;
    }

    Ranked describe(const Candidate& best, const Numbers& open, const Numbers& all) const {
        Ranked out{.rule = best.rule,
                   .target = best.target,
                   .score = best.score(open),
                   .supporting = {},
                   .proving = {},
                   .following = {},
                   .contradicting = best.contradicting,
                   .unseen = best.unseen,
                   .alternatives = {}};
        if (best.proof_in(open)) {
            out.certainty = Certainty::confirmed;
        } else if (out.score >= likely_score && best.unseen.empty()) {
            out.certainty = Certainty::likely;
        }
        for (const auto number : best.numbers(best.own))
            if (all.contains(number)) out.supporting.insert(number);
        for (const auto number : best.numbers(best.led_to))
            if (all.contains(number) && !out.supporting.contains(number))
                out.following.insert(number);
        for (const auto& [sign, mark] : best.own)
            if (mark.proof) add(out.proving, mark.numbers);
        out.alternatives = alternatives(best, out, open);
        return out;
    }

    std::vector<const Rule*> alternatives(const Candidate& best, const Ranked& chosen,
                                          const Numbers& open) const {
        std::vector<const Rule*> out;
        if (chosen.certainty == Certainty::confirmed) return out;
        for (const auto& one : candidates_) {
            if (one.rule == best.rule || one.score(open) + close < chosen.score) continue;
            if (!one.has_own(open) || one.score(open) < least_score) continue;
            const auto own = one.numbers(one.own);
            const bool same = std::ranges::all_of(own, [&](std::size_t number) {
                return !open.contains(number) || chosen.supporting.contains(number) ||
                       chosen.following.contains(number);
            });
            if (same && std::ranges::find(out, one.rule) == out.end()) out.push_back(one.rule);
        }
        return out;
    }

    const Evidence& evidence_;
    std::map<std::string_view, const Rule*> by_id_;
    std::vector<Candidate> candidates_;
    Ranking out_;
};

}  // namespace

Ranking rank(const Rules& rules, const Evidence& evidence) { return Ranker(rules, evidence).run(); }

}  // namespace triage::diagnose
