// Bad plugins: each costs its own checks an error with the right words, and nothing else.
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <thread>

#include <gmock/gmock.h>

#include "core/plugin/testing.hpp"

namespace triage::plugin {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

Options isolated() {
    Options options;
    options.worker_path = TRIAGE_WORKER;
    return options;
}

// A plugin that cannot be had, and the words that say why.
struct Unloadable {
    const char* name;
    const char* words;
};

class CannotBeLoaded : public ::testing::TestWithParam<Unloadable> {};

INSTANTIATE_TEST_SUITE_P(
    Zoo, CannotBeLoaded,
    ::testing::Values(
        Unloadable{"entry-crash", "crashed with SIGSEGV at address 0x10 in loading"},
        Unloadable{"entry-exit", "called exit\\(0\\) in loading; its last output: licence expired"},
        Unloadable{"null-descriptor", "triage_plugin_entry\\(\\) returned NULL"},
        Unloadable{"no-note", "does not export triage_plugin_entry\\(\\)"},
        Unloadable{"no-entry", "does not export triage_plugin_entry\\(\\)"},
        Unloadable{"missing-symbol", "cannot be loaded: .*function_that_nobody_has"},
        Unloadable{"newer-abi", "wants ABI 1.3, this triage offers 0.1"},
        Unloadable{"lying-note",
                   "its ELF note says id 'lying-note', its descriptor 'somebody-else'"},
        Unloadable{"both-step-and-run",
                   "check 'one': exactly one of step and run must be set, both are"},
        Unloadable{"open-fails", "could not be opened: the cellar is locked"},
        Unloadable{"is-not-there", "is-not-there.so cannot be loaded: .*No such file"}),
    [](const auto& which) {
        std::string name = which.param.name;
        std::ranges::replace(name, '-', '_');
        return name;
    });

TEST_P(CannotBeLoaded, SaysWhyAndLeavesTheOthersAlone) {
    Fleet fleet(isolated());
    fleet.open({GetParam().name, "good"});
    EXPECT_FALSE(fleet.plugins().loaded().contains(GetParam().name));
    EXPECT_THAT(fleet.why_broken(GetParam().name), ContainsRegex(GetParam().words));
    const std::string check = std::string(GetParam().name) + ".one";
    EXPECT_EQ(fleet.run(check).error, fleet.why_broken(GetParam().name));
    EXPECT_EQ(fleet.run("good.nap").summary, "slept");
}

TEST(Zoo, ALoadThatHangsIsEnded) {
    auto options = isolated();
    options.open_timeout = std::chrono::seconds(1);
    Fleet fleet(options);
    fleet.open({"entry-hang"});
    EXPECT_THAT(fleet.why_broken("entry-hang"),
                HasSubstr("did not say what it declares within 1 s in loading"));
}

TEST(Zoo, AMissingWorkerIsAnError) {
    auto options = isolated();
    options.worker_path = "/nowhere/triage-worker";
    Fleet fleet(options);
    fleet.open({"good"});
    EXPECT_THAT(fleet.why_broken("good"), HasSubstr("/nowhere/triage-worker: No such file"));
}

// A check that ends its worker, and the words that say how.
struct Deadly {
    const char* name;
    const char* words;
};

class Kills : public ::testing::TestWithParam<Deadly> {};

INSTANTIATE_TEST_SUITE_P(
    Zoo, Kills,
    ::testing::Values(
        Deadly{"segfault",
               "crashed with SIGSEGV at address 0x10 in check 'label-of-segfault' "
               "\\(step\\)"},
        Deadly{"segfault-in-create", "SIGSEGV at address 0x10 in check '.*' \\(create\\)"},
        Deadly{"abort",
               "crashed with SIGABRT in check '.*' \\(step\\); its last output: .*"
               "something is very wrong here"},
        Deadly{"exit", "called exit\\(0\\) in check '.*' \\(step\\)"},
        Deadly{"quick-exit", "ended itself with _exit\\(3\\) in check '.*' \\(step\\)"},
        Deadly{"kill", "was killed \\(SIGKILL; out of memory\\?\\) in check '.*' \\(step\\)"},
        Deadly{"loop", "has kept its event loop from turning for more than 300 ms in check"},
        Deadly{"overflow", "crashed with SIGSEGV \\(stack overflow\\) in check '.*' \\(step\\)"},
        Deadly{"flood-output", "flooded its standard output with more than 16 MiB in check"},
        Deadly{"crash-in-run", "SIGSEGV at address 0x10 in check '.*' \\(run\\)"},
        Deadly{"exit-in-run", "called exit\\(7\\) in check '.*' \\(run\\)"},
        Deadly{"overflow-in-run", "SIGSEGV \\(stack overflow\\) in check '.*' \\(run\\)"},
        Deadly{"close-socket", "closed its connection to triage in check"},
        Deadly{"fork-and-crash", "crashed with SIGSEGV"}),
    [](const auto& which) {
        std::string name = which.param.name;
        std::ranges::replace(name, '-', '_');
        return name;
    });

TEST_P(Kills, OnlyTheCulpritGetsTheError) {
    auto options = isolated();
    options.callback_budget = std::chrono::milliseconds(300);
    Fleet fleet(options);
    fleet.open({"bad", "good"});
    const auto before = fleet.start("bad.good");
    const auto once = fleet.start("bad.once");
    const auto other = fleet.start("good.nap");
    const auto culprit = fleet.start(std::string("bad.") + GetParam().name);
    const auto behind = fleet.start("bad.good");
    EXPECT_THAT(fleet.wait(culprit).error,
                AllOf(HasSubstr("the plugin 'bad' "), ContainsRegex(GetParam().words)));
    EXPECT_THAT(fleet.wait(once).error, HasSubstr("not declared repeatable"));
    EXPECT_EQ(fleet.wait(before).summary, "good");
    EXPECT_EQ(fleet.wait(behind).summary, "good");
    EXPECT_EQ(fleet.wait(other).summary, "slept");
    EXPECT_EQ(fleet.run("bad.good").summary, "good");
}

// A check that breaks its contract: an error with these words, and its worker lives on.
struct Breach {
    const char* name;
    const char* words;
};

class Breaks : public ::testing::TestWithParam<Breach> {};

INSTANTIATE_TEST_SUITE_P(
    Zoo, Breaks,
    ::testing::Values(
        Breach{"undeclared-code", "reported the code 'bad.undeclared', which it does not declare"},
        Breach{"undeclared-fact", "reported the fact 'colour', which it does not declare"},
        Breach{"bad-fact-key",
               "reported the fact 'number\\[bad key\\]', which it does not declare"},
        Breach{"wrong-fact", "reported the fact 'number' as string, declared is int"},
        Breach{"nonsense", "step\\(\\) returned 42, expected 0"},
        Breach{"wait-for-nothing", "returned TRIAGE_PENDING but waits for nothing"},
        Breach{"too-many-operations", "called sleep\\(\\) while 1000 operations are pending"},
        Breach{"sleep-in-run", "called sleep\\(\\) from a thread that is not the event loop's"},
        Breach{"flood-findings", "more than 1000 findings"},
        Breach{"report-too-much", "more than 8 MiB"},
        Breach{"fail-to-create", "^the moon is full$"},
        Breach{"fail-silently", "create\\(\\) failed with 5 and gave no reason"}),
    [](const auto& which) {
        std::string name = which.param.name;
        std::ranges::replace(name, '-', '_');
        return name;
    });

TEST_P(Breaks, ItsOwnOutcome) {
    for (const bool in_process : {false, true}) {
        auto options = isolated();
        options.isolated = !in_process;
        Fleet fleet(options);
        fleet.open({"bad"});
        const auto once = fleet.start("bad.once");
        const std::string use = std::string("bad.") + GetParam().name;
        EXPECT_THAT(fleet.run(use).error, ContainsRegex(GetParam().words));
        EXPECT_EQ(fleet.run("bad.good").summary, "good");
        EXPECT_FALSE(fleet.outcomes.by_call.contains(once)) << "its worker has not died";
    }
}

// Where plugin and worker have a C++ runtime each, an exception cannot be caught between the two:
// then it is a crash.
TEST(Zoo, ExceptionsThroughCAreErrors) {
    const std::pair<const char*, const char*> checks[] = {
        {"throws.create", "create() threw an exception: in create"},
        {"throws.step", "step() threw an exception: in step"},
        {"throws.odd", "step() threw an exception: not a std::exception"},
        {"throws.run", "run() threw an exception: in run"}};
    for (const auto& [use, words] : checks) {
        Fleet fleet(isolated());
        fleet.open({"throws"});
        EXPECT_THAT(fleet.run(use).error,
                    HasSubstr(TRIAGE_SEPARATE_RUNTIMES ? "crashed with SIGABRT in check" : words));
        EXPECT_EQ(fleet.run("throws.good").error, "");
        auto options = isolated();
        options.isolated = false;
        Fleet in_process(options);
        in_process.open({"throws"});
        EXPECT_THAT(in_process.run(use).error, HasSubstr(words));
    }
}

TEST(Zoo, AMalformedRequestIsAnswered) {
    Fleet fleet(isolated());
    fleet.open({"bad"});
    EXPECT_THAT(fleet.run("bad.bad-request").summary, HasSubstr("size is too small"));
    EXPECT_TRUE(fleet.services.kept.empty());
}

TEST(Zoo, OutputIsTaggedAndLogsAreLimited) {
    Fleet fleet(isolated());
    fleet.open({"bad"});
    const auto& junk = fleet.run("bad.print-junk");
    ASSERT_EQ(junk.log.size(), 2U);
    EXPECT_EQ(junk.log[0].text, "[output] junk on stdout");
    EXPECT_EQ(junk.log[1].text, "[output] junk on stderr");
    const auto& flood = fleet.run("bad.flood-log");
    EXPECT_EQ(flood.error, "");
    ASSERT_EQ(flood.log.size(), max_log_lines);
    EXPECT_EQ(flood.log.back().text, "801 more log lines were dropped");
}

// Frames of a worker are hostile input: the worker is ended. Who sent them cannot be told.
TEST(Zoo, HostileFramesEndTheWorker) {
    for (const auto* const use :
         {"bad.write-garbage", "bad.write-unknown-frame", "bad.flood-frames"}) {
        Fleet fleet(isolated());
        fleet.open({"bad", "good"});
        const auto once = fleet.start("bad.once");
        fleet.start(use);
        EXPECT_THAT(fleet.wait(once).error,
                    ContainsRegex("was ended: it (sent|floods).*not declared repeatable"));
        EXPECT_EQ(fleet.run("good.nap").summary, "slept");
    }
}

TEST(Zoo, ACrashOfItsOwnThreadHasNoCulprit) {
    Fleet fleet(isolated());
    fleet.open({"bad"});
    const auto once = fleet.start("bad.once");
    const auto culprit = fleet.start("bad.crash-in-thread");
    EXPECT_THAT(fleet.wait(once).error,
                HasSubstr("SIGSEGV at address 0x10 outside of any check's callback"));
    EXPECT_THAT(fleet.wait(culprit).error, HasSubstr("second time"));
    EXPECT_EQ(fleet.run("bad.good").summary, "good");
}

TEST(Zoo, ACrashInDestroyDoesNotTakeTheOutcomeAway) {
    Fleet fleet(isolated());
    fleet.open({"bad"});
    const auto once = fleet.start("bad.once");
    EXPECT_EQ(fleet.run("bad.segfault-in-destroy").error, "");
    EXPECT_THAT(fleet.wait(once).error,
                HasSubstr("in check 'label-of-segfault-in-destroy' (destroy)"));
}

TEST(Zoo, APluginThatCrashesAgainAndAgainIsGivenUp) {
    Fleet fleet(isolated());
    fleet.open({"bad", "good"});
    for (int i = 0; i < 4; ++i)
        EXPECT_THAT(fleet.run("bad.segfault").error, HasSubstr("crashed with SIGSEGV"));
    EXPECT_THAT(fleet.run("bad.good").error, HasSubstr("was given up after 4 crashes"));
    EXPECT_EQ(fleet.run("good.nap").summary, "slept");
}

TEST(Zoo, ManyCallsManyCrashesEveryCallIsAnswered) {
    Fleet fleet(isolated());
    fleet.open({"bad"});
    std::vector<CallId> calls;
    for (int i = 0; i < 300; ++i)
        calls.push_back(fleet.start(i % 100 == 50 ? "bad.segfault" : "bad.good"));
    std::size_t errors = 0;
    for (const auto id : calls)
        errors += fleet.wait(id).error.empty() ? 0U : 1U;
    EXPECT_EQ(errors, 3U) << "only the three that crash";
}

TEST(Zoo, ACheckThatNeverEndsRetiresItsWorker) {
    auto options = isolated();
    options.callback_budget = std::chrono::milliseconds(20);
    Fleet fleet(options);
    fleet.open({"bad"});
    const auto beside = fleet.start("bad.stay");
    const auto stuck = fleet.start("bad.run-for-ever");
    fleet.run("bad.good");
    fleet.plugins().cancel(stuck);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(fleet.run("bad.good").summary, "good");
    EXPECT_FALSE(fleet.outcomes.by_call.contains(beside)) << "its worker still has it";
    fleet.plugins().cancel(beside);
    EXPECT_EQ(fleet.run("bad.good").summary, "good");
    EXPECT_EQ(fleet.outcomes.by_call.size(), 7U);
}

bool is_gone(pid_t pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

// Its parent is dead, so init reaps it: in its own time.
bool is_gone_or_zombie(pid_t pid) {
    if (is_gone(pid)) return true;
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(stat, line);
    return line.empty() || line.find(") Z ") != std::string::npos;
}

TEST(Zoo, ChildrenDieWithTheirWorker) {
    Fleet fleet(isolated());
    fleet.open({"bad"});
    const pid_t child = std::stoi(fleet.run("bad.fork").summary);
    EXPECT_FALSE(is_gone(child));
    fleet.run("bad.segfault");
    while (!is_gone_or_zombie(child))
        std::this_thread::yield();
    const pid_t second = std::stoi(fleet.run("bad.fork").summary);
    fleet.end();
    while (!is_gone_or_zombie(second))
        std::this_thread::yield();
}

// In a session of its own, and its parent is gone: nothing but its origin tells whose it is.
class DaemonsDie : public ::testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(WithAWorkerThat, DaemonsDie,
                         ::testing::Values("segfault", "exit", "kill", "loop", "flood-output"),
                         [](const auto& which) {
                             std::string name = which.param;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

TEST_P(DaemonsDie, AndThoseOfOthersLive) {
    auto options = isolated();
    options.callback_budget = std::chrono::milliseconds(300);
    Fleet fleet(options);
    fleet.open({"bad", "daemon"});
    const pid_t of_another = std::stoi(fleet.run("daemon.start").summary);
    const pid_t daemon = std::stoi(fleet.run("bad.daemonize").summary);
    EXPECT_FALSE(is_gone_or_zombie(daemon));
    fleet.run(std::string("bad.") + GetParam());
    while (!is_gone_or_zombie(daemon))
        std::this_thread::yield();
    EXPECT_FALSE(is_gone_or_zombie(of_another));
    fleet.end();
    while (!is_gone_or_zombie(of_another))
        std::this_thread::yield();
}

TEST(Zoo, NoWorkerIsLeftBehind) {
    {
        auto options = isolated();
        Fleet fleet(options);
        fleet.open({"bad", "good"});
        fleet.start("bad.loop");
        fleet.start("good.long");
        fleet.run("good.nap");
    }
    siginfo_t info{};
    while (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0)
        std::this_thread::yield();
    EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace triage::plugin
