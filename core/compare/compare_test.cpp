#include "core/compare/compare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace triage::compare {
namespace {

using model::Change;
using model::Verdict;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = Change::Kind;

const redact::Redactor redactor;

model::Text text(std::string_view raw) { return redactor.redact(raw); }

model::CheckResult check(std::string_view id, std::vector<model::Fact> facts = {},
                         Verdict verdict = Verdict::pass) {
    model::CheckResult out;
    out.id = text(id);
    out.verdict = verdict;
    out.summary = text(verdict == Verdict::error ? "no answer" : "fine");
    out.facts = std::move(facts);
    return out;
}

model::CheckResult finding(model::CheckResult result, std::string code, std::string_view subject,
                           model::Weight weight = model::Weight::fail) {
    result.findings.push_back({.code = std::move(code),
                               .weight = weight,
                               .subject = text(subject),
                               .message = text("is bad"),
                               .remedy = {},
                               .evidence = {}});
    return result;
}

model::Run run(std::vector<model::CheckResult> results, std::vector<model::Fact> settings = {}) {
    model::Run out;
    out.results = std::move(results);
    out.settings = std::move(settings);
    return out;
}

// "deploy api: version: 1 > 2"
std::vector<std::string> told(const std::vector<Change>& list) {
    std::vector<std::string> out;
    for (const auto& one : list)
        out.push_back(std::string(name(one.kind)) + " " + one.what.str() + ": " + one.before.str() +
                      " > " + one.after.str());
    return out;
}

std::vector<std::string> changes(const model::Run& now, const model::Run& then,
                                 const Usual& usual = {}) {
    const auto list = told(compare(now, then, usual, redactor));
    if (fingerprint(now) == fingerprint(then)) {
        EXPECT_EQ(list, told(compare_durations(now, usual, redactor))) << "or it must be read";
    }
    return list;
}

TEST(Compare, SaysWhichFactsChangedAndOfWhichKind) {
    const auto then = run({check("api", {{"address", text("10.0.0.1")},
                                         {"app_version", text("1")},
                                         {"certificate_until", text("2027-01-01")},
                                         {"gone", text("x")},
                                         {"pooled", false},
                                         {"requests", std::int64_t{5}},
                                         {"revision", text("a")},
                                         {"server", text("nginx")}})});
    const auto now = run({check("api", {{"address", text("10.0.0.2")},
                                        {"app_version", text("2")},
                                        {"certificate_until", text("2027-02-01")},
                                        {"new", text("y")},
                                        {"pooled", true},
                                        {"requests", std::int64_t{9}},
                                        {"revision", text("b")},
                                        {"server", text("nginx")}})});
    EXPECT_THAT(changes(now, then),
                ElementsAre("deploy api: app_version: 1 > 2", "migration api: revision: a > b",
                            "certificate api: certificate_until: 2027-01-01 > 2027-02-01",
                            "dns api: address: 10.0.0.1 > 10.0.0.2", "fact api: new:  > y",
                            "fact api: pooled: false > true", "fact api: gone: x > "));
    EXPECT_THAT(changes(now, now), IsEmpty());
}

TEST(Compare, WhatAFailingCheckDidNotComeToHasNotChanged) {
    const std::vector<model::Fact> all{{"address", text("10.0.0.1")},
                                       {"server_version", text("15")}};
    const auto then = run({check("db", all)});
    const auto with = [](Verdict verdict) {
        return run({check("db", {{"address", text("10.0.0.2")}}, verdict)});
    };
    EXPECT_THAT(changes(with(Verdict::fail), then),
                ElementsAre("dns db: address: 10.0.0.1 > 10.0.0.2"));
    EXPECT_THAT(
        changes(with(Verdict::warn), then),
        ElementsAre("deploy db: server_version: 15 > ", "dns db: address: 10.0.0.1 > 10.0.0.2"));
}

TEST(Compare, SaysWhichChecksAreNew) {
    EXPECT_THAT(changes(run({check("api", {}), check("db", {})}), run({check("api", {})})),
                ElementsAre("runbook db:  > a new check"));
}

TEST(Compare, FactsOfSeveralThingsAlikeAreComparedEach) {
    const auto then = run({check("up", {{"image[a]", text("1")}, {"image[b]", text("1")}})});
    const auto now = run({check("up", {{"image[a]", text("2")}, {"image[b]", text("1")}})});
    EXPECT_THAT(changes(now, then), ElementsAre("deploy up: image[a]: 1 > 2"));
}

TEST(Compare, SaysWhichSettingsChanged) {
    const auto then = run({}, {{"backend:A", text("#1")},
                               {"plugin db", text("0.1.0 aa")},
                               {"runbook", text("11")},
                               {"triage", text("0.1.0")},
                               {"var ui", text("http://a")}});
    const auto now = run({}, {{"backend:A", text("#2")},
                              {"plugin db", text("0.1.0 bb")},
                              {"runbook", text("22")},
                              {"triage", text("0.2.0")},
                              {"var ui", text("http://b")}});
    EXPECT_THAT(changes(now, then),
                ElementsAre("config backend:A: #1 > #2", "config var ui: http://a > http://b",
                            "runbook runbook: 11 > 22", "tool plugin db: 0.1.0 aa > 0.1.0 bb",
                            "tool triage: 0.1.0 > 0.2.0"));
}

TEST(Compare, AFindingIsNewOnlyIfItWasLookedForThen) {
    auto looked = check("api");
    looked.evaluated = {"x.one"};
    const auto now = run({finding(finding(check("api"), "x.one", "it"), "x.other", "it")});
    EXPECT_THAT(changes(now, run({looked})), ElementsAre("finding api:  > is bad"));
    EXPECT_THAT(changes(now, run({check("api")})), IsEmpty()) << "nobody looked";
    EXPECT_THAT(changes(now, run({check("other")})), ElementsAre("lost other: fine > this run has "
                                                                 "no such check",
                                                                 "runbook api:  > a new check"));
    // The same code about something else is new too; information is not.
    const auto two = run({finding(finding(check("api"), "x.one", "it"), "x.one", "that")});
    EXPECT_THAT(changes(two, run({finding(check("api"), "x.one", "it")})),
                ElementsAre("finding api:  > is bad"));
    EXPECT_THAT(
        changes(run({finding(check("api"), "x.one", "it", model::Weight::info)}), run({looked})),
        IsEmpty());
}

TEST(Compare, AnotherKindOfErrorInTheSameLogIsNew) {
    const auto with = [](std::initializer_list<std::string_view> messages) {
        auto logs = check("logs");
        for (const auto message : messages)
            logs.findings.push_back({.code = "logs.errors",
                                     .weight = model::Weight::warn,
                                     .subject = text("app.log"),
                                     .message = text(message),
                                     .remedy = {},
                                     .evidence = {}});
        return run({logs});
    };
    const auto then = with({"ValueError: bad id 17 (3 times, last 2 s ago)"});
    EXPECT_THAT(changes(with({"ValueError: bad id 1234 (once, 1 s ago)"}), then), IsEmpty());
    EXPECT_THAT(changes(with({"KeyError: 'x' (once, 1 s ago)"}), then),
                ElementsAre("finding logs:  > KeyError: 'x' (once, 1 s ago)"));
}

TEST(Compare, WhatIsNotSeenAnyMoreIsLostAndNoImprovement) {
    const auto then = run({check("a"), check("b"), check("c", {{"version", text("1")}}),
                           check("d", {}, Verdict::error)});
    const auto now = run({check("b", {}, Verdict::blocked), check("c", {}, Verdict::error),
                          check("d", {}, Verdict::error)});
    EXPECT_THAT(changes(now, then), ElementsAre("lost b: fine > fine", "lost c: fine > no answer",
                                                "lost a: fine > this run has no such check"));
}

TEST(Compare, ADurationIsComparedWithWhatIsUsual) {
    auto now = check("api");
    const auto with = [&](double ms, Spread spread) {
        now.metrics = {{"total", ms, "ms"}, {"size", 1e9, "By"}};
        return changes(run({now}), run({check("api")}), {{{"api", "total"}, spread}});
    };
    EXPECT_THAT(with(500, {9, 20, 2}), ElementsAre("latency api: total: 20 ms > 500 ms"));
    EXPECT_THAT(with(60, {9, 20, 2}), IsEmpty()) << "not 50 ms more";
    EXPECT_THAT(with(500, {4, 20, 2}), IsEmpty()) << "too few runs";
    EXPECT_THAT(with(500, {9, 300, 60}), IsEmpty()) << "it varies that much";
    EXPECT_THAT(with(1400, {9, 1000, 1}), IsEmpty()) << "not half as much again";
}

TEST(FirstSign, IsTheEarliest) {
    const auto with = [](std::int64_t seconds) {
        return check("logs", {{"trouble_since", seconds}});
    };
    EXPECT_EQ(first_sign(run({with(20), with(10), check("x"), with(-1)})), 10'000'000);
    EXPECT_EQ(first_sign(run({check("x", {{"trouble_since", text("soon")}})})), std::nullopt);
    EXPECT_EQ(first_sign(run({with(INT64_MAX)})), std::nullopt);
}

TEST(Compare, ADeployHasTheTimeAtWhichItsContainerWasStarted) {
    const auto with = [](std::string_view image, std::string_view started) {
        return run({check("up", {{"image[a]", text(image)},
                                 {"started_at[a]", text(started)},
                                 {"started_at[b]", text("2026-11-23 09:00:00 UTC")}})});
    };
    const auto at = [&](std::string_view started) {
        const auto list = compare(with("2", started), with("1", started), {}, redactor);
        return list.at(0).at_us;
    };
    EXPECT_EQ(at("2026-11-23 10:21:05 UTC"), 1'795'429'265'000'000);
    EXPECT_EQ(at("2026-11-23T10:21:05.5Z"), 1'795'429'265'000'000);
    for (const auto* other : {"", "2026-11-23", "2026-11-23 10:21:05 CET", "yesterday"})
        EXPECT_EQ(at(other), std::nullopt) << other;
}

TEST(Onset, ADeployIsBeforeTheTroubleOrLateOrAfterIt) {
    using Timing = Change::Timing;
    constexpr std::int64_t minute = 60'000'000;
    const auto timing = [](std::optional<std::int64_t> at, std::optional<model::Onset> onset,
                           std::optional<std::int64_t> sign) {
        model::Changes changes;
        changes.list = {{Change::Kind::deploy, text("a: image"), {}, text("2"), at}};
        changes.onset = onset;
        changes.first_sign_us = sign;
        set_against_onset(changes);
        return changes.list[0].timing;
    };
    const model::Onset onset{10 * minute, 20 * minute};
    EXPECT_EQ(timing(15 * minute, onset, 16 * minute), Timing::before);
    EXPECT_EQ(timing(15 * minute, onset, {}), Timing::before);
    EXPECT_EQ(timing(15 * minute + 1, onset, 14 * minute), Timing::late);
    EXPECT_EQ(timing(15 * minute, onset, 14 * minute), Timing::before) << "within a minute";
    EXPECT_EQ(timing(22 * minute, onset, 14 * minute), Timing::after);
    EXPECT_EQ(timing(22 * minute, {}, 14 * minute), Timing::late);
    EXPECT_EQ(timing(22 * minute, {}, {}), Timing::unknown);
    EXPECT_EQ(timing({}, onset, 14 * minute), Timing::unknown);
}

TEST(Spread, IsOfMedians) {
    const auto spread = spread_of({5, 1, 100, 3, 4});
    EXPECT_EQ(spread.runs, 5);
    EXPECT_EQ(spread.median, 4);
    EXPECT_EQ(spread.deviation, 1);
    EXPECT_EQ(spread_of({}).runs, 0);
}

TEST(Fingerprint, IsThatOfWhatIsCompared) {
    const auto well = [] {
        auto api = check("api", {{"requests", std::int64_t{5}}, {"server", text("nginx")}});
        api.evaluated = model::Codes({"x.bad"});
        return run({finding(api, "x.bad", "it"), check("db")}, {{"A", text("1")}});
    };
    const auto same = fingerprint(well());
    EXPECT_EQ(same.size(), 16U);
    const auto with = [&](auto change) {
        auto one = well();
        change(one);
        return fingerprint(one);
    };
    EXPECT_EQ(with([](auto& one) { one.results[0].facts[0].value = std::int64_t{6}; }), same);
    EXPECT_EQ(with([](auto& one) { one.results[0].summary = text("other"); }), same);
    EXPECT_EQ(with([](auto& one) { one.results[0].metrics = {{"total", 5, "ms"}}; }), same);
    EXPECT_NE(with([](auto& one) { one.results[0].facts[1].value = text("Apache"); }), same);
    EXPECT_NE(with([](auto& one) { one.results[0].facts[1].value = true; }), same);
    EXPECT_NE(with([](auto& one) { one.results[0].facts[1].key = "servant"; }), same);
    EXPECT_NE(with([](auto& one) { one.results[0].evaluated = model::Codes(); }), same);
    EXPECT_NE(with([](auto& one) { one.results[0].findings.clear(); }), same);
    EXPECT_NE(with([](auto& one) { one.results[0].findings[0].subject = text("she"); }), same);
    EXPECT_NE(with([](auto& one) { one.results[0].findings[0].message = text("was"); }), same);
    EXPECT_NE(with([](auto& one) { one.results[1].verdict = Verdict::error; }), same);
    EXPECT_NE(with([](auto& one) { one.results.pop_back(); }), same);
    EXPECT_NE(with([](auto& one) { one.settings[0].value = text("2"); }), same);

    const auto neighbour =
        with([](auto& one) { one.results[1].evaluated = one.results[0].evaluated; });
    EXPECT_NE(neighbour, same);
    EXPECT_NE(neighbour,
              with([](auto& one) { one.results[1].evaluated = model::Codes({"x.worse"}); }));
    EXPECT_EQ(neighbour,
              with([](auto& one) { one.results[1].evaluated = one.results[0].evaluated; }));
}

}  // namespace
}  // namespace triage::compare
