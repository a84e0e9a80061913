// No tests: the runs that the tests here show.
#include "core/report/sample_runs.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/redact/redactor.hpp"

namespace triage::report::sample {
namespace {

using namespace std::chrono_literals;
using model::CheckResult;
using model::Finding;
using model::Run;
using model::Verdict;
using model::Weight;
using std::chrono::microseconds;

struct Basics {
    std::string_view step;
    std::string_view id;
    std::string_view use;
    std::string_view layer;
    Verdict verdict = Verdict::pass;
    std::string_view summary;
    microseconds duration{0};
};

CheckResult check(const Basics& basics) {
    CheckResult result;
    result.id = text(basics.id);
    result.step = text(basics.step);
    result.use = basics.use;
    result.layer = basics.layer;
    result.vantage = text("host");
    result.verdict = basics.verdict;
    result.summary = text(basics.summary);
    result.duration = basics.duration;
    const bool ran = basics.verdict != Verdict::blocked && basics.verdict != Verdict::skip;
    if (ran) {
        result.attempts.push_back({basics.verdict, result.summary, 12ms, basics.duration});
    }
    return result;
}

// Runs as the host would finish them: the verdict of all, and the exit code.
Run finish(Run run) {
    std::vector<Verdict> verdicts;
    for (const auto& result : run.results)
        verdicts.push_back(result.verdict);
    run.verdict = model::overall(verdicts);
    run.exit_code = model::exit_code(run.verdict, run.interrupted);
    return run;
}

Run start() {
    Run run;
    run.runbook = text("mission-control");
    run.path = text("config/mission-control.toml");
    run.arguments = {text("--var"), text("api=http://127.0.0.1:8000")};
    run.started_at_us = 1'795'429'265'976'543;  // 2026-11-23 10:21:05.976543 UTC
    run.duration = 412ms;
    run.deadline = 20s;
    run.steps = {{text("communications"), text("0) Stabilize communications"), {}},
                 {text("impact"), text("1) Confirm impact"), text("troubleshooting/README.md")},
                 {text("health"), text("2) Health checks"), {}},
                 {text("configuration"), text("3) Configuration sanity"), {}}};
    run.manual = {
        {text("lead"),
         text("communications"),
         text("Who leads the incident, and in which channel?"),
         {}},
        {text("subset"), text("impact"),
         text(
             "All users, or a subset (one origin, one region, one browser, only signed-in users)?"),
         text("troubleshooting/README.md")}};
    return run;
}

void add_healthy_checks(Run& run) {
    run.results = {check({"impact", "api", "health.pattern", "api", Verdict::pass,
                          "healthz 200, openapi 200, api 401, database probe 404", 35ms}),
                   check({"health", "healthz", "health.endpoint", "api", Verdict::pass,
                          "200 in 3.2 ms", 3200us}),
                   check({"health", "readyz", "health.endpoint", "api", Verdict::pass,
                          "200 in 2.9 ms", 2940us}),
                   check({"health", "ui", "health.endpoint", "ui", Verdict::pass,
                          "200 in 48 ms, 14,210 bytes", 48ms}),
                   check({"configuration", "cors[https://app.example.com]", "cors.preflight", "api",
                          Verdict::pass, "allowed, with credentials", 7ms})};
    auto& endpoint = run.results[1];
    endpoint.title = text("Backend /healthz, direct");
    endpoint.evaluated = {"health.missing-header", "health.status", "health.unreachable"};
    endpoint.facts = {{"server", text("uvicorn")}, {"status", std::int64_t{200}}};
    endpoint.metrics = {{"connect", 0.21, "ms"}, {"total", 3.2, "ms"}, {"size", 1048576, "By"}};
    endpoint.log = {{2, text("connected to 127.0.0.1:8000")}};
}

Finding probe_finding() {
    return {
        .code = "health.database-probe",
        .weight = Weight::fail,
        .subject = text("http://127.0.0.1:8000/api/v1/boards/00000000-0000-0000-0000-"
                        "000000000000/webhooks/00000000-0000-0000-0000-000000000000"),
        .message = text("the database probe answers 500 at once; 404 was expected"),
        .remedy = text("The API cannot use its database: it is refused, or schema or password "
                       "do not fit. Look at the check 'db' and at the backend's log."),
        .evidence = {{text("status"), text("500 Internal Server Error")},
                     {text("body"), text("{\"detail\":\"Internal Server Error\","
                                         "\"request_id\":\"9634fca0b1c2d3e4f5061728394a5b6c\"}")},
                     {text("x-request-id"), text("9634fca0b1c2d3e4f5061728394a5b6c")},
                     {text("took"), text("31 ms")}}};
}

}  // namespace

model::Text text(std::string_view raw) {
    static const redact::Redactor redactor;
    return redactor.redact(raw);
}

Run healthy() {
    Run run = start();
    add_healthy_checks(run);
    return finish(std::move(run));
}

Run one_fault() {
    Run run = start();
    add_healthy_checks(run);
    auto& api = run.results[0];
    api.verdict = api.attempts[0].verdict = Verdict::fail;
    api.title = text("API, authentication and database as callers see them");
    api.summary = text("healthz 200, openapi 200, api 401, database probe 500");
    api.findings = {probe_finding()};
    auto db = check({"configuration", "db", "db.postgres", "db", Verdict::fail,
                     "connection refused at 127.0.0.1:5432", 2ms});
    db.vantage = text("container:backend");
    db.findings = {{.code = "db.unreachable",
                    .weight = Weight::fail,
                    .subject = text("127.0.0.1:5432"),
                    .message = text("connection refused at 127.0.0.1:5432"),
                    .remedy = text("Start PostgreSQL: docker compose up -d db"),
                    .evidence = {}}};
    run.results.push_back(db);
    return finish(std::move(run));
}

Run unknown() {
    Run run = start();
    add_healthy_checks(run);
    run.duration = 20s + 4ms;
    run.deadline_reached = true;
    run.notices = {text("Landlock is not available here: plugins are not kept from files")};
    auto& api = run.results[0];
    api.verdict = api.attempts[0].verdict = Verdict::error;
    api.summary = text("the plugin 'health' crashed with SIGSEGV at address 0x10 in check 'api'");
    api.remedy = text("This is a fault of the plugin: run it with --in-process under a debugger.");
    auto clerk = check({"configuration", "clerk", "clerk.pairing", "auth", Verdict::error,
                        "the secret clerk_key is unset", 0ms});
    clerk.attempts.clear();
    clerk.remedy = text("Set CLERK_SECRET_KEY in backend/.env.");
    run.results.push_back(clerk);
    run.results.push_back(check({"configuration", "sessions", "clerk.sessions", "auth",
                                 Verdict::blocked, "needs clerk, which could not tell", 0ms}));
    run.results.push_back(check({"configuration", "restore", "backup.restore", "", Verdict::skip,
                                 "is a deep check: --deep runs it", 0ms}));
    run.results[3].vantage = text("container:frontend");
    return finish(std::move(run));
}

Run interrupted() {
    Run run = one_fault();
    run.duration = 1730ms;
    run.interrupted = true;
    auto& readyz = run.results[2];
    readyz.verdict = Verdict::error;
    readyz.summary = text("interrupted before it was done");
    return finish(std::move(run));
}

Run flapping() {
    Run run = start();
    run.manual.clear();
    add_healthy_checks(run);
    auto& api = run.results[0];
    api.verdict = Verdict::warn;
    api.summary = text("flapping, 2 of 3 attempts passed: no answer within 3 s");
    api.duration = 3600ms;
    api.attempts = {{Verdict::pass, text("200 in 3 ms"), 10ms, 3ms},
                    {Verdict::fail, text("no answer within 3 s"), 263ms, 3s},
                    {Verdict::pass, text("200 in 4 ms"), 3513ms, 4ms}};
    api.findings = {{.code = "health.no-answer",
                     .weight = Weight::warn,
                     .subject = text("http://127.0.0.1:8000/healthz"),
                     .message = text("no answer within 3 s"),
                     .remedy = {},
                     .evidence = {{text("connected"), text("after 0.2 ms")}}}};
    return finish(std::move(run));
}

Run waived() {
    Run run = start();
    run.manual.clear();
    add_healthy_checks(run);
    auto& ui = run.results[3];
    ui.verdict = ui.attempts[0].verdict = Verdict::warn;
    ui.summary = text("200 in 2.41 s; at most 1 s was expected");
    ui.waived = text("waived until 2026-12-31: the CDN moves in December (OPS-1423)");
    ui.findings = {{.code = "health.slow",
                    .weight = Weight::warn,
                    .subject = text("ui"),
                    .message = text("200 in 2.41 s; at most 1 s was expected"),
                    .remedy = {},
                    .evidence = {{text("first byte"), text("2.38 s")}}}};
    return finish(std::move(run));
}

Run empty() {
    Run run;
    run.runbook = text("minimal");
    run.path = text("minimal.toml");
    run.started_at_us = 0;
    return finish(std::move(run));
}

Run hostile() {
    Run run = start();
    run.runbook = text("a\nrunbook\twith\x1b[31m everything\x07 in its name");
    run.steps[1].title = text(
        "A title that is much longer than any terminal is wide, 日本語の長い題名"
        "がここに続きます and on and on");
    const std::string url = "https://example.com/" + std::string(300, 'x');
    auto wide = check({"impact", "日本語のチェック[https://例え.テスト/長い]", "health.endpoint",
                       "api", Verdict::fail, "first line\n\tsecond line\r\nthird line", 1h + 5min});
    wide.vantage = text("container:" + std::string(90, 'c'));
    wide.findings = {
        {.code = "health.body",
         .weight = Weight::fail,
         .subject = text(url),
         .message = text("the body has " + std::string(500, 'm') + " and then words that wrap"),
         .remedy = text("1. do this\n2. do that"),
         .evidence = {{text("body"), text("<html>\n<body>\n\n\n" + std::string(2000, '<'))},
                      {text("a name that is far too long for a column"), text("v\tw\tx")},
                      {text(""), text("")},
                      {text("body"), text("a second one of that name")},
                      {text("zero width"), text(std::string(200, 'e') + "\u0301\u202e\u200b")}}},
        {.code = "health.note",
         .weight = Weight::info,
         .subject = {},
         .message = {},
         .remedy = {},
         .evidence = {}}};
    run.results = {wide,
                   check({"a step that nobody declared", "", "x.y", "", Verdict::error, "", 0ms})};
    run.manual.push_back({text("m"), text("impact"), text(url + "\n" + url), text(url)});
    run.notices = {text(std::string(200, 'n') + "\n\nand more")};
    return finish(std::move(run));
}

Run crashed() {
    Run run = start();
    run.manual.clear();
    add_healthy_checks(run);
    run.results[0].summary = text(
        "healthz 200, openapi 200, api 401, database probe 404; could not tell everything: no "
        "permission for http://127.0.0.1:9090");
    for (int i = 0; i < 30; ++i) {
        auto taken = check({"configuration", fmt::format("table[{}]", i), "db.table", "db",
                            Verdict::error, "the plugin 'db' crashed with SIGSEGV in check 'table'",
                            microseconds(1000 + i)});
        taken.remedy = text("This is a bug of the plugin: tell its author.");
        run.results.push_back(taken);
    }
    auto other = check({"configuration", "schema", "db.schema", "db", Verdict::error,
                        "the secret db_password is unset", 0ms});
    run.results.insert(run.results.begin() + 10, other);
    return finish(std::move(run));
}

Run many(std::size_t number) {
    Run run = start();
    run.manual.clear();
    for (std::size_t i = 0; i < number; ++i) {
        const std::string id = fmt::format("healthz[{}]", i);
        auto result =
            check({"health", id, "health.endpoint", "api", Verdict::pass, "200 in 3.2 ms", 3200us});
        result.evaluated = {"health.status", "health.unreachable"};
        result.facts = {{"status", std::int64_t{200}}};
        result.metrics = {{"total", 3.2, "ms"}};
        if (i % 1000 == 999) {
            result.verdict = result.attempts[0].verdict = Verdict::fail;
            result.summary = text("status 503; 200 was expected");
            result.findings = {{.code = "health.status",
                                .weight = Weight::fail,
                                .subject = text("http://127.0.0.1:8000/healthz"),
                                .message = text("status 503; 200 was expected"),
                                .remedy = {},
                                .evidence = {{text("body"), text("overloaded")}}}};
        }
        run.results.push_back(std::move(result));
    }
    return finish(std::move(run));
}

}  // namespace triage::report::sample
