/// deploy.containers against canned answers of an engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

namespace {

using namespace std::chrono_literals;
using namespace triage::testing;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using triage::text;
using triage::Weight;

/// One container; the fields are JSON.
struct Box {
    std::string service = "backend", number = "1";
    std::string state = R"("Status":"running")";
    std::string more = R"("RestartCount":0,"HostConfig":{"RestartPolicy":{"Name":"no"}})";
    std::string started = "2025-12-01T00:00:00Z", image = "sha256:aaaaaaaaaaaaaaaa";
    std::string labels;

    std::string id() const { return "abcdef12345" + number + (service == "db" ? "d" : "b"); }
    std::string listed() const {
        return text(R"({"Id":")", id(), R"(","Names":["/mc-)", service, "-", number,
                    R"("],"Labels":{"com.docker.compose.project":"mc",)",
                    R"("com.docker.compose.service":")", service, '"', labels, "}}");
    }
    std::string inspected() const {
        return text(R"({"Image":")", image, R"(","Created":"2025-11-30T10:00:00Z","State":{)",
                    state, R"(,"StartedAt":")", started,
                    R"(","FinishedAt":"2025-12-31T23:56:00Z"},"Config":{"Image":"mc-)", service,
                    R"(","Env":["PASSWORD=hunter2"],"Labels":{}},)", more, "}");
    }
};

constexpr const char* list_url = "http://docker/containers/json?all=1";
constexpr const char* same_image = R"({"Id":"sha256:aaaaaaaaaaaaaaaa"})";

class Containers : public testing::Test {
protected:
    triage::testing::Result look(const std::vector<Box>& boxes, Params params = Params()) {
        std::string list;
        for (const auto& box : boxes) {
            list += text(list.empty() ? "" : ",", box.listed());
            host_.answer("GET", text("http://docker/containers/", box.id(), "/json"),
                         Reply().body(box.inspected()));
        }
        host_.answer("GET", list_url, Reply().body(text("[", list, "]")));
        for (const auto* service : {"backend", "db"})
            host_.answer("GET", text("http://docker/images/mc-", service, "/json"),
                         Reply().body(same_image));
        params.list("containers", {"mc/*"});
        auto result = host_.run("containers", params);
        EXPECT_THAT(result.violations, IsEmpty());
        EXPECT_THAT(result.to_string(), Not(HasSubstr("hunter2")));
        return result;
    }

    FakeHost host_;  // its clock stands at 2026-01-01T00:00:00Z
};

Box exited(int code, const std::string& more = "") {
    Box box;
    box.state = text(R"("Status":"exited","ExitCode":)", code, more);
    return box;
}

TEST_F(Containers, ThatRunPass) {
    Box db;
    db.service = "db";
    const auto result = look({Box{}, db});
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_EQ(result.summary, "2 containers run; last started: mc/backend, 31 days ago");
    EXPECT_EQ(result.requests.size(), 5U) << "the list, two containers, two names";
    EXPECT_EQ(triage::to_text(result.facts.at("image[mc/backend]")),
              "aaaaaaaaaaaa (mc-backend), made 2025-11-30 10:00 UTC");
    EXPECT_EQ(triage::to_text(result.facts.at("started_at[mc/db]")), "2025-12-01 00:00:00 UTC");
    EXPECT_TRUE(result.was_evaluated("deploy.exited"));
    EXPECT_FALSE(result.was_evaluated("deploy.unhealthy")) << "none has a health check";
}

TEST_F(Containers, ThatEndedFailWithTheCodesMeaning) {
    const auto result = look({exited(3)});
    const auto& finding = result.finding("deploy.exited");
    EXPECT_EQ(finding.subject, "mc/backend");
    EXPECT_EQ(finding.message, "mc/backend ended 4 min ago with exit code 3");
    EXPECT_EQ(finding.evidence_of("exit code"), "3 (uvicorn: it failed while starting)");
    EXPECT_THAT(finding.evidence_of("restart policy"), HasSubstr("will not come back"));
    EXPECT_EQ(result.summary, "0 of 1 containers run, not mc/backend (exited)");
}

TEST_F(Containers, OfNoExpectedServiceMayEnd) {
    Box db;
    db.service = "db";
    const auto only_db = Params().list("expect", {"db"});
    EXPECT_THAT(look({exited(0), db}, only_db).findings, IsEmpty()) << "a job that is done";
    const auto failed = look({exited(1), db}, only_db);
    EXPECT_EQ(failed.finding("deploy.exited").weight, Weight::warn);
}

TEST_F(Containers, OfComposeRunAreMeantToEnd) {
    auto once = exited(3);
    once.number = "2";
    once.labels = R"(,"com.docker.compose.oneoff":"True")";
    const auto result = look({Box{}, once});
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_EQ(result.requests.size(), 3U) << "the list, one container, one name";
}

TEST_F(Containers, ThatAreExpectedAndNotThereAreMissing) {
    const auto result = look({Box{}}, Params().list("expect", {"backend", "worker"}));
    EXPECT_EQ(result.findings.size(), 1U);
    EXPECT_EQ(result.finding("deploy.missing").subject, "mc/worker");
}

TEST_F(Containers, ThatAreExpectedAndNotAskedForAreNotMissing) {
    host_.answer("GET", text("http://docker/containers/", Box{}.id(), "/json"),
                 Reply().body(Box{}.inspected()));
    Box db;
    db.service = "db";
    host_.answer("GET", list_url, Reply().body(text("[", Box{}.listed(), ",", db.listed(), "]")));
    host_.answer("GET", "http://docker/images/mc-backend/json", Reply().body(same_image));
    const auto result =
        host_.run("containers",
                  Params().list("containers", {"mc/backend"}).list("expect", {"backend", "db"}));
    EXPECT_FALSE(result.found("deploy.missing"));
    EXPECT_THAT(result.error.value_or(""), HasSubstr("the engine has mc/db, which is none of"));
    const auto other =
        host_.run("containers", Params().list("containers", {"mc/backend", "mc/gone"}));
    EXPECT_EQ(other.finding("deploy.missing").evidence_of("service"), "mc/gone");
}

TEST_F(Containers, ThatAreTooManyAreCounted) {
    std::string list;
    for (int i = 1000; i < 1402; ++i) {
        Box box;
        box.number = std::to_string(i);
        list += text(list.empty() ? "" : ",", box.listed());
        host_.answer("GET", text("http://docker/containers/", box.id(), "/json"),
                     Reply().body(box.inspected()));
    }
    host_.answer("GET", list_url, Reply().body(text("[", list, "]")));
    host_.answer("GET", "http://docker/images/mc-backend/json", Reply().body(same_image));
    const auto result = host_.run("containers", Params().list("containers", {"mc/*"}));
    EXPECT_THAT(result.error.value_or(""), HasSubstr("not read: 2 containers, as 402 are meant"));
    EXPECT_EQ(result.requests.size(), 402U) << "the list, 400 containers, one name";
}

TEST_F(Containers, OfOtherStatesAreNotGood) {
    Box box;
    for (const auto& [status, words] : {std::pair("removing", "is being removed"),
                                        {"dead", "could not remove"},
                                        {"stopped", "with exit code 0"}}) {
        box.state = text(R"("Status":")", status, '"');
        EXPECT_THAT(look({box}).finding("deploy.exited").message, HasSubstr(words)) << status;
    }
    box.state = R"("Status":"dreaming")";
    EXPECT_THAT(look({box}).error.value_or(""), HasSubstr(R"(its state is "dreaming")"));
}

TEST_F(Containers, MemoryThatRanOutIsSaid) {
    const auto ended = look({exited(137, R"(,"OOMKilled":true)")});
    EXPECT_TRUE(ended.found("deploy.oom-killed"));
    EXPECT_FALSE(ended.found("deploy.exited")) << "once is enough";
    Box running;
    running.state = R"("Status":"running","OOMKilled":true)";
    EXPECT_EQ(look({running}).finding("deploy.oom-killed").weight, Weight::warn);
}

TEST_F(Containers, RestartsCountIfTheyAreRecent) {
    const auto with = [&](const char* state, int count, const char* started) {
        Box box;
        box.state = text(R"("Status":")", state, R"(","ExitCode":1)");
        box.more = text(R"("RestartCount":)", count);
        box.started = started;
        return look({box});
    };
    constexpr const char* now = "2025-12-31T23:59:00Z";
    constexpr const char* long_ago = "2025-12-01T00:00:00Z";
    EXPECT_EQ(with("restarting", 4, now).finding("deploy.restarting").message,
              "mc/backend does not stay up: restarted 4 times, last 60 s ago, exit code 1");
    EXPECT_TRUE(with("running", 5, now).found("deploy.restarting"));
    EXPECT_EQ(with("running", 4, now).finding("deploy.restarted").weight, std::nullopt);
    EXPECT_EQ(with("running", 90, long_ago).finding("deploy.restarted").weight, Weight::info);
    EXPECT_FALSE(with("running", 0, now).found("deploy.restarted"));
}

TEST_F(Containers, HealthIsWhatItsOwnCheckSays) {
    Box box;
    box.state = R"("Status":"running","Health":{"Status":"unhealthy","FailingStreak":7,)"
                R"("Log":[{"Output":"old"},{"Output":"curl: (7) refused"}]})";
    const auto bad = look({box});
    EXPECT_EQ(bad.finding("deploy.unhealthy").evidence_of("it says"), "curl: (7) refused");
    box.state = R"("Status":"running","Health":{"Status":"starting"})";
    EXPECT_EQ(look({box}).finding("deploy.starting").weight, std::nullopt) << "after 31 days";
    box.started = "2025-12-31T23:59:00Z";
    EXPECT_EQ(look({box}).finding("deploy.starting").weight, Weight::info);
}

TEST_F(Containers, ThatAreLeftStandingAreSaid) {
    Box box;
    box.state = R"("Status":"paused")";
    EXPECT_TRUE(look({box}).found("deploy.paused"));
    box.state = R"("Status":"created","Error":"port is already allocated")";
    EXPECT_EQ(look({box}).finding("deploy.not-started").message,
              "mc/backend was never started: port is already allocated");
}

TEST_F(Containers, AnImageOfTheSameNameThatDoesNotRunIsSaid) {
    host_.answer(
        "GET", "http://docker/images/mc-backend/json",
        Reply().body(R"({"Id":"sha256:bbbbbbbbbbbbbbbb","Created":"2025-12-31T23:50:00Z"})"));
    const auto result = look({Box{}});
    const auto& finding = result.finding("deploy.not-recreated");
    EXPECT_EQ(finding.evidence_of("image now"), "bbbbbbbbbbbb");
    EXPECT_EQ(finding.evidence_of("built"), "2025-12-31 23:50:00 UTC, 10 min ago");
}

TEST_F(Containers, ANameThatMeansNoImageAnyMoreIsNoFinding) {
    host_.answer("GET", "http://docker/images/mc-backend/json", Reply(404));
    const auto result = look({Box{}});
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_FALSE(result.was_evaluated("deploy.not-recreated"));
}

TEST_F(Containers, OfOneServiceRunOneImage) {
    Box second;
    second.number = "2";
    second.image = "sha256:cccccccccccccccc";
    const auto result = look({Box{}, second});
    const auto& finding = result.finding("deploy.mixed-versions");
    EXPECT_EQ(finding.subject, "mc/backend");
    EXPECT_EQ(finding.evidence_of("cccccccccccc"), "mc-backend-2");
    EXPECT_EQ(result.facts.count("image[mc-backend-2]"), 1U) << "each by its own name";
}

TEST_F(Containers, StartedLatelyIsWorthKnowing) {
    Box box;
    box.started = "2025-12-31T23:48:00Z";
    const auto result = look({box});
    EXPECT_TRUE(result.found("deploy.recent"));
    EXPECT_EQ(result.summary, "1 container runs; lately started: mc/backend, 12 min ago");
}

TEST_F(Containers, WhatCannotBeReadIsNoAllClear) {
    Box db;
    db.service = "db";
    host_.answer("GET", text("http://docker/containers/", db.id(), "/json"),
                 Reply(500).body(R"({"message":"disk is gone"})"));
    const auto result = look({Box{}, db});
    EXPECT_THAT(*result.error, HasSubstr("mc/db: the engine answers HTTP 500: disk is gone"));
}

TEST_F(Containers, AnEngineThatSaysNothingIsNoFinding) {
    const auto run = [&](Reply reply) {
        FakeHost host;
        host.answer("GET", list_url, std::move(reply));
        const auto result = host.run("containers", Params().list("containers", {"mc/*"}));
        EXPECT_THAT(result.findings, IsEmpty());
        EXPECT_THAT(result.violations, IsEmpty());
        return result.error.value_or("none");
    };
    EXPECT_THAT(run(Reply::failed(triage::Failure::refused)), HasSubstr("group docker"));
    EXPECT_THAT(run(Reply::hang()), HasSubstr("no answer within"));
    EXPECT_THAT(run(Reply().body("<html>")), HasSubstr("cannot be read"));
    EXPECT_THAT(run(Reply().body("[]")), HasSubstr("There is no project at all"));
    EXPECT_THAT(run(Reply().body(R"([{"Id":"abcdefabcdef","Names":["/x"],"Labels":)"
                                 R"({"com.docker.compose.project":"other"}}])")),
                HasSubstr("There are: other"));
}

TEST_F(Containers, AnEngineThatIsNoneIsTold) {
    const auto params = Params().list("containers", {"mc/*"}).set("docker-host", "ssh://x");
    EXPECT_THAT(*host_.run("containers", params).error, HasSubstr("expected unix:///PATH"));
}

}  // namespace
