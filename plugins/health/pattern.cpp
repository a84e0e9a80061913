#include "pattern.hpp"

#include <algorithm>
#include <iterator>

#include "certificate.hpp"
#include "health.hpp"
#include "transport.hpp"

using namespace std::chrono_literals;

namespace health {
namespace {

constexpr const char* header_or_none = "[!#$%&'*+.^_`|~0-9A-Za-z-]*";
constexpr const char* below_base = "/\\S*";  // as openapi.json and grants write it

}  // namespace

void PatternParams::describe(triage::Describe<PatternParams>& d) {
    using P = PatternParams;
    d.required("base", &P::base, "The URL of the API").example("http://127.0.0.1:8000");
    d.optional("timeout", &P::timeout, 3s, "No answer within this is a hang; for each request")
        .at_least(1ms);
    d.optional("body", &P::body, "{\"ok\":true}", "The exact body of healthz and readyz");
    d.optional("request-id-header", &P::request_id_header, "x-request-id",
               "A header that every answer of the application has; \"\" if it has none")
        .pattern(header_or_none);
    d.optional("healthz-path", &P::healthz_path, "/healthz", "A handler in the thread pool")
        .pattern(below_base);
    d.optional("readyz-path", &P::readyz_path, "/readyz", "The readiness handler")
        .pattern(below_base);
    d.optional("openapi-path", &P::openapi_path, "/openapi.json", "A handler in the event loop")
        .pattern(below_base);
    d.optional("api-path", &P::api_path, "/api/v1/boards", "A GET that needs a token")
        .pattern(below_base);
    d.optional("more-api-paths", &P::more_api_paths, {},
               "More GETs that answer as api-path does: 5xx from three paths or more is broad")
        .pattern(below_base)
        .example("/api/v1/agents");
    headers_to_send(d.optional(
        "secret-headers", &P::secret_headers,
        "Headers for api-path and more-api-paths whose values are secrets: with a session, "
        "and api-status 200, these GETs ask the database"));
    d.optional("api-status", &P::api_status, 401, "What it answers without a token")
        .at_least(100)
        .at_most(599);
    d.optional("db-probe", &P::db_probe, true,
               "POST to something that does not exist, so that the database is asked; writes "
               "nothing, but needs a grant: without one the check could not tell");
    d.optional("db-probe-path", &P::db_probe_path,
               "/api/v1/boards/00000000-0000-0000-0000-000000000000/webhooks/"
               "00000000-0000-0000-0000-000000000000",
               "Where to POST")
        .pattern(below_base)
        .writes("POST", "base", "db-probe");
    d.optional("db-probe-body", &P::db_probe_body, "{}", "What to POST, as JSON");
    d.optional("db-probe-status", &P::db_probe_status, 404, "What it answers when all is well")
        .at_least(100)
        .at_most(599);
    d.optional("db-probe-quick", &P::db_probe_quick, 1s,
               "A 5xx up to here means an error of the database, a later one a wait for it");
    d.optional("warn-over", &P::warn_over, 1500ms, "Warn when a GET takes longer and does answer")
        .at_least(1us);
    d.optional("ca-file", &P::ca_file, "Trust these CAs (PEM), not the system's");
    CertificateDays::describe(d, &P::certificate_warn_days, &P::certificate_fail_days);
}

namespace {

constexpr triage::Fact<std::string> app_version{"app_version", "info.version of openapi.json"};
constexpr triage::Fact<std::string> healthz_server{"server", "The Server header of healthz"};
constexpr triage::Fact<std::string> healthz_address{"address", "The address that was connected to"};
constexpr triage::Fact<std::int64_t> db_probe_status{"db_probe_status",
                                                     "The status of the database probe"};

void finish(const PatternParams& p, triage::Request& request) {
    request.timeout(p.timeout);
    if (p.ca_file) request.ca_file(*p.ca_file);
}

triage::Request get(const PatternParams& p, const std::string& path) {
    triage::Request request("GET", p.base.join(path));
    request.max_body(4 << 20);
    finish(p, request);
    return request;
}

triage::Request get_healthz(const PatternParams& p) {
    auto request = get(p, p.healthz_path);
    if (p.base.str().starts_with("https:")) request.certificates();
    return request;
}

triage::Request get_api(const PatternParams& p, const std::string& path) {
    auto request = get(p, path);
    for (const auto& [name, secret] : p.secret_headers) {
        request.header(name, secret);
    }
    return request;
}

triage::Request db_probe(const PatternParams& p) {
    triage::Request request("POST", p.base.join(p.db_probe_path));
    request.header("content-type", "application/json").body(p.db_probe_body);
    finish(p, request);
    return request;
}

triage::Task<triage::Response> ask(triage::Context& ctx, triage::Request request) {
    co_return co_await ctx.http(std::move(request));
}

triage::Task<PatternAnswers> ask_all(const PatternParams& p, triage::Context& ctx) {
    std::vector<triage::Task<triage::Response>> tasks;
    tasks.push_back(ask(ctx, get_healthz(p)));
    for (const auto* path : {&p.readyz_path, &p.openapi_path}) {
        tasks.push_back(ask(ctx, get(p, *path)));
    }
    tasks.push_back(ask(ctx, get_api(p, p.api_path)));
    for (const auto& path : p.more_api_paths) {
        tasks.push_back(ask(ctx, get_api(p, path)));
    }
    if (p.db_probe) tasks.push_back(ask(ctx, db_probe(p)));
    auto got = co_await triage::all(std::move(tasks));
    PatternAnswers answers;
    if (p.db_probe) {
        answers.db_probe = std::move(got.back());
        got.pop_back();
    }
    answers.healthz = std::move(got[0]);
    answers.readyz = std::move(got[1]);
    answers.openapi = std::move(got[2]);
    answers.apis.assign(std::make_move_iterator(got.begin() + 3),
                        std::make_move_iterator(got.end()));
    if (answers.openapi.ok() && answers.openapi.status() == 200) {
        answers.openapi_json = triage::Json::parse(answers.openapi.body());
    }
    co_return answers;
}

/// The answers with their names, in the order asked.
std::vector<std::pair<std::string, const triage::Response*>> named(const PatternParams& p,
                                                                   const PatternAnswers& answers) {
    std::vector<std::pair<std::string, const triage::Response*>> all = {
        {"healthz", &answers.healthz}, {"readyz", &answers.readyz}, {"openapi", &answers.openapi}};
    for (std::size_t i = 0; i < answers.apis.size(); ++i) {
        all.emplace_back(i == 0 ? "api" : p.more_api_paths[i - 1], &answers.apis[i]);
    }
    if (answers.db_probe) all.emplace_back("db probe", &*answers.db_probe);
    return all;
}

/// "healthz 200, api timeout, db probe 404; slowest 35 ms".
std::string summary_of(const PatternParams& p, const PatternAnswers& answers) {
    const auto all = named(p, answers);
    const auto& first = *all.front().second;
    const bool alike = std::all_of(all.begin(), all.end(), [&](const auto& one) {
        return !first.ok() && one.second->describe() == first.describe();
    });
    if (alike) return triage::text("all paths: ", first.describe());
    std::string out;
    auto slowest = first.total();
    for (const auto& [name, response] : all) {
        out += triage::text(out.empty() ? "" : ", ", name, " ");
        out += response->ok() ? triage::text(response->status())
                              : std::string(triage::name_of(response->failure()));
        slowest = std::max(slowest, response->total());
    }
    if (!answers.db_probe) out += ", db probe not wanted";
    return triage::text(out, "; slowest ", slowest);
}

void report(const PatternParams& p, triage::Context& ctx, const PatternAnswers& answers) {
    ctx.metric("healthz", answers.healthz.total());
    ctx.metric("readyz", answers.readyz.total());
    ctx.metric("openapi", answers.openapi.total());
    ctx.metric("api", answers.apis.front().total());
    if (answers.db_probe && !answers.db_probe->could_not_ask()) {
        ctx.metric("db-probe", answers.db_probe->total());
        ctx.fact(db_probe_status, answers.db_probe->status());
    }
    if (const auto value = answers.healthz.header("server"))
        ctx.fact(healthz_server, std::string(*value));
    if (!answers.healthz.address().empty()) ctx.fact(healthz_address, answers.healthz.address());
    judge_certificate({p.certificate_warn_days, p.certificate_fail_days}, ctx, p.base,
                      answers.healthz);
    const auto& json = answers.openapi_json;
    if (const auto text = json ? json->string("/info/version") : std::nullopt) {
        ctx.fact(app_version, std::string(*text));
    }
}

/// A probe that was wanted and not made leaves the database unseen: never a pass.
std::string why_no_probe(const triage::Response& probe) {
    auto why = triage::text("no database probe: ", probe.describe());
    if (probe.failure() == triage::Failure::denied) {
        why += why.ends_with('.') ? " " : ". ";
        why += "Set db-probe = false if it is not wanted.";
    }
    return why;
}

triage::Check pattern(const PatternParams& p, triage::Context& ctx) {
    const auto answers = co_await ask_all(p, ctx);
    for (const auto& [name, response] : named(p, answers)) {
        if (name == "db probe" || !response->could_not_ask()) continue;
        co_return triage::could_not_tell(response->describe());
    }
    judge_pattern(p, ctx, answers);
    report(p, ctx, answers);
    if (answers.db_probe && answers.db_probe->could_not_ask()) {
        co_return triage::could_not_tell(why_no_probe(*answers.db_probe));
    }
    co_return triage::done(summary_of(p, answers));
}

}  // namespace

void add_pattern(triage::Plugin& plugin) {
    plugin.check<PatternParams>(
        "pattern", "Several requests at once, whose pattern tells the layers apart",
        "4 GET, 1 POST that writes nothing", pattern, pattern_codes(),
        {app_version, healthz_server, healthz_address, db_probe_status, certificate_until});
}

}  // namespace health
