#include "core/diagnose/diagnose.hpp"

#include <algorithm>
#include <initializer_list>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/diagnose/evidence.hpp"
#include "core/redact/redactor.hpp"

namespace triage::diagnose {
namespace {

using model::Answer;
using model::Certainty;
using model::State;
using model::Verdict;
using model::Weight;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

model::Text text(std::string_view raw) {
    static const redact::Redactor redactor;
    return redactor.redact(raw);
}

struct Finding {
    std::string code;
    std::string subject = "it";
    std::string message = "is bad";
    Weight weight = Weight::fail;
};

model::CheckResult result(std::string id, std::string layer, std::vector<Finding> findings,
                          std::initializer_list<std::string> absent = {}) {
    model::CheckResult out;
    out.id = text(id);
    out.use = "plugin.check";
    out.layer = std::move(layer);
    out.verdict = Verdict::pass;
    for (const auto& one : findings) {
        out.findings.push_back({.code = one.code,
                                .weight = one.weight,
                                .subject = text(one.subject),
                                .message = text(one.message),
                                .remedy = {},
                                .evidence = {}});
        if (one.weight == Weight::fail) out.verdict = Verdict::fail;
        if (one.weight == Weight::warn && out.verdict == Verdict::pass) out.verdict = Verdict::warn;
    }
    out.evaluated = model::Codes(absent);
    return out;
}

model::Run run(std::vector<model::CheckResult> results) {
    model::Run out;
    out.path = text("triage.toml");
    out.results = std::move(results);
    return out;
}

std::vector<Sign> signs(std::initializer_list<std::string_view> texts) {
    std::vector<Sign> out;
    for (const auto one : texts)
        out.push_back(sign_from(one).value());
    return out;
}

model::Diagnosis diagnose(const model::Run& run, const Rules& rules, const Declared& declared) {
    return diagnose::diagnose(run, model::Changes(), rules, declared);
}

// A cause by its id, proofs, and what it explains.
Rule rule(std::string id, std::initializer_list<std::string_view> proof,
          std::initializer_list<std::pair<std::string_view, int>> explains = {}) {
    Rule out;
    out.id = std::move(id);
    out.title = text("title of " + out.id);
    out.proof = signs(proof);
    for (const auto& [sign, weight] : explains)
        out.explains.push_back({sign_from(sign).value(), weight});
    return out;
}

std::vector<std::string> ids(const model::Diagnosis& diagnosis) {
    std::vector<std::string> out;
    for (const auto& cause : diagnosis.causes)
        out.push_back(cause.id);
    return out;
}

std::vector<std::string> codes(const std::vector<model::Reference>& references) {
    std::vector<std::string> out;
    for (const auto& one : references)
        out.push_back(one.code);
    return out;
}

TEST(Sign, IsReadAndWritten) {
    for (const auto* good : {"db.refused", "health.refused@api", "health.tls ~ has expired",
                             "logs.config-invalid@logs ~ CLERK_SECRET_KEY"})
        EXPECT_EQ(to_string(sign_from(good).value()), good);
    for (const auto* bad : {"", "db", ".x", "db.", "Db.refused", "db.refused@", "db.refused ~ ",
                            "db.refused @api", "db.refused~x"})
        EXPECT_FALSE(sign_from(bad)) << bad;
}

TEST(Target, IsHostAndPort) {
    EXPECT_EQ(target_of("https://app.example.com/x"), "app.example.com:443");
    EXPECT_EQ(target_of("10.0.0.1:5432/app"), "10.0.0.1:5432");
    EXPECT_EQ(target_of("/var/log/app.log"), "/var");
    EXPECT_EQ(target_of(""), "");
}

TEST(Rank, AProvenCauseExplainsItsConsequences) {
    const auto seen =
        run({result("db", "db", {{"db.refused"}}), result("api", "api", {{"health.db-probe-5xx"}}),
             result("cors", "api", {{"cors.server-error"}})});
    auto stopped = rule("db.stopped", {"db.refused"}, {{"health.db-probe-5xx@api", 2}});
    stopped.leads_to = {"api.broken"};
    const auto broken = rule("api.broken", {}, {{"cors.server-error", 2}});
    const auto out = diagnose(seen, {broken, stopped}, {});
    EXPECT_EQ(out.answer, Answer::broken);
    ASSERT_THAT(ids(out), ElementsAre("db.stopped"));
    EXPECT_EQ(out.causes[0].certainty, Certainty::confirmed);
    EXPECT_EQ(out.causes[0].score, 4 + 2 + 2);
    EXPECT_THAT(codes(out.causes[0].supporting), ElementsAre("db.refused", "health.db-probe-5xx"));
    EXPECT_THAT(codes(out.causes[0].following), ElementsAre("cors.server-error"));
    EXPECT_THAT(out.unexplained, IsEmpty());
}

TEST(Rank, TwoProvenCausesAreBothNamed) {
    const auto seen =
        run({result("db", "db", {{"db.refused"}}), result("cors", "api", {{"cors.disabled"}})});
    // That one of them explains the other's proof hides nothing.
    const auto out = diagnose(seen,
                              {rule("db.stopped", {"db.refused"}, {{"cors.disabled", 3}}),
                               rule("cors.empty", {"cors.disabled"})},
                              {});
    EXPECT_THAT(ids(out), ElementsAre("db.stopped", "cors.empty"));
}

TEST(Rank, WhatLeadsToAProvenCauseIsNamedInItsPlace) {
    const auto seen = run({result("db", "db", {{"db.other-target"}, {"db.refused"}}),
                           result("logs", "logs", {{"logs.db-refused"}})});
    auto wrong_host = rule("db.wrong-host", {"db.other-target"});
    wrong_host.leads_to = {"db.stopped"};
    const auto stopped = rule("db.stopped", {"db.refused"}, {{"logs.db-refused", 3}});
    EXPECT_THAT(ids(diagnose(seen, {stopped, wrong_host}, {})), ElementsAre("db.wrong-host"));
}

TEST(Rank, WhatOnlyMightLeadThereDoesNotHideAnother) {
    const auto seen = run({result("a", "api", {{"x.weak"}, {"x.one"}, {"x.two"}, {"x.three"}})});
    auto vague = rule("vague.cause", {}, {{"x.weak", 1}});
    vague.leads_to = {"real.cause"};
    const auto real = rule("real.cause", {}, {{"x.one", 3}, {"x.two", 3}, {"x.three", 3}});
    EXPECT_EQ(ids(diagnose(seen, {real, vague}, {})).front(), "real.cause");
}

TEST(Rank, RefutedOrWithoutWhatItRequiresItIsRuledOutAndSaidSo) {
    const auto seen = run({result("a", "api", {{"x.sign"}, {"x.against"}}, {"x.needed"})});
    auto refuted = rule("a.refuted", {"x.sign"});
    refuted.refuted_by = signs({"x.against"});
    auto lacking = rule("a.lacking", {"x.sign"});
    lacking.required = signs({"x.needed"});
    const auto out = diagnose(seen, {refuted, lacking}, {});
    EXPECT_EQ(out.answer, Answer::no_known_cause);
    EXPECT_THAT(codes(out.unexplained), ElementsAre("x.sign", "x.against"));
    ASSERT_EQ(out.ruled_out.size(), 2);
    EXPECT_EQ(out.ruled_out[0].by, "x.needed");
    EXPECT_FALSE(out.ruled_out[0].present);
    EXPECT_EQ(out.ruled_out[1].by, "x.against");
    EXPECT_TRUE(out.ruled_out[1].present);
}

TEST(Rank, WhatIsDisprovedIsRuledOutButForALateProof) {
    const auto seen = run({result("a", "api", {{"x.one"}}, {"x.proof"})});
    auto cause = rule("a.cause", {"x.proof"}, {{"x.one", 3}});
    const auto out = diagnose(seen, {cause}, {});
    EXPECT_THAT(out.causes, IsEmpty());
    EXPECT_EQ(out.ruled_out.at(0).by, "x.proof");
    cause.late_proof = true;
    EXPECT_THAT(ids(diagnose(seen, {cause}, {})), ElementsAre("a.cause"));
    const auto unseen = run({result("a", "api", {{"x.one"}})});
    cause.late_proof = false;
    EXPECT_THAT(ids(diagnose(unseen, {cause}, {})), ElementsAre("a.cause"));
}

TEST(Rank, AbsenceCostsAndTheUnknownIsSaid) {
    auto cause = rule("a.cause", {}, {{"x.one", 3}, {"x.two", 2}});
    cause.expects = signs({"x.three"});
    const auto with = [&](model::CheckResult result) {
        const auto out = diagnose(run({std::move(result)}), {cause}, {});
        return out.causes.empty() ? model::Cause() : out.causes.front();
    };
    const auto all = with(result("a", "", {{"x.one"}, {"x.two"}, {"x.three"}}));
    EXPECT_EQ(all.certainty, Certainty::likely);
    const auto unseen = with(result("a", "", {{"x.one"}, {"x.two"}}));
    EXPECT_EQ(unseen.certainty, Certainty::possible);
    EXPECT_EQ(unseen.score, 5);
    EXPECT_THAT(unseen.unseen, ElementsAre("x.three"));
    const auto absent = with(result("a", "", {{"x.one"}, {"x.two"}}, {"x.three"}));
    EXPECT_EQ(absent.score, 3);
    EXPECT_THAT(absent.contradicting, ElementsAre("x.three"));
    EXPECT_EQ(with(result("a", "", {{"x.two"}}, {"x.three"})).id, "") << "too little is nothing";
}

TEST(Rank, ASignMayWantALayerAndAText) {
    const auto cause = rule("ui.stopped", {"health.refused@ui ~ port 3000"});
    const auto found = [&](std::string layer, std::string message) {
        return ids(
            diagnose(run({result("a", layer, {{"health.refused", "it", message}})}), {cause}, {}));
    };
    EXPECT_THAT(found("ui", "nothing at port 3000"), ElementsAre("ui.stopped"));
    EXPECT_THAT(found("api", "nothing at port 3000"), IsEmpty());
    EXPECT_THAT(found("ui", "nothing at port 80"), IsEmpty());
}

TEST(Rank, ACauseForEachTargetIsNamedForEach) {
    auto expired = rule("tls.expired", {"health.tls"});
    expired.each_target = true;
    const auto seen = run({result("a", "ui", {{"health.tls", "https://a.example/x"}}),
                           result("b", "ui", {{"health.tls", "https://b.example/"}}),
                           result("c", "ui", {{"health.tls", "https://b.example/y"}})});
    const auto out = diagnose(seen, {expired}, {});
    ASSERT_EQ(out.causes.size(), 2);
    EXPECT_EQ(out.causes[0].target.str(), "https://a.example/x");
    EXPECT_EQ(out.causes[1].supporting.size(), 2);
}

TEST(Rank, CloseCausesAreAlternativesButNotToAProof) {
    const auto seen = run({result("a", "", {{"x.one"}})});
    const auto out =
        diagnose(seen,
                 {rule("a.first", {}, {{"x.one", 3}}), rule("b.second", {}, {{"x.one", 2}}),
                  rule("c.third", {}, {{"x.one", 1}})},
                 {});
    ASSERT_THAT(ids(out), ElementsAre("a.first"));
    EXPECT_THAT(out.causes[0].alternatives, ElementsAre("b.second"));
    const auto proven =
        diagnose(seen, {rule("a.first", {"x.one"}), rule("b.second", {}, {{"x.one", 3}})}, {});
    EXPECT_THAT(proven.causes.at(0).alternatives, IsEmpty());
}

TEST(Rank, AFailureThatWasWaivedWantsNoCause) {
    auto waived = result("a", "", {{"x.one"}});
    waived.waived = text("known");
    const auto out = diagnose(run({waived}), {rule("a.cause", {"x.one"})}, {});
    EXPECT_THAT(out.causes, IsEmpty());
    EXPECT_THAT(out.unexplained, IsEmpty());
}

TEST(Rank, AChangeSpeaksForACauseAndProvesNothing) {
    const auto seen = run({result("a", "", {{"x.one"}})});
    model::Changes changes;
    changes.list = {{model::Change::Kind::deploy, text("api: version"), text("1"), text("2")}};
    const auto with = rule("b.deploy", {"change.deploy"}, {{"x.one", 2}});
    const auto without = rule("a.other", {}, {{"x.one", 2}});
    EXPECT_THAT(ids(diagnose(seen, {with, without}, {})), ElementsAre("a.other"));
    const auto out = diagnose::diagnose(seen, changes, {with, without}, {});
    ASSERT_THAT(ids(out), ElementsAre("b.deploy"));
    EXPECT_NE(out.causes[0].certainty, Certainty::confirmed);
    EXPECT_THAT(ids(diagnose::diagnose(run({result("a", "", {})}), changes, {with}, {})), IsEmpty())
        << "nothing is wrong";
    auto needing = rule("b.deploy", {}, {{"x.one", 3}});
    needing.required = signs({"change.deploy"});
    EXPECT_THAT(ids(diagnose(seen, {needing}, {})), IsEmpty())
        << "nothing is known to have changed";
    EXPECT_THAT(ids(diagnose::diagnose(seen, changes, {needing}, {})), ElementsAre("b.deploy"));
    changes.list[0].timing = model::Change::Timing::late;
    EXPECT_THAT(ids(diagnose::diagnose(seen, changes, {needing}, {})), ElementsAre("b.deploy"));
    changes.list[0].timing = model::Change::Timing::after;
    const auto broken_before = diagnose::diagnose(seen, changes, {needing}, {});
    EXPECT_THAT(ids(broken_before), IsEmpty()) << "it was broken before that deploy";
    EXPECT_THAT(broken_before.next, IsEmpty()) << "so nothing is rolled back";
}

TEST(Rank, WhatMustBeWithoutASignIsNamedOnlyIfThatWasLookedForAndIsNotThere) {
    auto proxy = rule("proxy.down", {"x.public"}, {});
    proxy.without = signs({"x.direct"});
    EXPECT_THAT(ids(diagnose(run({result("a", "", {{"x.public"}}, {"x.direct"})}), {proxy}, {})),
                ElementsAre("proxy.down"));
    EXPECT_THAT(ids(diagnose(run({result("a", "", {{"x.public"}})}), {proxy}, {})), IsEmpty())
        << "nobody looked";
    const auto both = run({result("a", "", {{"x.public"}, {"x.direct"}})});
    EXPECT_THAT(ids(diagnose(both, {proxy}, {})), IsEmpty());
}

TEST(Rank, TheOrderOfRulesChangesNothing) {
    const auto seen = run({result("a", "", {{"x.one"}, {"x.two"}, {"x.three"}})});
    Rules rules{rule("b.same", {}, {{"x.one", 2}}), rule("a.same", {}, {{"x.one", 2}}),
                rule("c.other", {"x.three"}, {{"x.two", 1}})};
    const auto first = ids(diagnose(seen, rules, {}));
    EXPECT_THAT(first, ElementsAre("c.other", "a.same"));
    std::ranges::reverse(rules);
    EXPECT_EQ(ids(diagnose(seen, rules, {})), first);
}

TEST(Answer, IsHealthyOnlyWhenAllWasSeen) {
    const auto good = result("a", "api", {}, {"x.one"});
    EXPECT_EQ(diagnose(run({good}), {}, {}).answer, Answer::healthy);
    EXPECT_EQ(diagnose(run({}), {}, {}).answer, Answer::blind);
    for (const auto verdict : {Verdict::error, Verdict::blocked, Verdict::skip}) {
        auto blind = result("b", "db", {});
        blind.verdict = verdict;
        blind.summary = text("no password");
        const auto out = diagnose(run({good, blind}), {}, {});
        EXPECT_EQ(out.answer, Answer::blind);
        ASSERT_EQ(out.unseen.size(), 1);
        EXPECT_EQ(out.unseen[0].why.str(), "no password");
    }
    const auto warned = result("a", "api", {{"x.one", "it", "soon", Weight::warn}});
    EXPECT_EQ(diagnose(run({warned}), {}, {}).answer, Answer::warned);
    EXPECT_THAT(codes(diagnose(run({warned}), {}, {}).unexplained), ElementsAre("x.one"));
}

TEST(Next, WithoutACauseIsWhatTheChecksAdvise) {
    auto failed = result("a", "api", {{"x.one"}, {"x.two"}, {"x.three"}});
    failed.findings[0].remedy = failed.findings[1].remedy = text("Look at its log");
    const auto out = diagnose(run({failed}), {}, {});
    ASSERT_EQ(out.next.size(), 1) << "each once, and nothing of what has none";
    EXPECT_EQ(out.next[0].what.str(), "Look at its log");
    EXPECT_EQ(out.next[0].kind, model::Next::Kind::fix);
}

TEST(Answer, ACauseOfAWarningIsNoneOfAFailure) {
    const std::vector rules{rule("soon.cause", {"x.soon"})};
    const auto warned = result("a", "host", {{"x.soon", "it", "soon", Weight::warn}});
    EXPECT_EQ(diagnose(run({warned}), rules, {}).answer, Answer::broken);
    const auto failed = result("b", "api", {{"x.down"}});
    const auto out = diagnose(run({warned, failed}), rules, {});
    EXPECT_EQ(out.answer, Answer::no_known_cause);
    EXPECT_THAT(ids(out), ElementsAre("soon.cause"));
    EXPECT_THAT(codes(out.unexplained), ElementsAre("x.down"));
}

State state_of(const model::Diagnosis& diagnosis, std::string_view component) {
    return std::ranges::find(diagnosis.impact, component, &model::Impact::component)->state;
}

TEST(Impact, IsWhatChecksSayAndCausesMakeWorse) {
    auto blind = result("gw", "gateway", {});
    blind.verdict = Verdict::error;
    const auto seen =
        run({result("ui", "ui", {}), result("healthz", "api", {}),
             result("api", "api", {{"health.db-probe-5xx"}}), result("db", "db", {{"db.refused"}}),
             result("logs", "logs", {{"logs.db-refused"}}),
             result("up", "deploy", {{"deploy.exited"}}), blind});
    auto stopped = rule("db.stopped", {"db.refused"});
    const auto plain = diagnose(seen, {stopped}, {});
    EXPECT_EQ(state_of(plain, "ui"), State::up);
    EXPECT_EQ(state_of(plain, "api"), State::degraded);
    EXPECT_EQ(state_of(plain, "database"), State::down);
    EXPECT_EQ(state_of(plain, "gateway"), State::unknown);
    EXPECT_EQ(state_of(plain, "cache"), State::unknown);
    EXPECT_TRUE(std::ranges::none_of(plain.impact, [](const auto& one) {
        return one.component == "logs" || one.component == "deploy";
    })) << "they look at all parts";
    EXPECT_EQ(plain.scope, model::Scope::unknown);
    stopped.impact = {{"api", State::down}, {"ui", State::degraded}, {"database", State::up}};
    stopped.scope = model::Scope::all;
    const auto worse = diagnose(seen, {stopped}, {});
    EXPECT_EQ(state_of(worse, "ui"), State::degraded);
    EXPECT_EQ(state_of(worse, "api"), State::down);
    EXPECT_EQ(state_of(worse, "database"), State::down) << "never better";
    EXPECT_EQ(worse.scope, model::Scope::all);
}

TEST(Impact, ACauseThatIsOnlyPossibleMakesNothingWorseButDoubtful) {
    auto weak = rule("a.weak", {}, {{"x.one", 2}});
    weak.impact = {{"api", State::down}, {"auth", State::degraded}};
    const auto seen = run({result("a", "ui", {{"x.one"}}), result("b", "auth", {})});
    const auto out = diagnose(seen, {weak}, {});
    EXPECT_EQ(out.causes.at(0).certainty, Certainty::possible);
    EXPECT_EQ(state_of(out, "api"), State::unknown);
    EXPECT_EQ(state_of(out, "auth"), State::up);
    const auto doubt = [&](std::string_view component) {
        return std::ranges::find(out.impact, component, &model::Impact::component)->doubt.str();
    };
    EXPECT_EQ(doubt("auth"), out.causes.at(0).title.str());
    EXPECT_EQ(doubt("api"), out.causes.at(0).title.str()) << "nobody looks at it";
    EXPECT_EQ(doubt("cache"), "");
}

TEST(Diagnose, WhatIsUnexplainedComesByWeightAndByTurns) {
    const auto out = diagnose(
        run({result("a", "api", {{"x.one", "1", "soon", Weight::warn}, {"x.two", "2", "bad"}}),
             result("b", "api", {{"y.one"}, {"y.two"}}),
             result("c", "api", {{"z.one", "3", "soon", Weight::warn}})}),
        {}, {});
    EXPECT_THAT(codes(out.unexplained), ElementsAre("x.two", "y.one", "y.two", "x.one", "z.one"));
}

TEST(Impact, OfTwoCausesOneScopeIsNotThatOfBoth) {
    auto cors = rule("cors.origin", {"cors.origin-not-allowed"});
    cors.scope = model::Scope::origin;
    auto other = rule("ui.broken", {"ui.bad"});
    const auto seen =
        run({result("cors", "api", {{"cors.origin-not-allowed", "https://b.example"}}),
             result("ui", "ui", {{"ui.bad"}})});
    EXPECT_EQ(diagnose(seen, {cors, other}, {}).scope, model::Scope::unknown);
    other.scope = model::Scope::all;
    EXPECT_EQ(diagnose(seen, {cors, other}, {}).scope, model::Scope::all);
    other.scope = model::Scope::origin;
    EXPECT_EQ(diagnose(seen, {cors, other}, {}).scope, model::Scope::origin);
}

TEST(Impact, NamesWhoMeetsIt) {
    auto cors = rule("cors.origin", {"cors.origin-not-allowed"});
    cors.scope = model::Scope::origin;
    const auto out =
        diagnose(run({result("cors", "api", {{"cors.origin-not-allowed", "https://b.example"}})}),
                 {cors}, {});
    EXPECT_EQ(out.scope, model::Scope::origin);
    ASSERT_EQ(out.affected.size(), 1);
    EXPECT_EQ(out.affected[0].str(), "https://b.example");
}

TEST(Next, IsTheCheckThatTellsCloseCausesApartThenWhatToDo) {
    auto skipped = result("db its", "db", {});
    skipped.use = "db.reachable";
    skipped.verdict = Verdict::skip;
    auto one = rule("a.db", {"db.refused"}, {{"x.one", 3}});
    auto two = rule("b.pool", {}, {{"x.one", 3}});
    one.fix = text("start it");
    one.isolate = text("without it");
    const Declared declared{{"db.reachable", {"db.refused"}}};
    auto some = run({result("a", "", {{"x.one"}}), skipped});
    some.arguments = {text("--var"), text("who=a b")};
    const auto out = diagnose(some, {one, two}, declared);
    ASSERT_EQ(out.next.size(), 3);
    EXPECT_EQ(out.next[0].command, "triage run triage.toml --var 'who=a b' --only 'db its'");
    EXPECT_THAT(out.next[0].tells, ElementsAre("a.db", "b.pool"));
    EXPECT_EQ(out.next[1].what.str(), "start it");
    EXPECT_EQ(out.next[2].kind, model::Next::Kind::isolate);
    // A cause that is proven needs no telling apart.
    const auto proven = diagnose(run({result("a", "", {{"db.refused"}})}), {one, two}, declared);
    EXPECT_EQ(proven.next.at(0).kind, model::Next::Kind::fix);
}

TEST(Next, RollingBackIsProposedWithWhatIsKnownOfTheSchema) {
    using Kind = model::Change::Kind;
    auto cause = rule("api.errors", {"x.one"});
    const auto broken = run({result("a", "api", {{"x.one"}})});
    model::Changes changes;
    const auto advice = [&](const model::Run& seen) {
        const auto out = diagnose::diagnose(seen, changes, {cause}, {});
        const auto back =
            std::ranges::find(out.next, model::Next::Kind::roll_back, &model::Next::kind);
        return back == out.next.end() ? std::string() : back->what.str();
    };
    changes.list = {{Kind::deploy, text("api: app_version"), text("1"), text("2")}};
    EXPECT_EQ(advice(broken), "") << "it would not help";
    cause.roll_back = true;
    EXPECT_EQ(advice(broken),
              "The last good run was with api: app_version = 1: roll back to that. "
              "Whether the database was migrated since is not known: look first.");
    auto with_schema = broken;
    with_schema.results[0].facts = {{"revision", text("b")}};
    EXPECT_THAT(advice(with_schema), testing::HasSubstr("schema is as it was then"));
    changes.list.push_back({Kind::migration, text("db: revision"), text("a"), text("b")});
    EXPECT_THAT(advice(with_schema), testing::HasSubstr("was migrated since, from a to b"));
    // Nobody knows the cause, and something was deployed.
    EXPECT_NE(advice(run({result("a", "api", {{"x.unknown"}})})), "");
    changes.list.clear();
    EXPECT_EQ(advice(broken), "") << "nothing was deployed";
}

TEST(Next, IsAQuestionWhereNoCheckCanTell) {
    auto one = rule("a.cause", {}, {{"x.one", 2}});
    one.ask = text("Was it restarted?");
    const auto out = diagnose(run({result("a", "", {{"x.one"}})}), {one}, {});
    ASSERT_EQ(out.next.size(), 1);
    EXPECT_EQ(out.next[0].kind, model::Next::Kind::question);
    EXPECT_EQ(out.next[0].what.str(), "Was it restarted?");
}

}  // namespace
}  // namespace triage::diagnose
