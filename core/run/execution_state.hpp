// What an Execution keeps while it runs. Only for execution.cpp and execution_end.cpp.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/run/code_names.hpp"
#include "core/run/judge.hpp"
#include "core/run/ready_queue.hpp"
#include "core/run/resolve.hpp"
#include "core/run/run.hpp"

namespace triage::run {

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
};

struct Execution::State final : plugin::CallSink {
    State(World w, const runbook::Runbook& book, const plan::Plan& p, Start s)
        : world(w), runbook(book), plan(p), started(s), ready(book.limits.per_target) {}

    World world;
    const runbook::Runbook& runbook;
    const plan::Plan& plan;
    Start started;
    ReadyQueue ready;
    CodeNames code_names;
    CommonArguments common;
    std::vector<Node> nodes;  // node i is of check i, whose result is run.results[i]
    std::unordered_map<std::string, std::size_t> ids;      // only if a check refers to another
    std::unordered_map<std::uint64_t, std::size_t> calls;  // running attempts
    std::vector<std::size_t> settled;                      // done, followers not told yet
    std::optional<net::Places> places;                     // once they are known
    std::uint64_t last_call = 0;
    unsigned running = 0;
    std::size_t unfinished = 0;
    bool interrupted = false;
    bool expired = false;
    bool ended = false;
    bool pumping = false;
    model::Run run;

    model::Text text(std::string_view raw) const { return world.redactor.redact(raw); }
    std::chrono::microseconds since_start(loop::TimePoint when) const;

    // ---- Beginning

    void prepare();
    void index_ids();
    void start();
    void schedule_tick();

    // ---- From waiting to running

    void enqueue(std::size_t i);

    // Starts what can be started and tells followers of what has ended, until nothing moves.
    void pump();

    // One of the checks that it waits for is done, or it is known from where it looks.
    void release(std::size_t i);
    void places_known(net::Places found);
    bool waits_for_place(std::size_t i) const;
    bool blocked_by_needs(std::size_t i);
    bool ruled_out_by_when(std::size_t i);
    const plugin::RawFact* find_fact(const std::string& check, const std::string& key) const;
    void begin(std::size_t i);
    // The call and its place, or why there is none.
    std::expected<Ready, NotReady> resolved(std::size_t i);
    void begin_attempt(std::size_t i, Ready resolved);
    void begin_next_attempt(std::size_t i);

    // ---- From running to done

    void on_outcome(plugin::CallId id, plugin::Outcome outcome) override;
    void extend(std::size_t i, loop::TimePoint deadline);
    void time_out(std::size_t i);
    void end_attempt(std::size_t i, plugin::Outcome outcome);
    const model::CheckInfo& check_info(const runbook::Check& check) const;

    // All attempts that were needed are over.
    void conclude(std::size_t i);
    static void set_duration(model::CheckResult& result);
    void leave_running(std::size_t i);

    // A check that ends without (another) attempt. `reason` may quote a fact.
    void settle(std::size_t i, model::Verdict verdict, const std::string& reason,
                const std::string& remedy = {});
    void mark_done(std::size_t i);

    // ---- Ending

    void expire();
    std::string deadline_words() const;

    // Ends everything now: what is known stays known, the rest could not be told.
    // If the loop's thread is `stuck` in the middle of something, that is left alone.
    void give_up(const std::string& why, const std::string& remedy, const Stuck* stuck = nullptr);
    void withdraw(Node& node);
    std::string where_it_stood(std::size_t i) const;
    void finish();
};

}  // namespace triage::run
