// How a run ends: all done, the deadline, an interrupt.
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/run/execution_state.hpp"

namespace triage::run {

using model::Verdict;
using std::chrono::microseconds;

void Execution::State::expire() {
    if (ended) return;
    expired = true;
    give_up(deadline_words(), "`deadline` in the runbook sets how long a run may take.");
}

std::string Execution::State::deadline_words() const {
    return fmt::format("the run's deadline of {} was reached",
                       base::format_duration(runbook.deadline));
}

void Execution::State::give_up(const std::string& why, const std::string& remedy,
                               const Stuck* stuck) {
    pumping = true;                                         // nothing new starts
    std::vector<std::pair<std::size_t, std::string>> open;  // told before any of them is ended
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].phase != Phase::done) open.emplace_back(i, where_it_stood(i));
    }
    for (const auto& [i, where] : open) {
        auto& node = nodes[i];
        if (stuck == nullptr) withdraw(node);
        set_duration(run.results[i]);
        const bool culprit = stuck != nullptr && stuck->call == node.call;
        const auto blame = culprit ? stuck->what + "; " : std::string();
        settle(i, Verdict::error, fmt::format("{}{} {}", blame, why, where), remedy);
    }
    settled.clear();
    finish();
}

void Execution::State::withdraw(Node& node) {
    world.loop.cancel(node.timer);
    if (node.phase != Phase::running) return;
    calls.erase(std::to_underlying(node.call));
    world.executor.cancel(node.call);
    world.broker.end(node.call);
}

std::string Execution::State::where_it_stood(std::size_t i) const {
    const auto& node = nodes[i];
    if (node.phase == Phase::running) {
        const auto age =
            std::chrono::duration_cast<microseconds>(world.loop.now() - node.attempt_started);
        return fmt::format("{} into the check", base::format_duration(age));
    }
    if (node.phase == Phase::pausing) {
        return fmt::format("after {} of {} attempts", node.tally.total(),
                           runbook.checks[i].attempts.count);
    }
    if (node.phase == Phase::queued) return "before the check could start";
    std::string names;
    for (const auto* list : {&plan.nodes[i].needs, &plan.nodes[i].after}) {
        for (const auto j : *list) {
            if (nodes[j].phase == Phase::done) continue;
            names += (names.empty() ? "" : ", ") + run.results[j].id.str();
        }
    }
    if (names.empty() && waits_for_place(i))
        return fmt::format("while {} was looked for", runbook.checks[i].vantage);
    return fmt::format("while it waited for {}", names.empty() ? "other checks" : names);
}

void Execution::State::finish() {
    if (std::exchange(ended, true)) return;
    run.runbook = text(runbook.name);
    run.path = text(runbook.path);
    run.started_at_us = started.wall_us;
    run.duration = since_start(world.loop.now());
    run.deadline = runbook.deadline;
    run.interrupted = interrupted;
    run.deadline_reached = expired;
    for (const auto& step : runbook.steps) {
        run.steps.push_back({text(step.id), text(step.title), text(step.doc)});
    }
    for (const auto& item : runbook.manuals) {
        run.manual.push_back(
            {text(item.id), text(runbook.steps[item.step].id), text(item.ask), text(item.doc)});
    }
    std::vector<Verdict> verdicts;
    verdicts.reserve(nodes.size());
    for (const auto& result : run.results)
        verdicts.push_back(result.verdict);
    run.verdict = model::overall(verdicts);
    run.exit_code = model::exit_code(run.verdict, interrupted);
    world.observer.on_end();
}

}  // namespace triage::run
