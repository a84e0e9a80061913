// The scheduler on a virtual clock: checks are played by a script, so every deadline and race is
// exact.
#include <algorithm>
#include <map>
#include <utility>

#include <gmock/gmock.h>

#include "core/run/run.hpp"

namespace triage::run {
namespace {

using model::Verdict;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// How one attempt of a check goes: after `takes`, `outcome`. A negative time: never.
struct Play {
    microseconds takes{0};
    plugin::Outcome outcome;
};

plugin::Outcome passing(const std::string& summary = "fine") {
    plugin::Outcome outcome;
    outcome.summary = summary;
    outcome.evaluated = {0};
    return outcome;
}

plugin::Outcome failing() {
    auto outcome = passing("down");
    outcome.findings.push_back({.code = "t.down",
                                .weight = model::Weight::fail,
                                .subject = "x",
                                .message = "it is down",
                                .remedy = "start it",
                                .evidence = {}});
    return outcome;
}

plugin::Outcome unable(const std::string& why) {
    plugin::Outcome outcome;
    outcome.error = why;
    return outcome;
}

class ScriptedExecutor final : public plugin::Executor {
public:
    explicit ScriptedExecutor(loop::Loop& loop) : loop_(loop) {}

    void start(plugin::CallId id, plugin::Call call, plugin::CallSink& sink) override {
        started.push_back(call.label);
        most_at_once = std::max(most_at_once, ++at_once_);
        auto& plays = script[call.label];
        Play play =
            plays.empty() ? Play{.takes = milliseconds(10), .outcome = passing()} : plays.front();
        if (plays.size() > 1) plays.erase(plays.begin());
        calls.push_back(std::move(call));
        if (play.takes.count() < 0) return;
        timers_[std::to_underlying(id)] = loop_.call_after(
            play.takes, [this, id, &sink, outcome = std::move(play.outcome)]() mutable {
                --at_once_;
                sink.on_outcome(id, std::move(outcome));
            });
    }
    void cancel(plugin::CallId id) override {
        ++cancelled;
        --at_once_;
        const auto timer = timers_.find(std::to_underlying(id));
        if (timer != timers_.end()) loop_.cancel(timer->second);
    }

    std::map<std::string, std::vector<Play>> script;
    std::vector<std::string> started;
    std::vector<plugin::Call> calls;
    int cancelled = 0;
    int most_at_once = 0;

private:
    loop::Loop& loop_;
    int at_once_ = 0;
    std::map<std::uint64_t, loop::TimerId> timers_;
};

// What a progress display learns.
class CountingObserver final : public Observer {
public:
    void on_start(std::size_t number, microseconds) override { total = number; }
    void on_check_done(const model::CheckResult&) override { ++done; }

    std::size_t total = 0;
    std::size_t done = 0;
};

class ExecutionTest : public testing::Test {
protected:
    ExecutionTest() {
        book_.name = "test";
        book_.steps.push_back({.id = "s", .title = "Step", .doc = ""});
        model::PluginInfo info;
        info.id = "t";
        model::CheckInfo check;
        check.name = "c";
        check.codes.push_back(
            {.name = "t.down", .weight = model::Weight::fail, .doc = "", .remedy = ""});
        info.checks.push_back(check);
        plugins_.emplace("t", info);
    }

    runbook::Check& add(const std::string& id, std::vector<std::string> needs = {}) {
        runbook::Check check;
        check.id = check.base_id = id;
        check.plugin = "t";
        check.check = "c";
        check.needs = std::move(needs);
        return book_.checks.emplace_back(std::move(check));
    }

    void play(const std::string& id, std::vector<Play> plays) {
        executor_.script[id] = std::move(plays);
    }

    model::Run run(const plan::Selection& selection = {}) {
        const auto plan = plan::make_plan(book_, plugins_, selection);
        Execution execution({.loop = loop_,
                             .executor = executor_,
                             .broker = broker_,
                             .redactor = redactor_,
                             .observer = observer_,
                             .plugins = plugins_},
                            book_, *plan, {.at = loop_.now(), .wall_us = 1'000'000});
        if (interrupt_after_.count() > 0)
            loop_.call_after(interrupt_after_, [&] { execution.interrupt(); });
        if (abandon_after_.count() > 0)
            loop_.call_after(abandon_after_, [&] { execution.abandon(stuck_, false); });
        execution.start();
        loop_.call_after(places_after_, [&] { execution.places_known(places_); });
        loop_.run_until([&] { return execution.finished(); });
        return execution.take();
    }

    static const model::CheckResult& of(const model::Run& run, const std::string& id) {
        return *std::ranges::find_if(run.results, [&](const auto& r) { return r.id.str() == id; });
    }

    loop::Loop loop_{std::make_shared<loop::VirtualClock>()};
    redact::Redactor redactor_;
    broker::Broker broker_{loop_, redactor_,
                           [](auto) { return base::fail("no HTTP in this test"); }};
    ScriptedExecutor executor_{loop_};
    CountingObserver observer_;
    std::map<std::string, model::PluginInfo> plugins_;
    net::Places places_;
    microseconds places_after_{0};
    runbook::Runbook book_;
    microseconds interrupt_after_{0};
    microseconds abandon_after_{0};
    Stuck stuck_;
};

TEST_F(ExecutionTest, ResultsAreInTheRunbooksOrderWhateverOrderTheyCome) {
    for (const auto* id : {"slow", "medium", "fast"})
        add(id);
    play("slow", {{.takes = seconds(3), .outcome = passing()}});
    play("medium", {{.takes = seconds(2), .outcome = passing()}});
    play("fast", {{.takes = seconds(1), .outcome = passing()}});
    const auto result = run();
    std::vector<std::string> ids;
    for (const auto& r : result.results)
        ids.push_back(r.id.str());
    EXPECT_THAT(ids, ElementsAre("slow", "medium", "fast"));
    EXPECT_EQ(result.duration, seconds(3)) << "they ran at the same time";
    EXPECT_EQ(result.verdict, Verdict::pass);
    EXPECT_EQ(result.exit_code, model::exit_ok);
}

TEST_F(ExecutionTest, NeverMoreAtOnceThanAllowed) {
    for (int i = 0; i < 50; ++i)
        add("c" + std::to_string(i));
    book_.limits.parallel = 7;
    const auto result = run();
    EXPECT_EQ(executor_.most_at_once, 7);
    EXPECT_EQ(executor_.started.size(), 50U) << "none lost, none doubled";
    EXPECT_EQ(result.duration, milliseconds(80));
}

TEST_F(ExecutionTest, FailErrorAndBlockedBlockWhatNeedsThemWarnDoesNot) {
    add("bad");
    add("after-bad", {"bad"});
    add("after-that", {"after-bad"});
    add("unknown");
    add("after-unknown", {"unknown"});
    add("warned").on_fail_warn = true;
    add("after-warned", {"warned"});
    play("bad", {{.takes = milliseconds(1), .outcome = failing()}});
    play("warned", {{.takes = milliseconds(1), .outcome = failing()}});
    play("unknown", {{.takes = milliseconds(1), .outcome = unable("no idea")}});
    const auto result = run();
    EXPECT_EQ(of(result, "after-bad").verdict, Verdict::blocked);
    EXPECT_EQ(of(result, "after-bad").summary.str(), "needs bad, which failed");
    EXPECT_EQ(of(result, "after-that").summary.str(), "needs after-bad, which was blocked");
    EXPECT_EQ(of(result, "after-unknown").summary.str(), "needs unknown, which could not tell");
    EXPECT_EQ(of(result, "warned").verdict, Verdict::warn);
    EXPECT_EQ(of(result, "after-warned").verdict, Verdict::pass);
    EXPECT_EQ(result.exit_code, model::exit_failed);
}

TEST_F(ExecutionTest, SkippedChecksSkipWhatNeedsThem) {
    add("left-out").tags = {"x"};
    add("after", {"left-out"});
    add("other");
    const auto result = run({.only = {}, .tags = {}, .skip_tags = {"x"}});
    EXPECT_EQ(of(result, "left-out").verdict, Verdict::skip);
    EXPECT_EQ(of(result, "after").verdict, Verdict::skip);
    EXPECT_EQ(of(result, "other").verdict, Verdict::pass);
    EXPECT_EQ(result.verdict, Verdict::pass);
}

TEST_F(ExecutionTest, NothingSelectedIsNotAPass) {
    add("a").tags = {"x"};
    EXPECT_EQ(run({.only = {}, .tags = {}, .skip_tags = {"x"}}).exit_code, model::exit_unknown);
}

TEST_F(ExecutionTest, ALongChainOfBlockedChecksIsNoProblem) {
    add("c0");
    for (int i = 1; i < 20'000; ++i)
        add("c" + std::to_string(i), {"c" + std::to_string(i - 1)});
    play("c0", {{.takes = milliseconds(1), .outcome = failing()}});
    const auto result = run();
    EXPECT_EQ(result.results.back().verdict, Verdict::blocked);
}

TEST_F(ExecutionTest, AnAttemptThatTakesTooLongCouldNotTell) {
    add("hangs").timeout = seconds(2);
    play("hangs", {{.takes = microseconds(-1), .outcome = {}}});
    const auto result = run();
    EXPECT_EQ(result.results[0].verdict, Verdict::error);
    EXPECT_THAT(result.results[0].summary.str(), HasSubstr("did not finish within 2"));
    EXPECT_EQ(result.duration, seconds(2));
    EXPECT_EQ(executor_.cancelled, 1);
}

TEST_F(ExecutionTest, TheDeadlineEndsTheRunAndKeepsWhatIsKnown) {
    book_.deadline = seconds(3);
    book_.limits.parallel = 2;
    add("quick");
    add("hangs").timeout = seconds(10);
    add("hangs-too").timeout = seconds(10);
    add("never-starts");
    add("waits", {"hangs"});
    play("hangs", {{.takes = microseconds(-1), .outcome = {}}});
    play("hangs-too", {{.takes = microseconds(-1), .outcome = {}}});
    const auto result = run();
    EXPECT_TRUE(result.deadline_reached);
    EXPECT_EQ(result.duration, seconds(3));
    EXPECT_EQ(of(result, "quick").verdict, Verdict::pass);
    EXPECT_THAT(of(result, "hangs").summary.str(), HasSubstr("the run's deadline of 3"));
    EXPECT_THAT(of(result, "never-starts").summary.str(),
                HasSubstr("before the check could start"));
    EXPECT_THAT(of(result, "waits").summary.str(), HasSubstr("while it waited for hangs"));
    EXPECT_EQ(result.exit_code, model::exit_unknown);
}

TEST_F(ExecutionTest, InterruptKeepsWhatIsKnownAndExits130) {
    add("quick");
    add("slow");
    play("slow", {{.takes = seconds(4), .outcome = passing()}});
    interrupt_after_ = seconds(1);
    const auto result = run();
    EXPECT_TRUE(result.interrupted);
    EXPECT_EQ(of(result, "quick").verdict, Verdict::pass);
    EXPECT_EQ(of(result, "slow").verdict, Verdict::error);
    EXPECT_THAT(of(result, "slow").summary.str(), HasSubstr("interrupted"));
    EXPECT_EQ(result.exit_code, model::exit_interrupted);
}

// As a watchdog does when a callback of "slow" keeps the loop's thread.
TEST_F(ExecutionTest, AbandonTellsNobodyAndSaysWhoIsStuck) {
    add("quick");
    add("slow");
    add("later", {"slow"});
    play("slow", {{.takes = seconds(4), .outcome = passing()}});
    abandon_after_ = seconds(1);
    stuck_ = {.call = plugin::CallId{2}, .what = "step() is stuck"};
    const auto result = run();
    EXPECT_TRUE(result.deadline_reached);
    EXPECT_EQ(result.exit_code, model::exit_unknown);
    EXPECT_EQ(of(result, "quick").verdict, Verdict::pass);
    EXPECT_EQ(of(result, "slow").verdict, Verdict::error);
    EXPECT_EQ(of(result, "slow").summary.str(),
              "step() is stuck; the run's deadline of 30 s was reached 1 s into the check");
    EXPECT_EQ(of(result, "later").summary.str(),
              "the run's deadline of 30 s was reached while it waited for slow");
    EXPECT_THAT(of(result, "later").remedy.str(), HasSubstr("without --in-process"));
    EXPECT_EQ(executor_.cancelled, 0);
}

TEST_F(ExecutionTest, RetriesStopAtTheFirstPassAndSayThatItFlaps) {
    add("flaky").attempts = {.count = 3, .pass = 1, .interval = milliseconds(250)};
    play("flaky", {{.takes = milliseconds(10), .outcome = failing()},
                   {.takes = milliseconds(10), .outcome = passing()}});
    const auto result = run();
    const auto& flaky = result.results[0];
    EXPECT_EQ(flaky.verdict, Verdict::warn);
    EXPECT_THAT(flaky.summary.str(), HasSubstr("flapping, 1 of 2 attempts passed"));
    ASSERT_EQ(flaky.attempts.size(), 2U);
    EXPECT_EQ(flaky.attempts[0].verdict, Verdict::fail);
    EXPECT_EQ(flaky.duration, milliseconds(270));
    ASSERT_EQ(flaky.findings.size(), 1U) << "what was seen when it failed is kept";
    EXPECT_EQ(flaky.findings[0].weight, model::Weight::warn);
}

TEST_F(ExecutionTest, AttemptsStopWhenTheyCanNoLongerSucceed) {
    add("down").attempts = {.count = 5, .pass = 4, .interval = milliseconds(1)};
    play("down", {{.takes = milliseconds(10), .outcome = failing()}});
    const auto result = run();
    EXPECT_EQ(result.results[0].attempts.size(), 2U);
    EXPECT_EQ(result.results[0].verdict, Verdict::fail);
}

TEST_F(ExecutionTest, AnUnmetCheckIsAnErrorAndTheOthersRun) {
    add("needs-key").unmet =
        base::Error{.message = "the variable 'key' is not set", .remedy = "--var key=…"};
    add("other");
    const auto result = run();
    EXPECT_EQ(of(result, "needs-key").verdict, Verdict::error);
    EXPECT_EQ(of(result, "needs-key").remedy.str(), "--var key=…");
    EXPECT_EQ(of(result, "other").verdict, Verdict::pass);
    EXPECT_THAT(executor_.started, ElementsAre("other"));
}

TEST_F(ExecutionTest, AVantageThatCannotBeHadIsAnErrorNeverAFailure) {
    add("db").vantage = "container:backend";
    const auto result = run();
    EXPECT_EQ(result.results[0].verdict, Verdict::error);
    EXPECT_THAT(result.results[0].summary.str(), HasSubstr("container:backend"));
}

TEST_F(ExecutionTest, WhileAContainerIsLookedForTheHostsChecksRun) {
    add("host");
    add("inside").vantage = "container:backend";
    add("after", {"inside"});
    places_.emplace("container:backend", nullptr);
    places_after_ = seconds(2);
    play("host", {{.takes = seconds(1), .outcome = passing()}});
    const auto result = run();
    for (const auto& one : result.results)
        EXPECT_EQ(one.verdict, Verdict::pass) << one.id.str();
    EXPECT_EQ(of(result, "inside").attempts.at(0).started, seconds(2));
}

TEST_F(ExecutionTest, ASearchForAContainerDoesNotKeepTheRun) {
    add("host");
    add("inside").vantage = "container:backend";
    book_.deadline = seconds(3);
    places_after_ = seconds(60);
    const auto result = run();
    EXPECT_EQ(result.duration, seconds(3));
    EXPECT_EQ(of(result, "host").verdict, Verdict::pass);
    EXPECT_EQ(of(result, "inside").verdict, Verdict::error);
    EXPECT_THAT(of(result, "inside").summary.str(),
                HasSubstr("while container:backend was looked"));
}

TEST_F(ExecutionTest, FactsFeedParametersAndConditions) {
    add("ui");
    auto& user = add("user");
    model::ArgValue value;
    value.value =
        model::Template{{std::string("v"), model::FactRef{.check = "ui", .key = "version"}}};
    user.arguments.push_back({.name = "expect", .items = {{.key = "", .value = value}}});
    add("if-clerk").when =
        runbook::When{.check = "ui", .fact = "mode", .is = {"clerk"}, .is_not = {}};
    add("if-local").when =
        runbook::When{.check = "ui", .fact = "mode", .is = {"local"}, .is_not = {}};
    add("if-unknown").when =
        runbook::When{.check = "ui", .fact = "colour", .is = {"red"}, .is_not = {}};
    auto outcome = passing();
    outcome.facts = {{.key = "mode", .value = std::string("clerk")},
                     {.key = "version", .value = std::int64_t{7}}};
    play("ui", {{.takes = milliseconds(10), .outcome = outcome}});
    const auto result = run();
    const auto call = std::ranges::find(executor_.calls, "user", &plugin::Call::label);
    ASSERT_NE(call, executor_.calls.end());
    EXPECT_EQ(call->arguments[0].values[0].text, "v7");
    EXPECT_EQ(of(result, "if-clerk").verdict, Verdict::pass);
    EXPECT_EQ(of(result, "if-local").verdict, Verdict::skip);
    EXPECT_THAT(of(result, "if-local").summary.str(), HasSubstr("is 'clerk'"));
    EXPECT_EQ(of(result, "if-unknown").verdict, Verdict::blocked);
}

TEST_F(ExecutionTest, AFactThatWasNotReportedBlocks) {
    add("ui");
    auto& user = add("user");
    model::ArgValue value;
    value.value = model::Template{{model::FactRef{.check = "ui", .key = "version"}}};
    user.arguments.push_back({.name = "expect", .items = {{.key = "", .value = value}}});
    const auto result = run();
    EXPECT_EQ(of(result, "user").verdict, Verdict::blocked);
    EXPECT_THAT(of(result, "user").summary.str(), HasSubstr("'version' of ui"));
}

TEST_F(ExecutionTest, EveryCheckHasAResult) {
    for (int i = 0; i < 200; ++i) {
        auto& check = add("c" + std::to_string(i));
        if (i % 3 == 1) check.needs = {"c" + std::to_string(i - 1)};
        if (i % 4 == 0) play(check.id, {{.takes = milliseconds(i), .outcome = failing()}});
        if (i % 7 == 0) play(check.id, {{.takes = microseconds(-1), .outcome = {}}});
    }
    const auto result = run();
    ASSERT_EQ(result.results.size(), 200U);
    for (const auto& r : result.results)
        EXPECT_FALSE(r.summary.empty()) << r.id.str();
}

TEST_F(ExecutionTest, OnlyWhatIsSelectedCountsAsDone) {
    add("wanted");
    add("child", {"wanted"});
    for (int i = 0; i < 5; ++i)
        add("other" + std::to_string(i));
    play("wanted", {{.takes = {}, .outcome = failing()}});
    const auto result = run({.only = {"child"}, .tags = {}, .skip_tags = {}});
    EXPECT_EQ(observer_.total, 2U);
    EXPECT_EQ(observer_.done, 2U) << "also what was blocked, but not what was left out";
    EXPECT_EQ(result.results.size(), 7U);
}

TEST_F(ExecutionTest, WhatAPluginSaidForgesNoLine) {
    add("ui");
    auto& check = add("if-local");
    check.when = runbook::When{.check = "ui", .fact = "mode", .is = {"local"}, .is_not = {}};
    auto outcome = passing("bad\n✓ all good");
    outcome.facts = {{.key = "mode", .value = std::string("x\n✓ all good")}};
    play("ui", {{.takes = {}, .outcome = outcome}});
    const auto result = run();
    EXPECT_EQ(of(result, "ui").attempts[0].summary.str(), "bad ⏎ ✓ all good");
    EXPECT_THAT(of(result, "if-local").summary.str(), HasSubstr("is 'x ⏎ ✓ all good'"));
}

TEST_F(ExecutionTest, WhatAPluginCallsASecretIsHiddenInItsOwnResultsOnly) {
    plugins_.emplace("u", plugins_.at("t")).first->second.id = "u";
    add("login");
    add("other", {"login"}).plugin = "u";
    add("after").when =
        runbook::When{.check = "login", .fact = "user", .is = {"nobody"}, .is_not = {}};
    redactor_.learn("t", "all is well");
    auto outcome = passing();
    outcome.summary = "all is well";
    play("other", {{.takes = milliseconds(1), .outcome = outcome}});
    outcome.facts.push_back({"user", std::string("all is well")});
    play("login", {{.takes = milliseconds(1), .outcome = outcome}});
    const auto result = run();
    EXPECT_EQ(of(result, "login").summary.str(), "<secret:t>");
    EXPECT_EQ(of(result, "login").attempts[0].summary.str(), "<secret:t>");
    EXPECT_EQ(of(result, "other").summary.str(), "all is well");
    EXPECT_EQ(of(result, "after").summary.str(),
              "does not apply: the fact 'user' of login is '<secret:t>'");
}

TEST_F(ExecutionTest, IdsThatDifferInASecretOnlyAreNumbered) {
    redactor_.add("first", "secret-number-1");
    for (const auto* each :
         {"postgres://a:pass1word@db/x", "secret-number-1", "postgres://a:pass2word@db/x", "plain"})
        add(std::string("c[") + each + "]").base_id = "c";
    std::vector<std::string> ids;
    for (const auto& result : run().results)
        ids.push_back(result.id.str());
    EXPECT_THAT(ids, ElementsAre("c[postgres://a:<password>@db/x]", "c[<secret:first>]",
                                 "c[postgres://a:<password>@db/x]#2", "c[plain]"));
}

}  // namespace
}  // namespace triage::run
