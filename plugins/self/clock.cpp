/// self.clock: is this machine's clock right?
#include "clock.hpp"

#include <sys/timex.h>

#include <cerrno>
#include <system_error>

#include "machine.hpp"
#include "self.hpp"

using namespace std::chrono_literals;

namespace self {
namespace {

using std::chrono::microseconds;

struct ClockParams {
    std::vector<triage::Url> urls;
    bool expect_synchronised;
    microseconds skew_warn, skew_fail, timeout;

    static void describe(triage::Describe<ClockParams>& d) {
        using P = ClockParams;
        d.optional("urls", &P::urls,
                   "Servers whose Date headers are compared; two hosts or more "
                   "tell who is wrong")
            .example("https://api.example.com");
        d.optional("expect-synchronised", &P::expect_synchronised, true,
                   "Warn if no time service keeps this machine's clock");
        d.optional("skew-warn", &P::skew_warn, 2s, "Difference that is a warning")
            .at_least(1ms)
            .not_above("skew-fail");
        d.optional("skew-fail", &P::skew_fail, 10s, "Difference that is a failure").at_least(1ms);
        d.optional("timeout", &P::timeout, 2s, "How long a server may take").at_least(1ms);
    }
};

KernelClock kernel_clock() {
    timex now{};  // modes 0: nothing is changed
    const int state = ::adjtimex(&now);
    if (state < 0) return {std::generic_category().message(errno), false, 0us};
    return {"", state != TIME_ERROR && (now.status & STA_UNSYNC) == 0, microseconds(now.esterror)};
}

triage::Task<Reading> read_clock(triage::Context& ctx, triage::Url url, microseconds limit,
                                 const Machine& machine) {
    triage::Request request("HEAD", url);
    request.timeout(limit);
    const auto response = co_await ctx.http(request);
    const auto came = ctx.wall_clock();
    const auto took = response.timings().first_byte;
    const auto where = triage::Endpoint(response.address()).host();
    auto out = reading_of(triage::Endpoint(url.host_port()).host(), response, came - took, came);
    if (const auto address = Address::parse(where)) out.own = machine.is_own(*address);
    co_return out;
}

triage::Check clock(const ClockParams& p, triage::Context& ctx) {
    const auto machine = this_machine();
    std::vector<triage::Task<Reading>> tasks;
    for (const auto& url : p.urls)
        tasks.push_back(read_clock(ctx, url, p.timeout, machine));
    const auto readings = co_await triage::all(std::move(tasks));
    const ClockLimits limits{p.expect_synchronised, p.skew_warn, p.skew_fail};
    const auto judgement = judge_clock(limits, kernel_clock(), readings);
    judgement.report(ctx);
    std::optional<microseconds> skew;
    for (const auto& one : readings) {
        if (one.why_not.empty() && !one.own && (!skew || std::chrono::abs(one.ahead) < *skew))
            skew = std::chrono::abs(one.ahead);
    }
    if (skew) ctx.metric("skew", *skew);
    co_return outcome_of(judgement);
}

}  // namespace

void add_clock(triage::Plugin& plugin) {
    plugin.check<ClockParams>("clock", "Is this machine's clock right, by its kernel and by others",
                              "1 HEAD for each of urls", clock, clock_codes());
}

}  // namespace self
