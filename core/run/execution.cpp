#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/run/execution_state.hpp"
#include "core/run/shown_ids.hpp"

namespace triage::run {
namespace {

using model::Verdict;
using std::chrono::microseconds;

constexpr auto tick = std::chrono::milliseconds(100);

std::string verb(Verdict verdict) {
    switch (verdict) {
        case Verdict::fail:
            return "failed";
        case Verdict::error:
            return "could not tell";
        case Verdict::blocked:
            return "was blocked";
        case Verdict::skip:
            return "was skipped";
        default:
            return "passed";
    }
}

}  // namespace

microseconds Execution::State::since_start(loop::TimePoint when) const {
    return std::chrono::duration_cast<microseconds>(when - started.at);
}

// ---- Beginning

void Execution::State::prepare() {
    nodes.reserve(runbook.checks.size());
    run.results.reserve(runbook.checks.size());
    bool has_edges = false;
    std::vector<model::Text> steps;
    for (const auto& step : runbook.steps)
        steps.push_back(text(step.id));
    ShownIds shown_ids(world.redactor);
    const model::Text host("host");
    for (std::size_t i = 0; i < runbook.checks.size(); ++i) {
        const auto& check = runbook.checks[i];
        nodes.emplace_back(check.attempts);
        if (!plan.nodes[i].needs.empty() || !plan.nodes[i].after.empty()) has_edges = true;
        auto& result = run.results.emplace_back();
        result.id = shown_ids.of(check.id);
        result.step = steps[check.step];
        result.use = check.plugin + "." + check.check;
        result.title = text(check.title);
        result.layer = check.layer;
        result.vantage = check.vantage == "host" ? host : text(check.vantage);
    }
    if (has_edges) index_ids();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        for (const auto* list : {&plan.nodes[i].needs, &plan.nodes[i].after}) {
            for (const auto j : *list)
                nodes[j].followers.push_back(i);
            nodes[i].waits += list->size();
        }
        if (waits_for_place(i)) ++nodes[i].waits;
    }
    unfinished = nodes.size();
}

void Execution::State::index_ids() {
    for (std::size_t i = 0; i < runbook.checks.size(); ++i) {
        ids.emplace(runbook.checks[i].id, i);
        ids.emplace(runbook.checks[i].base_id, i);
    }
}

void Execution::State::start() {
    prepare();
    world.observer.on_start(plan.selected, runbook.deadline);
    world.loop.call_at(started.at + runbook.deadline, [this] { expire(); });
    schedule_tick();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const auto& check = runbook.checks[i];
        if (plan.nodes[i].skipped) {
            settle(i, Verdict::skip, *plan.nodes[i].skipped);
        } else if (check.unmet) {
            settle(i, Verdict::error, check.unmet->message, check.unmet->remedy);
        } else if (nodes[i].waits == 0) {
            enqueue(i);
        }
    }
    pump();
}

void Execution::State::schedule_tick() {
    world.loop.call_after(tick, [this] {
        if (ended) return;
        world.observer.on_tick(since_start(world.loop.now()));
        schedule_tick();
    });
}

// ---- From waiting to running

void Execution::State::enqueue(std::size_t i) {
    nodes[i].phase = Phase::queued;
    ready.push(i, plan.nodes[i].target);
}

void Execution::State::pump() {
    if (std::exchange(pumping, true)) return;
    for (;;) {
        if (!settled.empty()) {
            const auto i = settled.back();
            settled.pop_back();
            for (const auto follower : nodes[i].followers)
                release(follower);
            continue;
        }
        if (running >= runbook.limits.parallel) break;
        const auto next = ready.pop();
        if (!next) break;
        begin(*next);
    }
    pumping = false;
    if (unfinished == 0) finish();
}

void Execution::State::release(std::size_t i) {
    auto& node = nodes[i];
    if (node.phase != Phase::waiting || --node.waits > 0) return;
    if (!blocked_by_needs(i) && !ruled_out_by_when(i)) enqueue(i);
}

bool Execution::State::waits_for_place(std::size_t i) const {
    return !places && !plan.nodes[i].skipped && runbook.checks[i].vantage != "host";
}

void Execution::State::places_known(net::Places found) {
    std::vector<std::size_t> waiting;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (waits_for_place(i)) waiting.push_back(i);
    }
    places = std::move(found);
    for (const auto i : waiting)
        release(i);
    pump();
}

bool Execution::State::blocked_by_needs(std::size_t i) {
    for (const auto needed : plan.nodes[i].needs) {
        const auto verdict = run.results[needed].verdict;
        if (verdict == Verdict::pass || verdict == Verdict::warn) continue;
        const auto reason =
            fmt::format("needs {}, which {}", run.results[needed].id.str(), verb(verdict));
        settle(i, verdict == Verdict::skip ? Verdict::skip : Verdict::blocked, reason);
        return true;
    }
    return false;
}

bool Execution::State::ruled_out_by_when(std::size_t i) {
    const auto& when = runbook.checks[i].when;
    if (!when) return false;
    const auto* fact = find_fact(when->check, when->fact);
    if (fact == nullptr) {
        settle(i, Verdict::blocked,
               fmt::format("runs only if the fact '{}' of {} is known, and it was not reported",
                           when->fact, when->check));
        return true;
    }
    const auto value = to_text(*fact);
    const auto& teller = runbook.checks[ids.at(when->check)].plugin;  // may call it a secret
    const auto listed = [&](const auto& list) {
        return std::ranges::find(list, value) != list.end();
    };
    if ((when->is.empty() || listed(when->is)) && !listed(when->is_not)) return false;
    settle(i, Verdict::skip,
           fmt::format("does not apply: the fact '{}' of {} is '{}'", when->fact, when->check,
                       world.redactor.of(teller).redact(value).str()));
    return true;
}

const plugin::RawFact* Execution::State::find_fact(const std::string& check,
                                                   const std::string& key) const {
    const auto found = ids.find(check);
    if (found == ids.end()) return nullptr;
    const auto& facts = nodes[found->second].facts;
    const auto fact = std::ranges::find(facts, key, &plugin::RawFact::key);
    return fact == facts.end() ? nullptr : &*fact;
}

std::expected<Ready, NotReady> Execution::State::resolved(std::size_t i) {
    const auto& check = runbook.checks[i];
    auto call = resolve(
        runbook, check, plan.nodes[i],
        [this](const auto& id, const auto& key) { return find_fact(id, key); }, common);
    if (!call || check.vantage == "host") return call;
    const auto place = places->find(check.vantage);
    if (place == places->end()) {
        return std::unexpected(
            NotReady{.verdict = Verdict::error,
                     .reason = fmt::format("cannot look from '{}'", check.vantage),
                     .remedy = {}});
    }
    if (!place->second) {
        const auto& error = place->second.error();
        return std::unexpected(
            NotReady{.verdict = Verdict::error,
                     .reason = fmt::format("cannot look from {}: {}", check.vantage, error.message),
                     .remedy = error.remedy});
    }
    call->call.place = call->permit.place = *place->second;
    return call;
}

void Execution::State::begin(std::size_t i) {
    nodes[i].phase = Phase::running;
    ++running;
    auto call = resolved(i);
    if (!call) {
        leave_running(i);
        settle(i, call.error().verdict, call.error().reason, call.error().remedy);
        return;
    }
    // Of several containers of a service it is one.
    if (const auto& place = call->call.place) run.results[i].vantage = text(place->name());
    begin_attempt(i, std::move(*call));
}

void Execution::State::begin_attempt(std::size_t i, Ready resolved) {
    auto& node = nodes[i];
    const auto& check = runbook.checks[i];
    node.attempt_started = world.loop.now();
    node.attempt_ends = node.attempt_started + check.timeout;
    resolved.permit.deadline = std::min(node.attempt_ends, started.at + runbook.deadline);
    resolved.permit.ends_with_run = resolved.permit.deadline < node.attempt_ends;
    resolved.permit.delayed = [this, i](loop::TimePoint deadline) { extend(i, deadline); };
    resolved.call.deadline = std::min(node.attempt_ends, started.at + runbook.deadline);
    node.call = plugin::CallId{++last_call};
    calls.emplace(last_call, i);
    world.observer.on_check_started(run.results[i].id, node.tally.total() + 1);
    world.broker.begin(node.call, std::move(resolved.permit));
    node.timer = world.loop.call_at(node.attempt_ends, [this, i] { time_out(i); });
    world.executor.start(node.call, std::move(resolved.call), *this);
}

void Execution::State::begin_next_attempt(std::size_t i) {
    nodes[i].phase = Phase::running;
    begin_attempt(i, *resolved(i));  // it could be resolved before, and facts do not change
}

// ---- From running to done

void Execution::State::on_outcome(plugin::CallId id, plugin::Outcome outcome) {
    const auto found = calls.find(std::to_underlying(id));
    if (found == calls.end()) return;
    const auto i = found->second;
    calls.erase(found);
    end_attempt(i, std::move(outcome));
    pump();
}

void Execution::State::extend(std::size_t i, loop::TimePoint deadline) {
    auto& node = nodes[i];
    node.attempt_ends = deadline;
    world.loop.cancel(node.timer);
    node.timer = world.loop.call_at(deadline, [this, i] { time_out(i); });
}

void Execution::State::time_out(std::size_t i) {
    auto& node = nodes[i];
    // Not the target's time. When it goes on extend() follows; if it never does, the run's
    // deadline.
    if (world.broker.stands_still(node.call)) return;
    const auto& check = runbook.checks[i];
    calls.erase(std::to_underlying(node.call));
    world.executor.cancel(node.call);
    plugin::Outcome outcome;
    outcome.error = fmt::format("did not finish within {}", base::format_duration(check.timeout));
    outcome.error_remedy = fmt::format(
        "The check itself took too long, so nothing is known. `timeout` of '{}' sets the "
        "limit of an attempt.",
        check.base_id);
    end_attempt(i, std::move(outcome));
    pump();
}

void Execution::State::end_attempt(std::size_t i, plugin::Outcome outcome) {
    auto& node = nodes[i];
    const auto& check = runbook.checks[i];
    world.loop.cancel(node.timer);
    if (!outcome.error.empty() && outcome.error_remedy.empty())
        outcome.error_remedy = world.broker.remedy(node.call, outcome.error);
    world.broker.end(node.call);
    const auto verdict = judge(outcome, check_info(check));
    run.results[i].attempts.push_back(
        {.verdict = verdict,
         .summary = one_line(verdict == Verdict::error ? outcome.error : outcome.summary,
                             world.redactor.of(check.plugin)),
         .started = since_start(node.attempt_started),
         .duration =
             std::chrono::duration_cast<microseconds>(world.loop.now() - node.attempt_started)});
    node.tally.add(verdict, std::move(outcome));
    if (node.tally.decided()) {
        conclude(i);
        return;
    }
    node.phase = Phase::pausing;
    node.timer =
        world.loop.call_after(check.attempts.interval, [this, i] { begin_next_attempt(i); });
}

const model::CheckInfo& Execution::State::check_info(const runbook::Check& check) const {
    static const model::CheckInfo unknown;
    const auto plugin = world.plugins.find(check.plugin);
    const auto* info = plugin == world.plugins.end() ? nullptr : plugin->second.find(check.check);
    return info == nullptr ? unknown : *info;
}

void Execution::State::conclude(std::size_t i) {
    auto& node = nodes[i];
    auto& outcome = node.tally.shown();
    auto& result = run.results[i];
    const auto& check = runbook.checks[i];
    result.evaluated = code_names.of(check_info(check), outcome.evaluated);
    fill(result, node.tally, check, world.redactor.of(check.plugin));
    set_duration(result);
    if (!node.followers.empty()) node.facts = std::move(outcome.facts);
    outcome = {};  // all of it is in the result
    leave_running(i);
    mark_done(i);
}

void Execution::State::set_duration(model::CheckResult& result) {
    if (result.attempts.empty()) return;
    const auto& last = result.attempts.back();
    result.duration = last.started + last.duration - result.attempts.front().started;
}

void Execution::State::leave_running(std::size_t i) {
    --running;
    ready.done(plan.nodes[i].target);
}

void Execution::State::settle(std::size_t i, Verdict verdict, const std::string& reason,
                              const std::string& remedy) {
    auto& result = run.results[i];
    result.verdict = verdict;
    result.summary = one_line(reason, world.redactor.of(runbook.checks[i].plugin));
    result.remedy = text(remedy);
    mark_done(i);
}

void Execution::State::mark_done(std::size_t i) {
    nodes[i].phase = Phase::done;
    --unfinished;
    settled.push_back(i);
    if (!plan.nodes[i].skipped) world.observer.on_check_done(run.results[i]);
}

// ---- The public side

Execution::Execution(World world, const runbook::Runbook& runbook, const plan::Plan& plan,
                     Start started)
    : state_(std::make_unique<State>(world, runbook, plan, started)) {}

Execution::~Execution() = default;

void Execution::start() { state_->start(); }

void Execution::places_known(net::Places places) { state_->places_known(std::move(places)); }

bool Execution::finished() const { return state_->ended; }

void Execution::interrupt() {
    if (state_->ended) return;
    state_->interrupted = true;
    state_->give_up("interrupted", "");
}

void Execution::abandon(const Stuck& stuck, bool interrupted) {
    if (state_->ended) return;
    (interrupted ? state_->interrupted : state_->expired) = true;
    state_->give_up(interrupted ? "interrupted" : state_->deadline_words(),
                    "A plugin that does not return keeps every check waiting; without --in-process "
                    "it costs only its own checks an error.",
                    &stuck);
}

model::Run Execution::take() { return std::move(state_->run); }

}  // namespace triage::run
