#include <algorithm>

#include "health.hpp"

using namespace std::chrono_literals;

namespace health {
namespace {

struct Params {
    triage::Url url;
    std::vector<std::int64_t> status;
    std::chrono::microseconds timeout;

    static void describe(triage::Describe<Params>& d) {
        d.required("url", &Params::url, "The URL to ask");
        d.optional("status", &Params::status, {200}, "The statuses that are right");
        d.optional("timeout", &Params::timeout, 3s, "No answer within this is a finding");
    }
};

constexpr triage::Code no_answer{"health.no-answer", triage::Weight::fail,
                                 "Nothing came back in time", "Look at the service's log"};
constexpr triage::Code refused{"health.refused", triage::Weight::fail,
                               "Nothing listens at the address", "Start the service"};
constexpr triage::Code bad_status{"health.status", triage::Weight::fail,
                                  "The status is not one of those expected"};
constexpr triage::Fact<std::int64_t> http_status{"http_status", "The status of the answer"};

triage::Check endpoint(const Params& p, triage::Context& ctx) {
    auto response = co_await ctx.http(triage::Request("GET", p.url).timeout(p.timeout));
    if (response.could_not_ask()) co_return triage::could_not_tell(response.describe());
    ctx.evaluated(refused, no_answer);
    if (!response.ok()) {
        const bool is_refused = response.failure() == triage::Failure::refused;
        ctx.found(is_refused ? refused : no_answer, p.url, response.describe())
            .evidence("phase", response.phase_name());
        co_return triage::done(response.describe());
    }
    ctx.evaluated(bad_status);
    if (std::find(p.status.begin(), p.status.end(), response.status()) == p.status.end()) {
        ctx.found(bad_status, p.url, triage::text("HTTP ", response.status()));
    }
    ctx.fact(http_status, response.status());
    ctx.metric("total", response.total());
    co_return triage::done(triage::text(response.describe(), " in ", response.total()));
}

}  // namespace

void add_endpoint(triage::Plugin& plugin) {
    plugin.check<Params>("endpoint", "One request to a URL, and its answer looked at closely",
                         "1 GET", endpoint, {no_answer, refused, bad_status}, {http_status});
}

}  // namespace health
