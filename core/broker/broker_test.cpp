#include "core/broker/broker.hpp"

#include <map>
#include <utility>

#include <gmock/gmock.h>

namespace triage::broker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Keeps what it was asked for; answers when told to.
class CannedHttp final : public net::Http {
public:
    net::TransferId start(net::Request request, net::Sink& sink) override {
        requests.push_back(std::move(request));
        sinks.push_back(&sink);
        return net::TransferId{first_id_ + requests.size()};
    }
    void cancel(net::TransferId id) override { cancelled.push_back(std::to_underlying(id)); }
    void consumed(net::TransferId, std::size_t bytes) override { consumed_bytes += bytes; }

    void answer(std::size_t number, net::Response response) {
        sinks[number - 1]->on_done(net::TransferId{number}, std::move(response));
    }

    explicit CannedHttp(std::uint64_t first_id) : first_id_(first_id) {}

    std::vector<net::Request> requests;
    std::vector<net::Sink*> sinks;
    std::vector<std::uint64_t> cancelled;
    std::size_t consumed_bytes = 0;

private:
    std::uint64_t first_id_;  // ids are unique among all services
};

struct Replies final : plugin::HttpReplies {
    void http_head(plugin::CallId, plugin::OpId, const net::Response&) override {}
    void http_data(plugin::CallId, plugin::OpId, std::string_view chunk) override { data += chunk; }
    void http_done(plugin::CallId, plugin::OpId op, net::Response response) override {
        done.emplace_back(std::to_underlying(op), std::move(response));
    }
    std::string data;
    std::vector<std::pair<std::uint64_t, net::Response>> done;
};

class BrokerTest : public testing::Test {
protected:
    void begin(Permit permit) {
        permit.plugin = "health";
        permit.grants = std::make_shared<plan::Grants>(
            plan::Grants{.origins = {"http://api"}, .named = {"http://api"}});
        permit.deadline = loop_.now() + std::chrono::seconds(5);
        broker_.begin(call_, std::move(permit));
    }
    static net::Request get(const std::string& url) {
        net::Request request;
        request.url = url;
        return request;
    }
    void turn() {
        bool done = false;
        loop_.defer([&] { done = true; });
        loop_.run_until([&] { return done; });
    }

    loop::Loop loop_{std::make_shared<loop::VirtualClock>()};
    redact::Redactor redactor_;
    Replies replies_;
    CannedHttp* http_ = nullptr;
    unsigned made_ = 0;
    bool broken_ = false;
    Broker broker_{loop_, redactor_, [this](auto) -> base::Result<std::unique_ptr<net::Http>> {
                       const auto first_id = 100U * made_++;
                       if (broken_) return base::fail("libtriage-net.so is missing");
                       auto http = std::make_unique<CannedHttp>(first_id);
                       http_ = http.get();
                       return http;
                   }};
    plugin::CallId call_{7};
};

TEST_F(BrokerTest, MakesTheServiceOnlyWhenItIsNeeded) {
    begin({});
    EXPECT_EQ(made_, 0U);
    broker_.http_start(call_, plugin::OpId{1}, get("http://api/a"), replies_);
    broker_.http_start(call_, plugin::OpId{2}, get("http://api/b"), replies_);
    EXPECT_EQ(made_, 1U);
}

TEST_F(BrokerTest, EachPlaceHasAServiceOfItsOwn) {
    begin({});
    broker_.http_start(call_, plugin::OpId{1}, get("http://api/a"), replies_);
    auto* const from_host = http_;
    Permit elsewhere;
    elsewhere.place = net::Place::by_address("container:backend", {});
    begin(std::move(elsewhere));
    broker_.http_start(call_, plugin::OpId{2}, get("http://api/a"), replies_);
    EXPECT_EQ(made_, 2U);
    EXPECT_EQ(from_host->requests.size(), 1U);
    broker_.http_consumed(call_, plugin::OpId{2}, 7);
    broker_.http_cancel(call_, plugin::OpId{2});
    EXPECT_EQ(http_->consumed_bytes, 7U);
    EXPECT_THAT(http_->cancelled, ElementsAre(101));
    EXPECT_THAT(from_host->cancelled, IsEmpty());
}

TEST_F(BrokerTest, AnswersGoToTheOperationThatAsked) {
    begin({});
    broker_.http_start(call_, plugin::OpId{1}, get("http://api/a"), replies_);
    broker_.http_start(call_, plugin::OpId{2}, get("http://api/b"), replies_);
    http_->answer(2, {.status = 200});
    ASSERT_EQ(replies_.done.size(), 1U);
    EXPECT_EQ(replies_.done[0].first, 2U);
}

TEST_F(BrokerTest, RefusalsAreAnswersAndComeLater) {
    begin({});
    broker_.http_start(call_, plugin::OpId{1}, get("http://other/"), replies_);
    EXPECT_THAT(replies_.done, IsEmpty());
    turn();
    ASSERT_EQ(replies_.done.size(), 1U);
    EXPECT_EQ(replies_.done[0].second.failure, net::Failure::denied);
}

TEST_F(BrokerTest, WhatWasRefusedHasARemedyForWhoQuotesIt) {
    begin({});
    EXPECT_EQ(broker_.remedy(call_, "anything"), "");
    broker_.http_start(call_, plugin::OpId{1}, get("http://other/"), replies_);
    turn();
    const auto detail = replies_.done[0].second.detail;
    EXPECT_THAT(detail, testing::Not(HasSubstr("[allow]"))) << "a remedy is no reason";
    EXPECT_THAT(broker_.remedy(call_, "not allowed: " + detail),
                HasSubstr(R"(http = ["http://other"])"));
    EXPECT_EQ(broker_.remedy(call_, "something else went wrong"), "");
    EXPECT_EQ(broker_.remedy(plugin::CallId{99}, detail), "");
    broker_.http_start(call_, plugin::OpId{2}, get("http://api/"), replies_);
    const auto redirected =
        http_->sinks[0]->allow_redirect(net::TransferId{1}, "POST", "http://api/next");
    EXPECT_THAT(broker_.remedy(call_, redirected), HasSubstr(R"(write = ["POST /next"])"));
}

TEST_F(BrokerTest, AMissingServiceIsOurFaultNotTheTargets) {
    broken_ = true;
    begin({});
    broker_.http_start(call_, plugin::OpId{1}, get("http://api/"), replies_);
    turn();
    ASSERT_EQ(replies_.done.size(), 1U);
    EXPECT_EQ(replies_.done[0].second.failure, net::Failure::local);
    EXPECT_THAT(replies_.done[0].second.detail, HasSubstr("libtriage-net.so"));
}

TEST_F(BrokerTest, ARequestEndsBeforeItsAttempt) {
    begin({});
    broker_.http_start(call_, plugin::OpId{1}, get("http://api/"), replies_);
    const auto limit = http_->sinks[0]->on_started(net::TransferId{1});
    EXPECT_LT(limit, std::chrono::seconds(5));
    EXPECT_GT(limit, std::chrono::milliseconds(4900));
}

class TimeoutTest : public BrokerTest {
protected:
    // Starts a request that may take `wanted`, and ends it as a timeout.
    net::Response timed_out(net::microseconds wanted, bool ends_with_run = false) {
        Permit permit;  // 5 s
        permit.ends_with_run = ends_with_run;
        begin(permit);
        auto request = get("http://api/");
        request.timeout = wanted;
        broker_.http_start(call_, plugin::OpId{1}, request, replies_);
        http_->sinks[0]->on_started(net::TransferId{1});
        http_->answer(1, {.failure = net::Failure::timeout, .phase = net::Phase::first_byte});
        return replies_.done.at(0).second;
    }
};

TEST_F(TimeoutTest, NoAnswerInAllTheTimeThatWasAskedForIsTheTargets) {
    EXPECT_EQ(timed_out(std::chrono::seconds(5)).failure, net::Failure::timeout);
}

TEST_F(TimeoutTest, ThatNoneWasAskedForIsTheAttemptsWhole) {
    EXPECT_EQ(timed_out({}).failure, net::Failure::timeout);
}

TEST_F(TimeoutTest, NoAnswerInLessThanTheTimeAskedForSaysNothing) {
    const auto seen = timed_out(std::chrono::seconds(30));
    EXPECT_EQ(seen.failure, net::Failure::local);
    EXPECT_THAT(seen.detail, HasSubstr("stopped after 4.95 s"));
    EXPECT_THAT(seen.detail, HasSubstr("the check's own time was over"));
    EXPECT_THAT(broker_.remedy(call_, "x: " + seen.detail), HasSubstr("`timeout`"));
}

TEST_F(TimeoutTest, TheRunsDeadlineIsNamedWhereItIsThat) {
    const auto seen = timed_out(std::chrono::seconds(30), true);
    EXPECT_THAT(seen.detail, HasSubstr("the whole run's time was over"));
    EXPECT_THAT(broker_.remedy(call_, "x: " + seen.detail), HasSubstr("`deadline`"));
}

class QueueTest : public BrokerTest {
protected:
    void SetUp() override {
        Permit permit;
        permit.delayed = [this](loop::TimePoint when) { deadline_ = when; };
        begin(std::move(permit));
    }
    void ask(std::uint64_t op) {
        broker_.http_start(call_, plugin::OpId{op}, get("http://api/"), replies_);
    }
    void after(std::chrono::seconds time, const std::function<void()>& action) {
        bool done = false;
        loop_.call_after(time, [&] {
            action();
            done = true;
        });
        loop_.run_until([&] { return done; });
    }
    void leaves_queue(std::uint64_t id) { http_->sinks[id - 1]->on_started(net::TransferId{id}); }

    loop::TimePoint asked_ = loop_.now();
    loop::TimePoint deadline_ = asked_;
};

TEST_F(QueueTest, TimeInOurOwnQueueIsGivenBack) {
    ask(1);
    EXPECT_TRUE(broker_.stands_still(call_));
    after(std::chrono::seconds(2), [&] { leaves_queue(1); });
    EXPECT_FALSE(broker_.stands_still(call_));
    EXPECT_EQ(deadline_ - asked_, std::chrono::seconds(7));
}

TEST_F(QueueTest, WhoWaitsBehindItselfSpendsItsOwnTime) {
    ask(1);
    ask(2);
    leaves_queue(1);
    EXPECT_FALSE(broker_.stands_still(call_));
    net::microseconds limit{};
    after(std::chrono::seconds(3), [&] {
        http_->answer(1, {});
        limit = http_->sinks[1]->on_started(net::TransferId{2});
    });
    EXPECT_EQ(deadline_, asked_);  // never moved
    EXPECT_LT(limit, std::chrono::seconds(2));
}

TEST_F(QueueTest, StandsStillAgainWhenNothingIsUnderWay) {
    ask(1);
    ask(2);
    leaves_queue(1);
    after(std::chrono::seconds(1), [&] { http_->answer(1, {}); });
    EXPECT_TRUE(broker_.stands_still(call_));
    after(std::chrono::seconds(1), [&] { leaves_queue(2); });
    EXPECT_EQ(deadline_ - asked_, std::chrono::seconds(6));
}

TEST_F(BrokerTest, EndCancelsWhatIsUnderWay) {
    begin({});
    broker_.http_start(call_, plugin::OpId{1}, get("http://api/"), replies_);
    broker_.end(call_);
    EXPECT_THAT(http_->cancelled, ElementsAre(1));
    broker_.http_start(call_, plugin::OpId{2}, get("http://api/"), replies_);
    turn();
    EXPECT_THAT(replies_.done, IsEmpty());
}

TEST_F(BrokerTest, CancelAndConsumedReachTheTransfer) {
    begin({});
    broker_.http_start(call_, plugin::OpId{1}, get("http://api/"), replies_);
    broker_.http_consumed(call_, plugin::OpId{1}, 100);
    EXPECT_EQ(http_->consumed_bytes, 100U);
    broker_.http_cancel(call_, plugin::OpId{1});
    broker_.http_cancel(call_, plugin::OpId{1});
    EXPECT_THAT(http_->cancelled, ElementsAre(1));
}

TEST_F(BrokerTest, ARedirectIsCheckedAsItWillBeAsked) {
    begin({});
    broker_.http_start(call_, plugin::OpId{1}, get("http://api/"), replies_);
    const auto allow = [&](const std::string& method) {
        return http_->sinks[0]->allow_redirect(net::TransferId{1}, method, "http://api/next");
    };
    EXPECT_EQ(allow("GET"), "");
    EXPECT_THAT(allow("POST"), HasSubstr("no permission to POST /next"));
}

TEST_F(BrokerTest, AnEchoOfASecretDoesNotComeBack) {
    redactor_.add("key", "sk-very-secret-value");
    Permit permit;
    permit.secrets.push_back(
        {.text = "sk-very-secret-value", .send_to = {}, .name = "key", .uses = {"key"}});
    begin(std::move(permit));
    auto request = get("http://api/echo");
    request.headers.push_back({.name = "Authorization", .value = "Bearer ", .secret = 1});
    broker_.http_start(call_, plugin::OpId{1}, request, replies_);
    ASSERT_EQ(http_->requests[0].headers[0].value, "Bearer sk-very-secret-value");
    net::Response echo{.status = 200};
    echo.headers.push_back({.name = "X-Echo", .value = "sk-very-secret-value"});
    echo.body = R"({"auth":"Bearer sk-very-secret-value"})";
    http_->answer(1, std::move(echo));
    const auto& seen = replies_.done[0].second;
    EXPECT_THAT(seen.body, testing::Not(HasSubstr("sk-very-secret-value")));
    EXPECT_THAT(seen.headers[0].value, testing::Not(HasSubstr("sk-very-secret-value")));
}

constexpr std::string_view secret_value = "sk-very-secret-value";

class StreamTest : public BrokerTest {
protected:
    void SetUp() override {
        redactor_.add("key", secret_value);
        Permit permit;
        permit.secrets.push_back(
            {.text = std::string(secret_value), .send_to = {}, .name = "key", .uses = {"key"}});
        begin(std::move(permit));
    }
    void start(bool with_secret = true) {
        auto request = get("http://api/echo");
        request.stream = true;
        if (with_secret) request.headers.push_back({.name = "X", .value = "", .secret = 1});
        broker_.http_start(call_, plugin::OpId{++last_}, request, replies_);
    }
    void send(std::string_view chunk) {
        http_->sinks.back()->on_data(net::TransferId{last_}, chunk);
    }

    std::uint64_t last_ = 0;
};

TEST_F(StreamTest, ASecretCutAnywhereDoesNotComeBack) {
    const std::string echo = "data: sk-very-secret-value\n";
    for (std::size_t cut = 0; cut <= echo.size(); ++cut) {
        start();
        send(std::string_view(echo).substr(0, cut));
        send(std::string_view(echo).substr(cut));
        EXPECT_EQ(std::exchange(replies_.data, {}), "data: <secret:key>\n") << cut;
    }
}

TEST_F(StreamTest, WhatIsNoSecretAfterAllComesAtTheEnd) {
    start();
    send("no secret: sk-very");
    EXPECT_EQ(replies_.data, "no secret: ");
    EXPECT_THAT(replies_.done, IsEmpty());
    http_->answer(1, {.status = 200});
    EXPECT_EQ(replies_.data, "no secret: sk-very");
    EXPECT_EQ(replies_.done.size(), 1U);
}

// Else a plugin would learn a secret with one limit after the other.
TEST_F(StreamTest, WhatALimitHasCutIsNotShown) {
    start();
    send("an echo: sk-very-secret-valu");
    http_->answer(1, {.status = 200, .truncated = true});
    EXPECT_EQ(replies_.data, "an echo: ");
    replies_.data.clear();
    start();
    http_->answer(2, {.status = 200, .body = "sk-very-secret-valu", .truncated = true});
    EXPECT_EQ(replies_.done.back().second.body, "");
}

TEST_F(StreamTest, WhatWasReceivedIsGivenBackHoweverMuchWasShown) {
    start();
    const std::string chunk = "a sk-very-secret-value b sk-ve";
    send(chunk);
    EXPECT_EQ(replies_.data, "a <secret:key> b ");
    EXPECT_EQ(http_->consumed_bytes, 0U);
    broker_.http_consumed(call_, plugin::OpId{1}, 5);
    EXPECT_EQ(http_->consumed_bytes, 5U);
    broker_.http_consumed(call_, plugin::OpId{1}, replies_.data.size() - 5);
    EXPECT_EQ(http_->consumed_bytes, chunk.size());
    send("ry-secret");  // still held back, and nobody else will deal with it
    EXPECT_EQ(http_->consumed_bytes, chunk.size() + 9);
    send("-value");
    EXPECT_EQ(replies_.data, "a <secret:key> b <secret:key>");
    broker_.http_consumed(call_, plugin::OpId{1}, 12);
    EXPECT_EQ(http_->consumed_bytes, chunk.size() + 15);
}

TEST_F(StreamTest, NothingIsHeldBackOfARequestWithoutSecrets) {
    start(false);
    send("sk-very");
    EXPECT_EQ(replies_.data, "sk-very");
    broker_.http_consumed(call_, plugin::OpId{1}, 100);
    EXPECT_EQ(http_->consumed_bytes, 100U);
}

TEST_F(BrokerTest, ALearnedSecretIsRedactedFromThenOn) {
    begin({});
    broker_.secret_learned(call_, "learned-secret-value");
    EXPECT_EQ(redactor_.of("health").redact("it is learned-secret-value").str(),
              "it is <secret:health>");
    EXPECT_THAT(redactor_.of("other").redact("it is learned-secret-value").str(),
                HasSubstr("learned-secret-value"));
}

}  // namespace
}  // namespace triage::broker
