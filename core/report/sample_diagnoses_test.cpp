// No tests: what the runs of sample_runs.hpp mean.
#include "core/report/sample_runs.hpp"

namespace triage::report::sample {
namespace {

using model::Certainty;
using model::Next;
using model::State;

model::Reference reference(std::string_view check, std::string code, std::string_view message) {
    return {text(check), std::move(code), text("127.0.0.1:5432/mission_control"), text(message)};
}

model::Impact part(std::string component, State state, std::string_view why = "") {
    return {std::move(component), state, text(why)};
}

std::vector<model::Reference> many_references() {
    std::vector<model::Reference> out;
    for (int i = 0; i < 9; ++i)
        out.push_back(reference("logs", "logs.errors",
                                "RuntimeError: no running event loop (3 times, last 2 s ago)"));
    return out;
}

}  // namespace

model::Report reported(model::Run run) {
    return {.run = std::move(run), .diagnosis = {}, .changes = {}};
}

model::Diagnosis database_down() {
    model::Diagnosis out;
    out.answer = model::Answer::broken;
    out.impact = {part("ui", State::degraded, "The database refuses connections"),
                  part("api", State::down, "the database probe answers 500 at once; 404 expected"),
                  part("auth", State::up),
                  part("database", State::down, "127.0.0.1:5432 refuses the connection"),
                  part("cache", State::unknown, "no check looks at it"),
                  part("gateway", State::unknown, "no check looks at it")};
    out.scope = model::Scope::all;
    out.causes = {{.id = "database.refused",
                   .title = text("The database refuses connections"),
                   .target = text("127.0.0.1:5432/mission_control"),
                   .component = "database",
                   .certainty = Certainty::confirmed,
                   .score = 9,
                   .supporting = {reference("db", "db.refused", "127.0.0.1:5432 refuses it"),
                                  reference("api", "health.db-probe-5xx",
                                            "db probe answers HTTP 500 after 23 ms, expected 404")},
                   .following = {reference("cors", "cors.server-error",
                                           "GET /api/v1/boards answers 500 without CORS headers")},
                   .contradicting = {},
                   .unseen = {},
                   .alternatives = {},
                   .fix = text("Start PostgreSQL: docker compose up -d db"),
                   .isolate = {},
                   .doc = {}}};
    out.next = {{Next::Kind::fix, out.causes[0].fix, {}, {"database.refused"}}};
    return out;
}

model::Diagnosis unclear() {
    model::Diagnosis out;
    out.answer = model::Answer::broken;
    out.impact = {part("api", State::degraded, "some paths hang"), part("ui", State::up),
                  part("auth", State::up)};
    out.impact.back().doubt = text("The API refuses nearly all requests with 401 or 403");
    out.scope = model::Scope::origin;
    out.affected = {text("https://app.example.com"), text("https://staging.example.com")};
    out.causes = {{.id = "api.pool-exhausted",
                   .title = text("The API's own pool of database connections is used up"),
                   .target = {},
                   .component = "api",
                   .certainty = Certainty::possible,
                   .score = 3,
                   .supporting = {reference("api", "health.db-probe-hung", "db probe: no answer")},
                   .following = {},
                   .contradicting = {"db.idle-in-transaction"},
                   .unseen = {"logs.pool-exhausted"},
                   .alternatives = {"database.locked"},
                   .fix = text("Restart the backend"),
                   .isolate = text("Close board pages: each holds four streams open"),
                   .doc = {}}};
    out.unexplained = many_references();
    out.next = {{Next::Kind::check,
                 text("What do the logs say?"),
                 "triage run config/mission-control.toml --only logs",
                 {"api.pool-exhausted", "database.locked"}},
                {Next::Kind::question, text("Was a migration started?"), {}, {}},
                {Next::Kind::isolate, out.causes[0].isolate, {}, {"api.pool-exhausted"}}};
    return out;
}

model::Diagnosis unexplained() {
    auto out = unclear();
    out.answer = model::Answer::no_known_cause;
    out.impact = {part("api", State::unknown), part("ui", State::unknown)};
    out.scope = model::Scope::unknown;
    out.unexplained.resize(2);
    out.next.clear();
    return out;
}

model::Changes some_changes() {
    using Kind = model::Change::Kind;
    model::Changes out;
    out.baseline_at_us = 1'795'425'000'000'000;
    out.onset = model::Onset{1'795'425'000'000'000, 1'795'429'200'000'000};
    out.first_sign_us = 1'795'428'000'000'000;
    out.list = {{Kind::deploy, text("api: app_version"), text("0.1.0"), text("0.2.0")},
                {Kind::deploy, text("deploy: image[backend]"), text("sha256:11"), text("sha256:22"),
                 1'795'427'960'000'000, model::Change::Timing::before},
                {Kind::deploy, text("deploy: image[worker]"), text("sha256:33"), text("sha256:44"),
                 1'795'429'300'000'000, model::Change::Timing::after},
                {Kind::config, text("backend:CORS_ORIGINS"), text("#1a2b3c4d"), text("#99aabbcc")},
                {Kind::config, text("var ui"), {}, text("https://app.example.com")},
                {Kind::latency, text("healthz: total"), text("3.2 ms"), text("1.8 s")},
                {Kind::lost, text("db-server"), text("up for 3 days"), text("needs db")}};
    return out;
}

}  // namespace triage::report::sample
