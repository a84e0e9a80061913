#include "core/plugin/services.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>

#include "core/plugin/instance.hpp"

// Nothing here may throw into the plugin: out of memory ends the process, which is the worker.
namespace triage::plugin {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

Instance& of(triage_ctx* ctx) { return *ctx->instance; }

std::string_view text(const char* name) { return name == nullptr ? "" : name; }

std::int64_t to_us(loop::TimePoint time) {
    return duration_cast<microseconds>(time.time_since_epoch()).count();
}

// ---- triage.check

std::uint32_t param_count(triage_ctx* ctx, const char* name) noexcept {
    const auto* argument = of(ctx).argument(text(name));
    return argument == nullptr ? 0 : static_cast<std::uint32_t>(argument->values.size());
}

std::int32_t param(triage_ctx* ctx, const char* name, std::uint32_t index,
                   triage_value* out) noexcept {
    const auto* argument = of(ctx).argument(text(name));
    if (argument == nullptr || index >= argument->values.size() || out == nullptr) return 1;
    const auto& from = argument->values[index];
    triage_value value{};
    value.size = out->size;
    value.type = std::to_underlying(from.type);
    value.i64 = from.integer;
    value.f64 = from.floating;
    value.str = borrow(from.text);
    value.key = borrow(from.key);
    std::memcpy(out, &value, std::min<std::size_t>(out->size, sizeof(value)));
    return 0;
}

void evaluated(triage_ctx* ctx, triage_str code) noexcept {
    of(ctx).report([&](OutcomeBuilder& out) { out.evaluated(view(code)); });
}

RawFinding copy_finding(const triage_finding& finding) {
    RawFinding copy;
    copy.code = view(finding.code).substr(0, 256);
    copy.subject = view(finding.subject).substr(0, 2 * max_string_bytes);
    copy.message = view(finding.message).substr(0, 2 * max_string_bytes);
    copy.remedy = view(finding.remedy).substr(0, 2 * max_string_bytes);
    if (finding.evidence == nullptr) return copy;
    for (std::uint32_t i = 0; i < std::min<std::size_t>(finding.evidence_count, max_evidence);
         ++i) {
        const auto* evidence = finding.evidence[i];
        if (evidence == nullptr || !TRIAGE_HAS(evidence, value)) continue;
        copy.evidence.emplace_back(view(evidence->name).substr(0, 2 * max_string_bytes),
                                   view(evidence->value).substr(0, 2 * max_string_bytes));
    }
    return copy;
}

void finding(triage_ctx* ctx, const triage_finding* given) noexcept {
    of(ctx).report([&](OutcomeBuilder& out) {
        if (given == nullptr || !TRIAGE_HAS(given, evidence_count)) {
            out.violation("it reported a finding that is NULL or too small");
            return;
        }
        if (given->weight_override > 1 + TRIAGE_WEIGHT_FAIL) {
            out.violation("it reported a finding with the weight " +
                          std::to_string(given->weight_override) + ", expected 0 to 3");
            return;
        }
        std::optional<model::Weight> weight;
        if (given->weight_override > 0)
            weight = static_cast<model::Weight>(given->weight_override - 1);
        out.finding(copy_finding(*given), weight);
    });
}

void fact(triage_ctx* ctx, const char* name, const triage_value* value) noexcept {
    of(ctx).report([&](OutcomeBuilder& out) {
        if (value == nullptr || !TRIAGE_HAS(value, str)) {
            out.violation("it reported a fact whose value is NULL or too small");
            return;
        }
        switch (value->type) {
            case TRIAGE_TYPE_BOOL:
                out.fact(text(name), value->i64 != 0);
                break;
            case TRIAGE_TYPE_INT:
                out.fact(text(name), value->i64);
                break;
            case TRIAGE_TYPE_FLOAT:
                out.fact(text(name), value->f64);
                break;
            case TRIAGE_TYPE_STRING:
                out.fact(text(name), std::string(view(value->str)));
                break;
            default:
                out.violation("it reported a fact of type " + std::to_string(value->type) +
                              ", expected 1 to 4");
        }
    });
}

void metric(triage_ctx* ctx, const char* name, double value, const char* unit) noexcept {
    of(ctx).report([&](OutcomeBuilder& out) { out.metric(text(name), value, text(unit)); });
}

void summary(triage_ctx* ctx, triage_str line) noexcept {
    of(ctx).report([&](OutcomeBuilder& out) { out.summary(view(line)); });
}

void error(triage_ctx* ctx, triage_str reason) noexcept {
    of(ctx).report([&](OutcomeBuilder& out) { out.error(view(reason)); });
}

void log(triage_ctx* ctx, std::uint32_t level, triage_str line) noexcept {
    of(ctx).report([&](OutcomeBuilder& out) { out.log(level, view(line)); });
}

std::int64_t now_us(triage_ctx* ctx) noexcept { return to_us(of(ctx).now()); }

std::int64_t deadline_us(triage_ctx* ctx) noexcept { return to_us(of(ctx).deadline()); }

std::int64_t wall_us(triage_ctx*) noexcept {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return duration_cast<microseconds>(now).count();
}

triage_op sleep(triage_ctx* ctx, std::int64_t duration_us) noexcept {
    return of(ctx).sleep(duration_us);
}

triage_op wait_fd(triage_ctx* ctx, std::int32_t fd, std::uint32_t interest) noexcept {
    return of(ctx).wait_fd(fd, interest);
}

triage_op work(triage_ctx* ctx, void (*fn)(void*), void* arg) noexcept {
    return of(ctx).work(fn, arg);
}

void cancel(triage_ctx* ctx, triage_op op) noexcept { of(ctx).cancel_operation(OpId{op}); }

std::int32_t cancelled(triage_ctx* ctx) noexcept { return of(ctx).cancelled() ? 1 : 0; }

constexpr triage_check_api check_api{sizeof(triage_check_api),
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

// ---- triage.http

triage_op http_start(triage_ctx* ctx, const triage_http_request* request) noexcept {
    return of(ctx).http(request);
}

void http_consumed(triage_ctx* ctx, triage_op op, std::uint64_t bytes) noexcept {
    of(ctx).http_consumed(OpId{op}, bytes);
}

constexpr triage_http_api http_api{sizeof(triage_http_api), 0, http_start, http_consumed};

// ---- triage.secret

constexpr std::string_view not_revealed =
    "this secret is not given to the plugin: it needs the capability \"secret.reveal\" and the "
    "runbook's [allow] PLUGIN = { reveal = [\"SECRET\"] }";

std::int32_t reveal(triage_ctx* ctx, std::int64_t handle, triage_str* out) noexcept {
    const auto* secret = of(ctx).revealed(handle);
    if (out != nullptr) *out = borrow(secret == nullptr ? not_revealed : std::string_view(*secret));
    return secret == nullptr ? 1 : 0;
}

void add_secret(triage_ctx* ctx, triage_str secret) noexcept {
    if (secret.size > 0) of(ctx).learn_secret(view(secret));
}

constexpr triage_secret_api secret_api{sizeof(triage_secret_api), 0, reveal, add_secret};

const void* service(const triage_host*, const char* id) noexcept {
    if (text(id) == TRIAGE_CHECK_API) return &check_api;
    if (text(id) == TRIAGE_HTTP_API) return &http_api;
    if (text(id) == TRIAGE_SECRET_API) return &secret_api;
    return nullptr;
}

}  // namespace

const triage_host& host() {
    static constexpr triage_host value{sizeof(triage_host), TRIAGE_ABI_MAJOR, TRIAGE_ABI_MINOR, 0,
                                       TRIAGE_VERSION,      service};
    return value;
}

}  // namespace triage::plugin
