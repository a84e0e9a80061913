/// @NAME@: see README.md.
#include <triage/plugin.hpp>

using namespace std::chrono_literals;

namespace {

/// What a runbook gives in `with`. Declared once: validation, defaults and help come from here.
struct Params {
    triage::Url url;
    std::chrono::milliseconds slow;

    static void describe(triage::Describe<Params>& d) {
        d.required("url", &Params::url, "Where to look").example("http://127.0.0.1:8000/");
        d.optional("slow", &Params::slow, 500ms, "Warn when the answer takes longer").at_least(1ms);
    }
};

/// What the check can find out.
constexpr triage::Code down{"@NAME@.down", triage::Weight::fail, "The URL does not answer well",
                            "Start the service, then look at its log"};
constexpr triage::Code slow{"@NAME@.slow", triage::Weight::warn, "The answer takes long",
                            "Look at the load of the service"};

/// What the check can learn.
constexpr triage::Fact<std::string> server{"server", "The Server header"};

triage::Check probe(const Params& p, triage::Context& ctx) {
    const auto response = co_await ctx.http(triage::Request("GET", p.url).timeout(3s));
    // Not allowed, malformed, this machine out of files: we do not know how the target is.
    if (response.could_not_ask()) co_return triage::could_not_tell(response.describe());

    ctx.evaluated(down);
    if (!response.ok() || response.status() >= 400) {
        ctx.found(down, p.url, response.describe()).evidence("phase", response.phase_name());
        co_return triage::done(response.describe());
    }
    ctx.evaluated(slow);
    if (response.total() > p.slow) {
        ctx.found(slow, p.url,
                  triage::text("took ", response.total(), ", expected at most ", p.slow));
    }
    if (const auto name = response.header("server")) ctx.fact(server, std::string(*name));
    ctx.metric("total", response.total());
    co_return triage::done(triage::text(response.describe(), " in ", response.total()));
}

}  // namespace

TRIAGE_PLUGIN(triage::Plugin("Answers whether a URL answers well and in time")
                  .check<Params>("probe", "One GET of a URL", "1 GET", probe, {down, slow},
                                 {server}));
