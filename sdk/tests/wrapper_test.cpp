/// The C++ wrapper, through the fake host: what a check says and does is what it wrote.
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

#include "workbench.hpp"

using namespace triage::testing;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

Params at(const char* url) { return Params().set("url", url); }

TEST(Wrapper, DeclaresItselfWithoutFault) {
    FakeHost host;
    EXPECT_THAT(host.declaration_violations(), IsEmpty());
    EXPECT_STREQ(host.plugin().id, "workbench");
    EXPECT_STREQ(host.plugin().version, "1.2.3");
    const auto* blocking = host.plugin().checks[11];
    EXPECT_STREQ(blocking->name, "blocking");
    EXPECT_EQ(blocking->flags, TRIAGE_CHECK_DEEP);
    EXPECT_EQ(host.plugin().checks[0]->flags, TRIAGE_CHECK_REPEATABLE);
}

TEST(Wrapper, ReportsAResponse) {
    FakeHost host;
    host.answer("GET", "http://a/", Reply(200).header("server", "nginx").after(12ms));
    const auto result = host.run("get", at("http://a/"));
    EXPECT_EQ(result.to_string(),
              "summary HTTP 200 in 12 ms\n"
              "evaluated workbench.odd\nevaluated workbench.other\n"
              "fact server = nginx\n"
              "metric total = 12 ms\n"
              "log asked http://a/\n");
    EXPECT_EQ(result.duration, 12ms);
}

TEST(Wrapper, ReportsAFindingWithEverythingItSays) {
    FakeHost host;
    host.answer("GET", "http://a/", Reply::failed(triage::Failure::refused).address("10.0.0.1:80"));
    const auto result = host.run("get", at("http://a/"));
    const auto& finding = result.finding("workbench.odd");
    EXPECT_EQ(finding.subject, "http://a/");
    EXPECT_EQ(finding.message, "connection refused by 10.0.0.1:80");
    EXPECT_EQ(finding.remedy, "Start it");
    EXPECT_EQ(finding.weight, triage::Weight::fail);
    EXPECT_EQ(finding.evidence_of("phase"), "connect");
    EXPECT_EQ(finding.evidence_of("took"), "1 ms");
    EXPECT_THAT(result.violations, IsEmpty());
}

TEST(Wrapper, SaysThePhaseOfATimeout) {
    FakeHost host;
    host.answer("GET", "http://a/", Reply::hang());
    const auto result = host.run("get", at("http://a/"));
    EXPECT_EQ(result.finding("workbench.odd").message,
              "no answer within 3 s (connected, waiting for the first byte)");
    EXPECT_EQ(result.duration, 3s);
}

TEST(Wrapper, SendsSecretsByHandle) {
    FakeHost host;
    host.answer("GET", "http://a/", Reply(200));
    const auto result = host.run("get", at("http://a/").secret("token", "canary-0123456789"));
    EXPECT_EQ(result.requests.at(0).header("authorization"), "Bearer canary-0123456789");
    EXPECT_EQ(result.requests.at(0).header("accept"), "application/json; charset=utf-8");
    EXPECT_THAT(result.violations, IsEmpty());
}

TEST(Wrapper, RevealNeedsConsent) {
    FakeHost host;
    const auto params = at("http://a/").secret("token", "canary-0123456789");
    EXPECT_THAT(host.run("secret", params).error.value_or(""), HasSubstr("not allowed"));
    host.allow_reveal();
    const auto result = host.run("secret", params);
    EXPECT_EQ(result.summary, "17 bytes");
    EXPECT_THAT(result.violations,
                ElementsAre("the text of a secret is in what the check reported"));
}

TEST(Wrapper, RunsTasksAtTheSameTime) {
    FakeHost host;
    for (const auto* number : {"0", "1", "2", "3", "4"}) {
        host.answer("GET", std::string("http://a/") + number, Reply().body(number).after(100ms));
    }
    const auto result = host.run("many", Params().set("base", "http://a"));
    EXPECT_EQ(result.summary, "01234");
    EXPECT_EQ(result.duration, 101ms) << "one after the other would take 500 ms";
    EXPECT_THAT(result.logs, ElementsAre("0", "1", "2", "3", "4"));
}

TEST(Wrapper, ResultsKeepTheirOrderWhateverEndsFirst) {
    const auto run = [](std::uint64_t seed) {
        FakeHost host;
        for (const auto* number : {"0", "1", "2", "3", "4"}) {
            host.answer("GET", std::string("http://a/") + number, Reply().body(number));
        }
        return host.shuffle(seed).run("many", Params().set("base", "http://a/"));
    };
    std::set<std::vector<std::string>> orders;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto result = run(seed);
        EXPECT_EQ(result.summary, "01234");
        EXPECT_THAT(result.violations, IsEmpty());
        EXPECT_EQ(result.to_string(), run(seed).to_string()) << "the seed decides everything";
        orders.insert(result.logs);
    }
    EXPECT_GT(orders.size(), 5u) << "seeds give different orders";
}

TEST(Wrapper, ATaskThatThrowsEndsTheCheckWhenAllHaveEnded) {
    FakeHost host;
    host.answer("GET", "http://a/0", Reply::failed(triage::Failure::closed));
    host.answer("GET", "http://a/1", Reply().after(1s));
    const auto result = host.run("many", Params().set("base", "http://a").set("count", 2));
    EXPECT_THAT(result.error.value_or(""), HasSubstr("closed"));
    EXPECT_EQ(result.duration, 1s);
    EXPECT_THAT(result.violations, IsEmpty());
    EXPECT_EQ(workbench::frames_alive, 0);
}

TEST(Wrapper, TasksOfDifferentTypesAndNoneAtAll) {
    FakeHost host;
    host.answer("GET", "http://a/body", Reply().body("hello").after(2s));
    host.answer("GET", "http://a/status", Reply(418).after(1s));
    EXPECT_EQ(host.run("pair", Params().set("base", "http://a")).summary, "hello 418 at 8 s");
    EXPECT_EQ(host.run("many", Params().set("base", "http://a").set("count", 0)).summary, "");
}

TEST(Wrapper, StreamsInChunksOfOneByte) {
    FakeHost host;
    host.answer("GET", "http://a/",
                Reply(200).body("0123456789").chunk_size(1).gap(1ms).after(5ms));
    const auto result = host.run("stream", at("http://a/"));
    EXPECT_EQ(result.summary, "200 0123456789 10 HTTP 200");
    EXPECT_EQ(result.duration, 14ms);
    EXPECT_EQ(result.events, 13);
    EXPECT_THAT(result.violations, IsEmpty());
}

TEST(Wrapper, AStreamMayBeLargerThanTheWindow) {
    FakeHost host;
    host.answer("GET", "http://a/", Reply(200).body(std::string(2'000'000, 'x')).chunk_size(65536));
    const auto result = host.run("stream", at("http://a/"));
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("2000000 HTTP 200"));
    EXPECT_THAT(result.violations, IsEmpty());
}

TEST(Wrapper, AStreamMayBreakHangOrBeLeft) {
    FakeHost host;
    host.answer("GET", "http://broken/", Reply(200).chunks({"abc", "def"}).then_closed());
    EXPECT_THAT(host.run("stream", at("http://broken/")).summary.value_or(""),
                HasSubstr("200 abcdef 6 connection closed"));
    host.answer("GET", "http://slow/", Reply(200).chunks({"abc", "def"}).gap(1h));
    EXPECT_THAT(host.run("stream", at("http://slow/")).summary.value_or(""),
                HasSubstr("200 abc 3 no complete answer within 3 s"));
    host.answer("GET", "http://none/", Reply::failed(triage::Failure::refused));
    EXPECT_THAT(host.run("stream", at("http://none/")).summary.value_or(""),
                HasSubstr("0  0 connection refused"));
    host.answer("GET", "http://left/", Reply(200).chunks({"stop", "more"}).gap(1s));
    const auto left = host.run("stream", at("http://left/"));
    EXPECT_EQ(left.summary, "stopped");
    EXPECT_TRUE(left.requests.at(0).cancelled);
    EXPECT_THAT(left.violations, IsEmpty());
}

TEST(Wrapper, WaitsForDescriptors) {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    FakeHost host;
    host.fd_patience(0ms);
    const auto params = Params().set("fd", ends[0]);
    EXPECT_EQ(host.run("fd", Params(params).set("limit", 3s)).summary, "timed out");
    ASSERT_EQ(write(ends[1], "x", 1), 1);
    const auto result = host.run("fd", Params(params).set("limit", 3s));
    EXPECT_EQ(result.summary, "x error=false");
    EXPECT_THAT(result.violations, IsEmpty());
    close(ends[1]);
    EXPECT_EQ(host.run("fd", params).summary, "nothing error=true");
    close(ends[0]);
}

TEST(Wrapper, RunsBlockingWorkAndCarriesBackWhatItGives) {
    FakeHost host;
    const auto result = host.run("work", Params().set("text", "rows"));
    EXPECT_EQ(result.summary, "rows! 4");
    EXPECT_THAT(result.logs, ElementsAre("from the pool"));
    EXPECT_THAT(result.violations, IsEmpty());
    EXPECT_EQ(host.run("work", Params().set("text", "throw")).error, "the library said no");
}

TEST(Wrapper, EveryExceptionBecomesTheError) {
    FakeHost host;
    const auto error = [&](const char* kind) {
        const auto result = host.run("throws", Params().set("text", kind));
        EXPECT_THAT(result.violations, IsEmpty());
        EXPECT_EQ(workbench::frames_alive, 0);
        return result.error.value_or("(none)");
    };
    EXPECT_EQ(error("early"), "before the first wait");
    EXPECT_EQ(error(""), "after a wait");
    EXPECT_EQ(error("number"), "the check threw something that is no std::exception");
    EXPECT_EQ(error("state"), "the plugin has no state of the type its check asks for");
}

TEST(Wrapper, AWaitForNothingIsAnError) {
    FakeHost host;
    EXPECT_EQ(host.run("stuck").error, "the check waits for something that it has not started");
}

TEST(Wrapper, TimeIsTheHosts) {
    FakeHost host;
    EXPECT_EQ(host.deadline(1s).run("sleeps").summary, "250 ms, 750 ms left");
}

TEST(Wrapper, StateIsSharedByTheChecksOfOneHost) {
    FakeHost host;
    EXPECT_EQ(host.run("state").summary, "1");
    EXPECT_EQ(host.run("state").summary, "2");
    FakeHost another;
    EXPECT_EQ(another.run("state").summary, "1");
}

TEST(Wrapper, BlockingChecks) {
    FakeHost host;
    const auto result = host.run("blocking");
    EXPECT_EQ(result.to_string(),
              "summary ran\nfinding workbench.other loop: 0 rounds\nevaluated workbench.other\n"
              "fact count = 3\nfact count[shop/web_1] = 4\nfact ratio = 0.5\nfact truth = "
              "true\nmetric size = 12 By\n");
    EXPECT_EQ(host.run("blocking", Params().set("text", "throw")).error, "the library said no");
    EXPECT_EQ(host.run("blocking", Params().set("text", "unknown")).error, "no idea");
}

TEST(Wrapper, AMissingServiceIsNamed) {
    FakeHost host(&triage_plugin_entry, {TRIAGE_HTTP_API});
    const auto result = host.run("get", at("http://a/"));
    EXPECT_THAT(result.error.value_or(""), HasSubstr(TRIAGE_HTTP_API));
    EXPECT_THAT(result.violations, IsEmpty());
    EXPECT_THROW(FakeHost(&triage_plugin_entry, {TRIAGE_CHECK_API}), std::runtime_error);
}

TEST(Wrapper, TheBuiltFileBehavesAsTheLinkedSources) {
    FakeHost host(load_plugin(TRIAGE_PLUGIN_FILE));
    host.answer("GET", "http://a/", Reply(404));
    const auto result = host.run("get", at("http://a/"));
    EXPECT_EQ(result.finding("workbench.odd").message, "HTTP 404");
    EXPECT_NE(host.plugin().checks, FakeHost().plugin().checks);
}

TEST(Wrapper, AnotherMajorVersionIsRefused) {
    triage_host host{};
    host.size = sizeof host;
    host.abi_major = TRIAGE_ABI_MAJOR + 1;
    EXPECT_EQ(triage_plugin_entry(&host), nullptr);
}

}  // namespace
