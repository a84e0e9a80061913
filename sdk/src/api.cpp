/// The ABI's function tables, on top of Run.
#include "run.hpp"

namespace triage::testing {
namespace {

using std::chrono::microseconds;

std::string str(triage_str borrowed) { return std::string(to_view(borrowed)); }

Run& checked(triage_ctx* ctx, const char* function) {
    auto& run = Run::of(ctx);
    run.on_check_thread(function);
    return run;
}

std::uint32_t param_count(triage_ctx* ctx, const char* name) {
    auto& run = checked(ctx, "param_count");
    if (!run.values().declared(name)) run.violation(text("asked for the parameter ", name));
    return run.values().count(name);
}

std::int32_t param(triage_ctx* ctx, const char* name, std::uint32_t index, triage_value* out) {
    const auto* value = checked(ctx, "param").values().at(name, index);
    if (value == nullptr) return 1;
    if (out->size != sizeof *out) Run::of(ctx).violation("param() with a size that is not set");
    *out = *value;
    return 0;
}

void evaluated(triage_ctx* ctx, triage_str code) {
    checked(ctx, "evaluated").report_evaluated(str(code));
}
void finding(triage_ctx* ctx, const triage_finding* found) {
    checked(ctx, "finding").report_finding(*found);
}
void fact(triage_ctx* ctx, const char* name, const triage_value* value) {
    checked(ctx, "fact").report_fact(name, *value);
}
void metric(triage_ctx* ctx, const char* name, double value, const char* unit) {
    checked(ctx, "metric").report_metric(name, value, unit);
}
void summary(triage_ctx* ctx, triage_str line) {
    checked(ctx, "summary").report_summary(str(line));
}
void error(triage_ctx* ctx, triage_str reason) { checked(ctx, "error").report_error(str(reason)); }
void log(triage_ctx* ctx, std::uint32_t, triage_str line) { Run::of(ctx).report_log(str(line)); }

/// Not 0 at the start, so that a plugin which takes a point in time for a duration is found out.
constexpr std::int64_t clock_origin_us = 1'000'000'000;

std::int64_t now_us(triage_ctx* ctx) { return clock_origin_us + Run::of(ctx).now().count(); }
std::int64_t deadline_us(triage_ctx* ctx) {
    return clock_origin_us + Run::of(ctx).options().deadline.count();
}
std::int64_t wall_us(triage_ctx* ctx) {
    const auto& run = Run::of(ctx);
    return (run.options().wall_clock + run.now()).time_since_epoch().count();
}

triage_op sleep(triage_ctx* ctx, std::int64_t duration_us) {
    return checked(ctx, "sleep").sleep(microseconds(duration_us));
}
triage_op wait_fd(triage_ctx* ctx, std::int32_t fd, std::uint32_t interest) {
    return checked(ctx, "wait_fd").wait_fd(fd, interest);
}
triage_op work(triage_ctx* ctx, void (*fn)(void*), void* arg) {
    return checked(ctx, "work").work(fn, arg);
}
void cancel(triage_ctx* ctx, triage_op op) { checked(ctx, "cancel").cancel(op); }
std::int32_t cancelled(triage_ctx* ctx) { return Run::of(ctx).cancelled() ? 1 : 0; }

triage_op http_start(triage_ctx* ctx, const triage_http_request* request) {
    return checked(ctx, "http.start").http(*request);
}
void http_consumed(triage_ctx* ctx, triage_op op, std::uint64_t bytes) {
    checked(ctx, "http.consumed").consumed(op, bytes);
}

std::int32_t reveal(triage_ctx* ctx, std::int64_t handle, triage_str* out) {
    auto& run = checked(ctx, "secret.reveal");
    const auto* secret = run.values().secret(handle);
    const bool allowed = run.options().allow_reveal && secret != nullptr;
    *out = to_abi(allowed             ? std::string_view(*secret)
                  : secret == nullptr ? "no such secret handle"
                                      : "not allowed: this run gives no secret.reveal");
    return allowed ? 0 : 1;
}
void add_secret(triage_ctx* ctx, triage_str learned) {
    checked(ctx, "secret.add").values().add_secret(str(learned));
}

}  // namespace

const triage_check_api& check_api() {
    static constexpr triage_check_api table{sizeof(triage_check_api),
                                            0,
                                            param_count,
                                            param,
                                            evaluated,
                                            finding,
                                            fact,
                                            metric,
                                            summary,
                                            error,
                                            log,
                                            now_us,
                                            deadline_us,
                                            wall_us,
                                            sleep,
                                            wait_fd,
                                            work,
                                            cancel,
                                            cancelled};
    return table;
}

const triage_http_api& http_api() {
    static constexpr triage_http_api table{sizeof(triage_http_api), 0, http_start, http_consumed};
    return table;
}

const triage_secret_api& secret_api() {
    static constexpr triage_secret_api table{sizeof(triage_secret_api), 0, reveal, add_secret};
    return table;
}

}  // namespace triage::testing
