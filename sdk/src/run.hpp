/// One run of one check under the fake host.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <triage/abi.h>
#include <triage/testing.hpp>

#include "canned_http.hpp"
#include "values.hpp"

namespace triage::testing {

/// How runs go; what FakeHost's setters set.
struct RunOptions {
    std::optional<std::uint64_t> seed;
    std::chrono::microseconds deadline = std::chrono::seconds(10);
    int cancel_at = -1;
    std::chrono::sys_time<std::chrono::microseconds> wall_clock =
        std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
    std::chrono::milliseconds fd_patience{100};
    bool allow_reveal = false;
};

/// Virtual time, operations in flight, and what the check has reported. The ABI's functions
/// (api.cpp) call it; `triage_ctx*` is a Run in disguise.
class Run {
public:
    Run(const triage_check& check, void* plugin_state, const Params& params, CannedHttp& http,
        const RunOptions& options);
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    ~Run();

    /// From create to destroy.
    Result go();

    static Run& of(triage_ctx* ctx) { return *reinterpret_cast<Run*>(ctx); }
    triage_ctx* ctx() { return reinterpret_cast<triage_ctx*>(this); }

    // Called by the check through the ABI.
    const Values& values() const noexcept { return values_; }
    Values& values() noexcept { return values_; }
    const RunOptions& options() const noexcept { return options_; }
    std::chrono::microseconds now() const;
    bool cancelled();
    triage_op sleep(std::chrono::microseconds duration);
    triage_op wait_fd(int fd, std::uint32_t interest);
    triage_op work(void (*fn)(void*), void* arg);
    triage_op http(const triage_http_request& request);
    void consumed(triage_op op, std::uint64_t bytes);
    void cancel(triage_op op);
    void violation(const std::string& what);
    /// Notes a call of `function`, which belongs on the loop ([check]: or pool) thread.
    void on_check_thread(const char* function);

    void report_evaluated(std::string code);
    void report_finding(const triage_finding& finding);
    void report_fact(const std::string& name, const triage_value& value);
    void report_metric(const std::string& name, double value, const std::string& unit);
    void report_summary(std::string text);
    void report_error(std::string reason);
    void report_log(std::string line);

private:
    struct Event {
        std::chrono::microseconds due;
        std::uint64_t rank;  // among those of the same moment
        triage_op op;
        std::uint32_t kind;
        std::uint32_t ready = 0;
        HttpStep step = {};
    };
    struct Waiting {
        int fd;
        std::uint32_t interest;
    };
    struct Stream {
        std::deque<HttpStep> steps;
        std::size_t seen;  // index into result_.requests
        std::uint64_t unconsumed = 0;
        bool scheduled = false;
    };

    // run.cpp: the life of the check
    void run_blocking();
    void run_steps();
    std::int32_t deliver(const Event& event);
    void judge_end();
    void look_for_secrets();
    bool declares_code(const std::string& code) const;

    // loop.cpp: time and readiness
    std::optional<Event> next();
    std::optional<Event> pop_due();
    bool poll_once(int timeout_ms);
    void push(Event event, std::chrono::microseconds wait);
    void schedule(triage_op op, Stream& stream);
    bool jump();
    void join_workers();

    const triage_check& check_;
    void* plugin_state_;
    void* instance_ = nullptr;
    CannedHttp& http_;
    RunOptions options_;
    Values values_;
    Result result_;
    std::set<std::string> evaluated_;

    mutable std::mutex mutex_;  // what [any] functions and pool threads touch
    std::chrono::microseconds now_{0};
    std::mt19937_64 random_;
    std::uint64_t next_rank_ = 0;
    triage_op next_op_ = 1;
    std::vector<Event> events_;
    std::map<triage_op, Waiting> fds_;
    std::map<triage_op, Stream> streams_;
    std::set<triage_op> in_flight_;
    std::vector<std::thread> workers_;
    int working_ = 0;
    int wake_ = -1;  // eventfd: a worker has finished
    std::thread::id check_thread_;
    int cancel_questions_ = 0;
    bool is_cancelled_ = false;
};

/// The function tables that plugins get.
const triage_check_api& check_api();
const triage_http_api& http_api();
const triage_secret_api& secret_api();

}  // namespace triage::testing
