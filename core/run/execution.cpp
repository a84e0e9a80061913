#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/run/code_names.hpp"
#include "core/run/judge.hpp"
#include "core/run/ready_queue.hpp"
#include "core/run/resolve.hpp"
#include "core/run/run.hpp"

namespace triage::run {
namespace {

using model::Verdict;
using std::chrono::microseconds;

constexpr auto tick = std::chrono::milliseconds(100);

// Where a check stands.
enum class Phase : std::uint8_t { waiting, queued, running, pausing, done };

struct Node {
    explicit Node(const runbook::Attempts& attempts) : tally(attempts) {}

    Phase phase = Phase::waiting;
    std::size_t waits = 0;               // checks that must finish before it
    std::vector<std::size_t> followers;  // checks that wait for it
    Tally tally;
    plugin::CallId call{};
    loop::TimerId timer = loop::TimerId::none;  // of the attempt, or of the pause before the next
    loop::TimePoint attempt_started;
    loop::TimePoint attempt_ends;        // moves when the attempt had to wait in our own queue
    std::vector<plugin::RawFact> facts;  // as reported, for other checks
    model::CheckResult result;
};

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

struct Execution::State final : plugin::CallSink {
    State(World w, const runbook::Runbook& book, const plan::Plan& p, Start s)
        : world(w), runbook(book), plan(p), started(s), ready(book.limits.per_target) {}

    World world;
    const runbook::Runbook& runbook;
    const plan::Plan& plan;
    Start started;
    ReadyQueue ready;
    CodeNames code_names;
    std::vector<Node> nodes;
    std::unordered_map<std::string, std::size_t> ids;      // only if a check refers to another
    std::unordered_map<std::uint64_t, std::size_t> calls;  // running attempts
    std::vector<std::size_t> settled;                      // done, followers not told yet
    std::uint64_t last_call = 0;
    unsigned running = 0;
    std::size_t unfinished = 0;
    bool interrupted = false;
    bool expired = false;
    bool ended = false;
    bool pumping = false;
    model::Run run;

    model::Text text(std::string_view raw) const { return world.redactor.redact(raw); }
    microseconds since_start(loop::TimePoint when) const {
        return std::chrono::duration_cast<microseconds>(when - started.at);
    }

    // ---- Beginning

    void prepare() {
        nodes.reserve(runbook.checks.size());
        bool has_edges = false;
        std::vector<model::Text> steps;
        for (const auto& step : runbook.steps)
            steps.push_back(text(step.id));
        const model::Text host("host");
        for (std::size_t i = 0; i < runbook.checks.size(); ++i) {
            const auto& check = runbook.checks[i];
            auto& node = nodes.emplace_back(check.attempts);
            if (!plan.nodes[i].needs.empty() || !plan.nodes[i].after.empty()) has_edges = true;
            node.result.id = text(check.id);
            node.result.step = steps[check.step];
            node.result.use = check.plugin + "." + check.check;
            node.result.title = text(check.title);
            node.result.layer = check.layer;
            node.result.vantage = check.vantage == "host" ? host : text(check.vantage);
        }
        if (has_edges) index_ids();
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            for (const auto* list : {&plan.nodes[i].needs, &plan.nodes[i].after}) {
                for (const auto j : *list)
                    nodes[j].followers.push_back(i);
                nodes[i].waits += list->size();
            }
        }
        unfinished = nodes.size();
    }

    void index_ids() {
        for (std::size_t i = 0; i < runbook.checks.size(); ++i) {
            ids.emplace(runbook.checks[i].id, i);
            ids.emplace(runbook.checks[i].base_id, i);
        }
    }

    void start() {
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

    void schedule_tick() {
        world.loop.call_after(tick, [this] {
            if (ended) return;
            world.observer.on_tick(since_start(world.loop.now()));
            schedule_tick();
        });
    }

    // ---- From waiting to running

    void enqueue(std::size_t i) {
        nodes[i].phase = Phase::queued;
        ready.push(i, plan.nodes[i].target);
    }

    // Starts what can be started and tells followers of what has ended, until nothing moves.
    void pump() {
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

    // One of the checks that it waits for is done.
    void release(std::size_t i) {
        auto& node = nodes[i];
        if (node.phase != Phase::waiting || --node.waits > 0) return;
        if (!blocked_by_needs(i) && !ruled_out_by_when(i)) enqueue(i);
    }

    bool blocked_by_needs(std::size_t i) {
        for (const auto needed : plan.nodes[i].needs) {
            const auto verdict = nodes[needed].result.verdict;
            if (verdict == Verdict::pass || verdict == Verdict::warn) continue;
            const auto reason =
                fmt::format("needs {}, which {}", runbook.checks[needed].id, verb(verdict));
            settle(i, verdict == Verdict::skip ? Verdict::skip : Verdict::blocked, reason);
            return true;
        }
        return false;
    }

    bool ruled_out_by_when(std::size_t i) {
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
        const auto listed = [&](const auto& list) {
            return std::ranges::find(list, value) != list.end();
        };
        if ((when->is.empty() || listed(when->is)) && !listed(when->is_not)) return false;
        settle(i, Verdict::skip,
               fmt::format("does not apply: the fact '{}' of {} is '{}'", when->fact, when->check,
                           value));
        return true;
    }

    const plugin::RawFact* find_fact(const std::string& check, const std::string& key) const {
        const auto found = ids.find(check);
        if (found == ids.end()) return nullptr;
        const auto& facts = nodes[found->second].facts;
        const auto fact = std::ranges::find(facts, key, &plugin::RawFact::key);
        return fact == facts.end() ? nullptr : &*fact;
    }

    void begin(std::size_t i) {
        auto& node = nodes[i];
        node.phase = Phase::running;
        ++running;
        const auto& check = runbook.checks[i];
        auto resolved =
            resolve(runbook, check, plan.nodes[i],
                    [this](const auto& id, const auto& key) { return find_fact(id, key); });
        if (!resolved) {
            leave_running(i);
            settle(i, resolved.error().verdict, resolved.error().reason, resolved.error().remedy);
            return;
        }
        if (check.vantage != "host") {
            leave_running(i);
            settle(i, Verdict::error, fmt::format("cannot look from '{}'", check.vantage),
                   "This version of triage looks from the host only.");
            return;
        }
        begin_attempt(i, std::move(*resolved));
    }

    void begin_attempt(std::size_t i, Ready resolved) {
        auto& node = nodes[i];
        const auto& check = runbook.checks[i];
        node.attempt_started = world.loop.now();
        node.attempt_ends = node.attempt_started + check.timeout;
        resolved.permit.deadline = node.attempt_ends;
        resolved.permit.delayed = [this, i](loop::TimePoint deadline) { extend(i, deadline); };
        resolved.call.deadline = std::min(node.attempt_ends, started.at + runbook.deadline);
        node.call = plugin::CallId{++last_call};
        calls.emplace(last_call, i);
        world.observer.on_check_started(node.result.id, node.tally.total() + 1);
        world.broker.begin(node.call, std::move(resolved.permit));
        node.timer = world.loop.call_at(node.attempt_ends, [this, i] { time_out(i); });
        world.executor.start(node.call, std::move(resolved.call), *this);
    }

    void begin_next_attempt(std::size_t i) {
        auto resolved =
            resolve(runbook, runbook.checks[i], plan.nodes[i],
                    [this](const auto& id, const auto& key) { return find_fact(id, key); });
        nodes[i].phase = Phase::running;
        begin_attempt(
            i, std::move(*resolved));  // it could be resolved before, and facts do not change
    }

    // ---- From running to done

    void on_outcome(plugin::CallId id, plugin::Outcome outcome) override {
        const auto found = calls.find(std::to_underlying(id));
        if (found == calls.end()) return;
        const auto i = found->second;
        calls.erase(found);
        end_attempt(i, std::move(outcome));
        pump();
    }

    void extend(std::size_t i, loop::TimePoint deadline) {
        auto& node = nodes[i];
        node.attempt_ends = deadline;
        world.loop.cancel(node.timer);
        node.timer = world.loop.call_at(deadline, [this, i] { time_out(i); });
    }

    void time_out(std::size_t i) {
        auto& node = nodes[i];
        if (world.broker.queued(node.call)) return;  // not the target's time; extend() follows
        const auto& check = runbook.checks[i];
        calls.erase(std::to_underlying(node.call));
        world.executor.cancel(node.call);
        plugin::Outcome outcome;
        outcome.error =
            fmt::format("did not finish within {}", base::format_duration(check.timeout));
        outcome.error_remedy = fmt::format(
            "The check itself took too long, so nothing is known. `timeout` of '{}' sets the "
            "limit of an attempt.",
            check.base_id);
        end_attempt(i, std::move(outcome));
        pump();
    }

    void end_attempt(std::size_t i, plugin::Outcome outcome) {
        auto& node = nodes[i];
        const auto& check = runbook.checks[i];
        world.loop.cancel(node.timer);
        if (!outcome.error.empty() && outcome.error_remedy.empty())
            outcome.error_remedy = world.broker.remedy(node.call, outcome.error);
        world.broker.end(node.call);
        const auto verdict = judge(outcome, check_info(check));
        node.result.attempts.push_back(
            {.verdict = verdict,
             .summary = one_line(verdict == Verdict::error ? outcome.error : outcome.summary,
                                 world.redactor),
             .started = since_start(node.attempt_started),
             .duration = std::chrono::duration_cast<microseconds>(world.loop.now() -
                                                                  node.attempt_started)});
        node.tally.add(verdict, std::move(outcome));
        if (node.tally.decided()) {
            conclude(i);
            return;
        }
        node.phase = Phase::pausing;
        node.timer =
            world.loop.call_after(check.attempts.interval, [this, i] { begin_next_attempt(i); });
    }

    const model::CheckInfo& check_info(const runbook::Check& check) const {
        static const model::CheckInfo unknown;
        const auto plugin = world.plugins.find(check.plugin);
        const auto* info =
            plugin == world.plugins.end() ? nullptr : plugin->second.find(check.check);
        return info == nullptr ? unknown : *info;
    }

    // All attempts that were needed are over.
    void conclude(std::size_t i) {
        auto& node = nodes[i];
        if (!node.followers.empty()) node.facts = node.tally.shown().facts;
        node.result.evaluated =
            code_names.of(check_info(runbook.checks[i]), node.tally.shown().evaluated);
        fill(node.result, node.tally, runbook.checks[i], world.redactor);
        set_duration(node);
        leave_running(i);
        mark_done(i);
    }

    static void set_duration(Node& node) {
        if (node.result.attempts.empty()) return;
        const auto& last = node.result.attempts.back();
        node.result.duration = last.started + last.duration - node.result.attempts.front().started;
    }

    void leave_running(std::size_t i) {
        --running;
        ready.done(plan.nodes[i].target);
    }

    // A check that ends without (another) attempt.
    void settle(std::size_t i, Verdict verdict, const std::string& reason,
                const std::string& remedy = {}) {
        auto& result = nodes[i].result;
        result.verdict = verdict;
        result.summary = one_line(reason, world.redactor);  // may quote a fact
        result.remedy = text(remedy);
        mark_done(i);
    }

    void mark_done(std::size_t i) {
        nodes[i].phase = Phase::done;
        --unfinished;
        settled.push_back(i);
        if (!plan.nodes[i].skipped) world.observer.on_check_done(nodes[i].result);
    }

    // ---- Ending

    void expire() {
        if (ended) return;
        expired = true;
        give_up(deadline_words(), "`deadline` in the runbook sets how long a run may take.");
    }

    std::string deadline_words() const {
        return fmt::format("the run's deadline of {} was reached",
                           base::format_duration(runbook.deadline));
    }

    // Ends everything now: what is known stays known, the rest could not be told.
    // If the loop's thread is `stuck` in the middle of something, that is left alone.
    void give_up(const std::string& why, const std::string& remedy, const Stuck* stuck = nullptr) {
        pumping = true;                                         // nothing new starts
        std::vector<std::pair<std::size_t, std::string>> open;  // told before any of them is ended
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (nodes[i].phase != Phase::done) open.emplace_back(i, where_it_stood(i));
        }
        for (const auto& [i, where] : open) {
            auto& node = nodes[i];
            if (stuck == nullptr) withdraw(node);
            set_duration(node);
            const bool culprit = stuck != nullptr && stuck->call == node.call;
            const auto blame = culprit ? stuck->what + "; " : std::string();
            settle(i, Verdict::error, blame + why + " " + where, remedy);
        }
        settled.clear();
        finish();
    }

    void withdraw(Node& node) {
        world.loop.cancel(node.timer);
        if (node.phase != Phase::running) return;
        calls.erase(std::to_underlying(node.call));
        world.executor.cancel(node.call);
        world.broker.end(node.call);
    }

    std::string where_it_stood(std::size_t i) const {
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
                names += (names.empty() ? "" : ", ") + runbook.checks[j].id;
            }
        }
        return fmt::format("while it waited for {}", names.empty() ? "other checks" : names);
    }

    void finish() {
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
        for (auto& node : nodes) {
            verdicts.push_back(node.result.verdict);
            run.results.push_back(std::move(node.result));
        }
        run.verdict = model::overall(verdicts);
        run.exit_code = model::exit_code(run.verdict, interrupted);
        world.observer.on_end();
    }
};

Execution::Execution(World world, const runbook::Runbook& runbook, const plan::Plan& plan,
                     Start started)
    : state_(std::make_unique<State>(world, runbook, plan, started)) {}

Execution::~Execution() = default;

void Execution::start() { state_->start(); }

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
