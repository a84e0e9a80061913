#include "pattern.hpp"

#include "health.hpp"
#include "json.hpp"
#include "transport.hpp"

using namespace std::chrono_literals;

namespace health {

void PatternParams::describe(triage::Describe<PatternParams>& d) {
    using P = PatternParams;
    d.required("base", &P::base, "The URL of the API").example("http://127.0.0.1:8000");
    d.optional("timeout", &P::timeout, 3s, "No answer within this is a hang; for each request")
        .at_least(1ms);
    d.optional("body", &P::body, "{\"ok\":true}", "The exact body of healthz and readyz");
    d.optional("request-id-header", &P::request_id_header, "x-request-id",
               "A header that every answer of the application has; \"\" if it has none");
    d.optional("healthz-path", &P::healthz_path, "/healthz", "A handler in the thread pool");
    d.optional("readyz-path", &P::readyz_path, "/readyz", "The readiness handler");
    d.optional("openapi-path", &P::openapi_path, "/openapi.json", "A handler in the event loop");
    d.optional("api-path", &P::api_path, "/api/v1/boards", "A GET that needs a token");
    d.optional("api-status", &P::api_status, 401, "What it answers without a token");
    d.optional("db-probe", &P::db_probe, true,
               "POST to something that does not exist, so that the database is asked; writes "
               "nothing, but needs a grant: without one the check could not tell");
    d.optional("db-probe-path", &P::db_probe_path,
               "/api/v1/boards/00000000-0000-0000-0000-000000000000/webhooks/"
               "00000000-0000-0000-0000-000000000000",
               "Where to POST")
        .writes("POST", "base", "db-probe");
    d.optional("db-probe-body", &P::db_probe_body, "{}", "What to POST, as JSON");
    d.optional("db-probe-status", &P::db_probe_status, 404, "What it answers when all is well");
    d.optional("db-probe-quick", &P::db_probe_quick, 1s,
               "A 5xx up to here means an error of the database, a later one a wait for it");
}

namespace {

constexpr triage::Fact<std::string> app_version{"app_version", "info.version of openapi.json"};
constexpr triage::Fact<std::string> healthz_server{"server", "The Server header of healthz"};
constexpr triage::Fact<std::string> healthz_address{"address", "The address that was connected to"};
constexpr triage::Fact<std::int64_t> db_probe_status{"db_probe_status",
                                                     "The status of the database probe"};

triage::Request get(const PatternParams& p, const std::string& path) {
    triage::Request request("GET", p.base.join(path));
    request.timeout(p.timeout).max_body(4 << 20);
    return request;
}

triage::Request db_probe(const PatternParams& p) {
    triage::Request request("POST", p.base.join(p.db_probe_path));
    request.timeout(p.timeout).header("content-type", "application/json").body(p.db_probe_body);
    return request;
}

triage::Task<triage::Response> ask(triage::Context& ctx, triage::Request request) {
    co_return co_await ctx.http(std::move(request));
}

triage::Task<PatternAnswers> ask_all(const PatternParams& p, triage::Context& ctx) {
    std::vector<triage::Task<triage::Response>> tasks;
    for (const auto* path : {&p.healthz_path, &p.readyz_path, &p.openapi_path, &p.api_path}) {
        tasks.push_back(ask(ctx, get(p, *path)));
    }
    if (p.db_probe) tasks.push_back(ask(ctx, db_probe(p)));
    auto got = co_await triage::all(std::move(tasks));
    PatternAnswers answers{std::move(got[0]), std::move(got[1]), std::move(got[2]),
                           std::move(got[3]), std::nullopt};
    if (p.db_probe) answers.db_probe = std::move(got[4]);
    co_return answers;
}

std::string part(std::string_view name, const triage::Response& response) {
    if (!response.ok()) return triage::text(name, " ", response.describe());
    return triage::text(name, " ", response.status(), " in ", response.total());
}

std::string summary_of(const PatternAnswers& answers) {
    auto out =
        triage::text(part("healthz", answers.healthz), "; ", part("readyz", answers.readyz), "; ",
                     part("openapi", answers.openapi), "; ", part("api", answers.api), "; ");
    return out + (answers.db_probe ? part("db probe", *answers.db_probe) : "db probe not wanted");
}

void report(triage::Context& ctx, const PatternAnswers& answers) {
    ctx.metric("healthz", answers.healthz.total());
    ctx.metric("readyz", answers.readyz.total());
    ctx.metric("openapi", answers.openapi.total());
    ctx.metric("api", answers.api.total());
    if (answers.db_probe && !answers.db_probe->could_not_ask()) {
        ctx.metric("db-probe", answers.db_probe->total());
        ctx.fact(db_probe_status, answers.db_probe->status());
    }
    if (const auto value = answers.healthz.header("server"))
        ctx.fact(healthz_server, std::string(*value));
    if (!answers.healthz.address().empty()) ctx.fact(healthz_address, answers.healthz.address());
    if (!answers.openapi.ok() || answers.openapi.status() != 200) return;
    std::string why;
    const auto json = Json::parse(answers.openapi.body(), why);
    if (const auto text = json ? json->string_at("/info/version") : std::nullopt) {
        ctx.fact(app_version, *text);
    }
}

/// A probe that was wanted and not made leaves the database unseen: never a pass.
std::string why_no_probe(const triage::Response& probe) {
    auto why = triage::text("no database probe: ", probe.describe());
    if (probe.failure() == triage::Failure::denied) {
        why += " Set db-probe = false if it is not wanted.";
    }
    return why;
}

triage::Check pattern(const PatternParams& p, triage::Context& ctx) {
    const auto answers = co_await ask_all(p, ctx);
    for (const auto* get : {&answers.healthz, &answers.readyz, &answers.openapi, &answers.api}) {
        if (get->could_not_ask()) co_return triage::could_not_tell(get->describe());
    }
    judge_pattern(p, ctx, answers);
    report(ctx, answers);
    if (answers.db_probe && answers.db_probe->could_not_ask()) {
        co_return triage::could_not_tell(why_no_probe(*answers.db_probe));
    }
    co_return triage::done(summary_of(answers));
}

}  // namespace

void add_pattern(triage::Plugin& plugin) {
    plugin.check<PatternParams>("pattern",
                                "Several requests at once, whose pattern tells the layers apart",
                                "4 GET, 1 POST that writes nothing", pattern, pattern_codes(),
                                {app_version, healthz_server, healthz_address, db_probe_status});
}

}  // namespace health
