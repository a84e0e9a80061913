// The ABI adapter, seen through Plugins with a good plugin: the same tests in-process and isolated.
#include <gmock/gmock.h>

#include "core/plugin/testing.hpp"
#include "core/plugin/wire.hpp"

namespace triage::plugin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

class Adapter : public ::testing::TestWithParam<bool> {
protected:
    static Options options() {
        Options options;
        options.isolated = GetParam();
        options.worker_path = TRIAGE_WORKER;
        return options;
    }

    Fleet fleet{options()};
    void SetUp() override { fleet.open({"good"}); }
};

INSTANTIATE_TEST_SUITE_P(Both, Adapter, ::testing::Bool(),
                         [](const auto& which) { return which.param ? "isolated" : "in_process"; });

TEST_P(Adapter, SaysWhatThePluginDeclares) {
    ASSERT_TRUE(fleet.plugins().loaded().contains("good")) << fleet.why_broken("good");
    const auto& info = fleet.plugins().loaded().at("good");
    EXPECT_EQ(info.version, "1.0.0");
    EXPECT_EQ(info.abi, "0.1");
    const auto* check = info.find("http");
    ASSERT_NE(check, nullptr);
    EXPECT_TRUE(check->repeatable);
    EXPECT_FALSE(check->blocking);
    ASSERT_EQ(check->params.size(), 4U);
    EXPECT_EQ(check->params[0].type, model::ParamType::url);
    EXPECT_TRUE(check->params[0].required);
    EXPECT_EQ(check->params[1].fallback, "1");
    EXPECT_EQ(check->params[1].maximum, "100");
    EXPECT_EQ(check->params[3].shape, model::Shape::map);
    ASSERT_EQ(check->codes.size(), 2U);
    EXPECT_EQ(check->codes[0].weight, model::Weight::warn);
    EXPECT_EQ(check->codes[1].remedy, "Repair it");
    EXPECT_EQ(check->facts[1].name, "server");
    EXPECT_TRUE(info.find("block")->blocking);
}

TEST_P(Adapter, TimersDescriptorsAndWork) {
    EXPECT_EQ(fleet.run("good.nap").summary, "slept");
    EXPECT_EQ(fleet.run("good.now").summary, "now");
    EXPECT_EQ(fleet.run("good.pipe").summary, "readable");
    EXPECT_EQ(fleet.run("good.work").summary, "worked");
}

TEST_P(Adapter, CarriesRequestAndResponse) {
    fleet.services.answer.status = 503;
    fleet.services.answer.detail = "unwell";
    fleet.services.answer.url = "http://host/path";
    fleet.services.answer.body = std::string("b\0dy \xff", 6);
    fleet.services.answer.headers = {{"Server", "nginx", 0, false}};
    fleet.services.answer.timings.total = std::chrono::microseconds(1500);
    auto call = fleet.call("good.http");
    call.arguments = {argument("url", model::ParamType::url, "http://host/"),
                      argument("labels", model::ParamType::string, "label"),
                      argument("token", model::ParamType::secret, "", 3)};
    const auto& outcome = fleet.run(std::move(call));
    ASSERT_EQ(fleet.services.kept.size(), 1U);
    const auto& request = fleet.services.kept[0].request;
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.url, "http://host/");
    ASSERT_EQ(request.headers.size(), 2U);
    EXPECT_EQ(request.headers[0].value, "label");
    EXPECT_EQ(request.headers[1].value, "Bearer ");
    EXPECT_EQ(request.headers[1].secret, 3);
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.summary, fleet.services.answer.body);
    ASSERT_EQ(outcome.findings.size(), 1U);
    EXPECT_EQ(outcome.findings[0].code, "good.bad");
    EXPECT_EQ(outcome.findings[0].weight, model::Weight::fail);
    EXPECT_EQ(outcome.findings[0].subject, "http://host/path");
    EXPECT_EQ(outcome.findings[0].message, "unwell");
    EXPECT_EQ(outcome.findings[0].remedy, "Repair it");
    EXPECT_THAT(outcome.findings[0].evidence,
                ElementsAre(Pair("body", fleet.services.answer.body)));
    EXPECT_THAT(outcome.evaluated, ElementsAre(0, 1));
    ASSERT_EQ(outcome.facts.size(), 2U);
    EXPECT_EQ(outcome.facts[0].key, "server");
    EXPECT_EQ(std::get<std::string>(outcome.facts[0].value), "nginx");
    EXPECT_EQ(std::get<std::int64_t>(outcome.facts[1].value), 503);
    ASSERT_EQ(outcome.metrics.size(), 1U);
    EXPECT_EQ(outcome.metrics[0].value, 1.5);
    EXPECT_EQ(outcome.metrics[0].unit, "ms");
}

TEST_P(Adapter, AsksAgainAndAgain) {
    auto call = fleet.call("good.http");
    call.arguments = {argument("url", model::ParamType::url, "http://host/"),
                      argument("count", model::ParamType::integer, "", 50)};
    EXPECT_EQ(fleet.run(std::move(call)).error, "");
    EXPECT_EQ(fleet.services.kept.size(), 50U);
}

TEST_P(Adapter, StreamsAndGivesBack) {
    fleet.services.chunks = {"123", "", std::string(100'000, 'x')};
    EXPECT_EQ(fleet.run("good.stream").summary, "200: 100003 bytes");
    EXPECT_EQ(fleet.services.consumed, 100'003U);
}

TEST_P(Adapter, BlockingCheckReadsOnlyItsSecrets) {
    auto call = fleet.call("good.block");
    EXPECT_EQ(fleet.run(call).error, "no token was given");
    call.arguments = {argument("token", model::ParamType::secret, "", 5)};
    EXPECT_THAT(fleet.run(call).error, HasSubstr("secret.reveal"));
    call.revealed = {{5, "s3cret"}};
    const auto& outcome = fleet.run(call);
    EXPECT_EQ(outcome.summary, "s3cret");
    ASSERT_EQ(outcome.log.size(), 1U);
    EXPECT_EQ(outcome.log[0].text, "blocking");
    EXPECT_EQ(fleet.services.secrets.back(), "learned-secret");
}

TEST_P(Adapter, CancelDropsOutcomeAndRequests) {
    fleet.services.keep = true;
    const auto asking = fleet.start("good.http");
    const auto sleeping = fleet.start("good.long");
    const auto blocked = fleet.start("good.never");
    const auto not_begun = fleet.start("good.now");
    fleet.plugins().cancel(not_begun);
    fleet.loop.run_until([this] { return !fleet.services.kept.empty(); });
    fleet.plugins().cancel(asking);
    fleet.plugins().cancel(sleeping);
    fleet.plugins().cancel(blocked);
    fleet.plugins().cancel(CallId{12345});
    EXPECT_EQ(fleet.run("good.nap").summary, "slept");
    EXPECT_EQ(fleet.outcomes.by_call.size(), 1U);
    ASSERT_EQ(fleet.services.cancelled.size(), 1U);
    EXPECT_EQ(fleet.services.cancelled[0].first, asking);
    // An answer that comes all the same is ignored.
    const auto& kept = fleet.services.kept[0];
    kept.replies->http_done(kept.call, kept.op, fleet.services.answer);
    EXPECT_EQ(fleet.run("good.nap").summary, "slept");
}

TEST_P(Adapter, ManyAtOnce) {
    std::vector<CallId> calls;
    for (int i = 0; i < 500; ++i) {
        calls.push_back(fleet.start(i % 3 == 0 ? "good.nap" : "good.http"));
        if (i % 5 == 0) calls.push_back(fleet.start("good.work"));
    }
    for (const auto id : calls)
        EXPECT_EQ(fleet.wait(id).error, "");
}

TEST_P(Adapter, UnknownPluginOrCheckIsAnOutcome) {
    EXPECT_THAT(fleet.run("god.nap").error, HasSubstr("'god' is not loaded. Did you mean 'good'?"));
    EXPECT_THAT(fleet.run("good.nab").error, HasSubstr("no check 'nab'. Did you mean 'nap'?"));
    const auto cancelled = fleet.start("god.nap");
    fleet.plugins().cancel(cancelled);
    EXPECT_EQ(fleet.run("good.now").summary, "now");
    EXPECT_FALSE(fleet.outcomes.by_call.contains(cancelled));
}

TEST_P(Adapter, EndsWithCallsUnderWay) {
    fleet.services.keep = true;
    fleet.start("good.http");
    fleet.start("good.long");
    fleet.start("good.never");
    fleet.run("good.now");
    fleet.end();
    EXPECT_EQ(fleet.outcomes.by_call.size(), 1U);
}

// What no frame can carry is never lost with the check's time: somebody waits for it.
class CannotBePassedOn : public ::testing::Test {
protected:
    static Options options() {
        Options options;
        options.worker_path = TRIAGE_WORKER;
        return options;
    }

    Fleet fleet{options()};
    void SetUp() override { fleet.open({"good"}); }

    std::string words(const std::string& use) {
        auto call = fleet.call(use);
        call.arguments = {argument("url", model::ParamType::url, "http://host/")};
        const auto start = fleet.loop.now();
        const Outcome& outcome = fleet.run(std::move(call));
        EXPECT_LT(fleet.loop.now() - start, std::chrono::seconds(50)) << "its time ran out";
        EXPECT_EQ(outcome.error, "");
        return outcome.findings.empty() ? outcome.summary : outcome.findings[0].message;
    }
};

TEST_F(CannotBePassedOn, AnAnswerWithMoreThanTheWorkerReads) {
    fleet.services.answer.certificates.resize(net::max_certificates);
    fleet.services.answer.redirects.resize(net::max_redirects);
    fleet.services.answer.headers.resize(net::max_response_headers);
    EXPECT_EQ(words("good.http"), "");
    fleet.services.answer.certificates.resize(net::max_certificates + 1);
    EXPECT_THAT(words("good.http"), HasSubstr("could not read the answer"));
    fleet.services.answer.certificates.clear();
    fleet.services.answer.headers.resize(1001);
    EXPECT_THAT(words("good.http"), HasSubstr("could not read the answer"));
    EXPECT_EQ(words("good.stream"), "0: 0 bytes");
    EXPECT_EQ(fleet.services.cancelled.size(), 1U) << "nobody reads the rest of the stream";
    EXPECT_EQ(fleet.run("good.now").summary, "now") << "the worker lives on";
}

TEST_F(CannotBePassedOn, AnAnswerLargerThanAFrame) {
    fleet.services.answer.url.resize(max_frame_bytes);
    EXPECT_THAT(words("good.http"), HasSubstr("larger than 32 MiB"));
    EXPECT_EQ(words("good.stream"), "0: 0 bytes");
    fleet.services.answer.url.clear();
    fleet.services.chunks = {"123", std::string(max_frame_bytes, 'x')};
    EXPECT_EQ(words("good.stream"), "200: 3 bytes");
    EXPECT_EQ(fleet.services.cancelled.size(), 2U);
}

TEST_F(CannotBePassedOn, MoreArgumentsThanTheWorkerReads) {
    auto call = fleet.call("good.http");
    call.arguments.resize(1001);
    EXPECT_THAT(fleet.run(std::move(call)).error, HasSubstr("could not read its parameters"));
    EXPECT_EQ(fleet.run("good.now").summary, "now");
}

TEST(InProcess, TimeIsTheLoops) {
    Options options;
    options.isolated = false;
    Fleet fleet(options, std::make_shared<loop::VirtualClock>());
    fleet.open({"good"});
    const auto before = fleet.loop.now();
    EXPECT_EQ(fleet.run("good.long").error, "");
    EXPECT_EQ(fleet.loop.now() - before, std::chrono::hours(1));
    EXPECT_EQ(fleet.run("good.work").summary, "worked");
}

}  // namespace
}  // namespace triage::plugin
