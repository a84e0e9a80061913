// Who waits for whom: caps, fairness, cancelling, names, streams.
#include <netdb.h>

#include <cerrno>
#include <map>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/net/fair_queue.hpp"
#include "core/net/testing/client.hpp"
#include "core/net/testing/raw_server.hpp"

namespace triage::net {
namespace {

using namespace std::chrono_literals;
using namespace triage::net::testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<int> drain(FairQueue& queue, const FairQueue::Ask& ask) {
    std::vector<int> started;
    while (const auto id = queue.next(ask))
        started.push_back(int(*id));
    return started;
}

TEST(FairQueue, TargetsTakeTurns) {
    FairQueue queue(100, 100);
    const auto a = queue.target("a");
    const auto b = queue.target("b");
    EXPECT_EQ(queue.target("a"), a);
    for (int i = 1; i <= 3; ++i)
        queue.push(a, TransferId(i));
    queue.push(b, TransferId(10));
    queue.push_front(a, TransferId(9));
    const auto start = [](TransferId) { return FairQueue::Answer::start; };
    EXPECT_THAT(drain(queue, start), ElementsAre(9, 10, 1, 2, 3));
}

TEST(FairQueue, CapsHoldAndEndsMakeRoom) {
    FairQueue queue(3, 2);
    const auto a = queue.target("a");
    const auto b = queue.target("b");
    for (int i = 1; i <= 4; ++i)
        queue.push(a, TransferId(i));
    for (int i = 11; i <= 14; ++i)
        queue.push(b, TransferId(i));
    const auto start = [](TransferId) { return FairQueue::Answer::start; };
    EXPECT_THAT(drain(queue, start), ElementsAre(1, 11, 2));
    queue.finished(a);
    EXPECT_THAT(drain(queue, start), ElementsAre(12));
    queue.finished(b);
    queue.finished(b);
    EXPECT_THAT(drain(queue, start), ElementsAre(3, 13));
}

TEST(FairQueue, WhatHasToStayDoesNotHoldUpOthersAndWhatIsGoneIsDropped) {
    FairQueue queue(10, 10);
    const auto a = queue.target("a");
    const auto b = queue.target("b");
    for (int i = 1; i <= 2; ++i)
        queue.push(a, TransferId(i));
    for (int i = 11; i <= 13; ++i)
        queue.push(b, TransferId(i));
    bool a_may = false;
    const auto ask = [&](TransferId id) {
        if (id == TransferId(12)) return FairQueue::Answer::gone;
        return int(id) < 10 && !a_may ? FairQueue::Answer::stay : FairQueue::Answer::start;
    };
    EXPECT_THAT(drain(queue, ask), ElementsAre(11, 13));
    queue.push(a, TransferId(3));
    a_may = true;
    EXPECT_THAT(drain(queue, ask), ElementsAre());  // not asked again before unblock()
    queue.unblock();
    EXPECT_THAT(drain(queue, ask), ElementsAre(1, 2, 3));
}

TEST(Queue, NoTargetGetsMoreThanItsShare) {
    std::atomic<bool> go = false;
    const RawServer server([&](Connection& connection) {
        while (!connection.receive().empty()) {
            go.wait(false);
            connection.send(answer("x"));
        }
    });
    Client client({.transfers = 64, .per_target = 3});
    for (int i = 0; i < 30; ++i) {
        client.http->start({.url = server.url(), .timeout = 20s}, client.collector);
    }
    client.loop.run_until([&] {
        client.loop.call_after(1ms, [] {});
        return server.received().size() == 3;
    });
    go = true;
    go.notify_all();
    client.loop.run_until([&] { return client.collector.answers.size() == 30; });
    EXPECT_EQ(server.most_at_once(), 3U);
    for (const auto& [id, response] : client.collector.answers) {
        EXPECT_EQ(response.failure, Failure::none) << response.detail;
    }
    EXPECT_GT(client.collector.answers.back().second.timings.queue.count(), 0);
}

TEST(Queue, TimeInTheQueueIsNotTheTargetsTime) {
    const RawServer server([](Connection& connection) {
        while (!connection.receive().empty() && !connection.closed_within(100ms)) {
            connection.send(answer("x"));
        }
    });
    Client client({.transfers = 1, .per_target = 1});
    for (int i = 0; i < 4; ++i) {
        client.http->start({.url = server.url(), .timeout = 250ms}, client.collector);
    }
    client.loop.run_until([&] { return client.collector.answers.size() == 4; });
    int answered = 0;
    for (const auto& [id, response] : client.collector.answers) {
        if (response.failure == Failure::none) ++answered;
    }
    // Together they take longer than the timeout of each; a busy machine may lose one.
    EXPECT_GE(answered, 3);
    EXPECT_GE(client.collector.answers.back().second.timings.queue, 250ms);
}

TEST(Queue, CancelQueuedAndActive) {
    const RawServer silent([](Connection& connection) {
        connection.receive();
        connection.wait_for_close();
    });
    const RawServer other(RawServer::always(answer("x")));
    Client client({.transfers = 2, .per_target = 2});
    std::vector<TransferId> ids;
    for (int i = 0; i < 4; ++i) {
        ids.push_back(client.http->start({.url = silent.url(), .timeout = 20s}, client.collector));
    }
    client.loop.run_until([&] {
        client.loop.call_after(1ms, [] {});
        return silent.received().size() == 2;
    });
    for (const TransferId id : ids)
        client.http->cancel(id);
    for (const TransferId id : ids)
        client.http->cancel(id);
    client.http->cancel(TransferId(4711));
    client.http->cancel(TransferId::none);
    EXPECT_EQ(client.get(other.url()).body, "x");
    EXPECT_EQ(client.collector.answers.size(), 1U);
    EXPECT_EQ(silent.received().size(), 2U);
}

// A name service on the loop's (virtual) time: names answer after `delay`.
struct SlowNames {
    std::shared_ptr<loop::VirtualClock> clock = std::make_shared<loop::VirtualClock>();
    loop::Loop loop{clock};
    std::map<std::string, int> asked;
    int running = 0;
    int most_running = 0;
    loop::Duration delay = 2s;
    Addresses reply{.texts = {}, .failure = Failure::resolve, .detail = "no such name"};

    Lookup lookup() {
        return [this](const std::string& name, std::function<void(Addresses)> done) {
            ++asked[name];
            most_running = std::max(most_running, ++running);
            loop.call_after(delay, [this, done = std::move(done)] {
                --running;
                done(reply);
            });
        };
    }
};

TEST(Names, TwoHundredSlowOnesDoNotHoldEachOtherUp) {
    SlowNames names;
    Collector collector;
    const auto http = make_curl_http(names.loop, {.transfers = 20}, names.lookup());
    const auto start = names.loop.now();
    for (int i = 0; i < 200; ++i) {
        http->start({.url = fmt::format("http://n{}.test/", i), .timeout = 500ms}, collector);
    }
    names.loop.run_until([&] { return collector.answers.size() == 200; });
    EXPECT_EQ(names.loop.now() - start, 5s);  // 200 / 20 × 500 ms
    for (const auto& [id, response] : collector.answers) {
        EXPECT_EQ(response.failure, Failure::local);
        EXPECT_EQ(response.phase, Phase::resolve);
        EXPECT_THAT(response.detail, HasSubstr("did not say within 500 ms which address"));
        EXPECT_EQ(response.timings.total, 500ms);
    }
    EXPECT_EQ(names.asked.size(), 200U);
}

TEST(Names, WaitingForAThreadOfOursIsTimeInTheQueue) {
    SlowNames names;
    Collector collector;
    const auto http = make_curl_http(names.loop, {.resolver_threads = 2}, names.lookup());
    for (int i = 0; i < 4; ++i) {
        http->start({.url = fmt::format("http://n{}.test/", i), .timeout = 5s}, collector);
    }
    names.loop.run_until([&] { return collector.answers.size() == 4; });
    EXPECT_EQ(names.most_running, 2);
    for (std::size_t i = 0; i < 4; ++i) {
        const Response& response = collector.answers[i].second;
        EXPECT_EQ(response.failure, Failure::resolve) << response.detail;
        EXPECT_EQ(response.detail, "no such name");
        EXPECT_EQ(response.timings.queue, i < 2 ? 0s : 2s);
        EXPECT_EQ(response.timings.resolve, 2s);
    }
}

TEST(Names, BusyThreadsDoNotHoldUpThoseWhoNeedNone) {
    const ClosedPort port;
    SlowNames names;
    Collector collector;
    const auto http =
        make_curl_http(names.loop, {.transfers = 4, .resolver_threads = 1}, names.lookup());
    for (int i = 0; i < 10; ++i) {
        http->start({.url = fmt::format("http://n{}.test/", i), .timeout = 5s}, collector);
    }
    http->start({.url = fmt::format("http://127.0.0.1:{}/", port.port()), .timeout = 5s},
                collector);
    names.loop.run_until([&] { return !collector.answers.empty(); });
    EXPECT_EQ(collector.answers[0].second.failure, Failure::refused);
    names.loop.run_until([&] { return collector.answers.size() == 11; });
}

TEST(Names, EachIsAskedForOnceGoodOrBad) {
    SlowNames names;
    Collector collector;
    const auto http = make_curl_http(names.loop, {}, names.lookup());
    for (int i = 0; i < 5; ++i)
        http->start({.url = "http://bad.test/"}, collector);
    http->start({.url = "http://BAD.test:81/"}, collector);
    names.loop.run_until([&] { return collector.answers.size() == 6; });
    http->start({.url = "https://bad.test/"}, collector);
    names.loop.run_until([&] { return collector.answers.size() == 7; });
    EXPECT_EQ(names.asked, (std::map<std::string, int>{{"bad.test", 1}}));
    EXPECT_EQ(collector.answers.back().second.timings.resolve, 0s);
}

TEST(Names, ALateAnswerServesThoseWhoComeLater) {
    SlowNames names;
    Collector collector;
    const auto http = make_curl_http(names.loop, {}, names.lookup());
    const auto ask = [&] {
        const auto before = collector.answers.size();
        http->start({.url = "http://late.test/", .timeout = 1500ms}, collector);
        names.loop.run_until([&] { return collector.answers.size() > before; });
        return collector.answers.back().second;
    };
    EXPECT_EQ(ask().failure, Failure::local);
    const Response second = ask();
    EXPECT_EQ(second.failure, Failure::resolve);
    EXPECT_EQ(second.timings.resolve, 500ms);
    EXPECT_EQ(names.asked["late.test"], 1);
}

TEST(Names, OurOwnTroubleIsNotRemembered) {
    SlowNames names;
    names.reply = {.texts = {}, .failure = Failure::local, .detail = "out of memory"};
    Collector collector;
    const auto http = make_curl_http(names.loop, {}, names.lookup());
    for (std::size_t i = 1; i <= 2; ++i) {
        http->start({.url = "http://x.test/"}, collector);
        names.loop.run_until([&] { return collector.answers.size() == i; });
        EXPECT_EQ(collector.answers.back().second.failure, Failure::local);
    }
    EXPECT_EQ(names.asked["x.test"], 2);
}

TEST(Names, OnlyAnAnswerOfTheNameServiceSaysThatThereIsNoAddress) {
    const auto fate = [](int code) { return lookup_failed("x.test", code, ENOENT); };
    EXPECT_EQ(fate(EAI_NONAME).failure, Failure::resolve);
    EXPECT_EQ(fate(EAI_NODATA).failure, Failure::resolve);
    EXPECT_EQ(fate(EAI_NONAME).detail, "Name or service not known");
    for (const int code : {EAI_AGAIN, EAI_FAIL, EAI_MEMORY, EAI_SYSTEM}) {
        EXPECT_EQ(fate(code).failure, Failure::local) << ::gai_strerror(code);
    }
    EXPECT_EQ(fate(EAI_AGAIN).detail,
              "\"x.test\" could not be looked up: Temporary failure in name resolution");
    EXPECT_THAT(fate(EAI_SYSTEM).detail, HasSubstr("No such file or directory"));
}

TEST(Names, CancelledWhileWaiting) {
    SlowNames names;
    Collector collector;
    const auto http = make_curl_http(names.loop, {.transfers = 1}, names.lookup());
    const auto first = http->start({.url = "http://a.test/", .timeout = 1s}, collector);
    http->start({.url = "http://b.test/", .timeout = 1s}, collector);
    names.loop.call_after(100ms, [&] { http->cancel(first); });
    names.loop.run_until([&] { return collector.answers.size() == 1; });
    EXPECT_EQ(collector.answers[0].second.timings.queue, 100ms);
    EXPECT_EQ(collector.answers[0].second.url, "http://b.test/");
}

TEST(Names, TheSystemsOwn) {
    const RawServer server(RawServer::always(answer("x")));
    Client client;
    const auto url = fmt::format("http://localhost:{}/", server.port());
    for (int i = 0; i < 3; ++i) {
        const Response response = client.get(url);
        EXPECT_EQ(response.body, "x") << response.detail;
        EXPECT_EQ(response.reused, i > 0);
    }
    EXPECT_EQ(client.ask({.url = url, .fresh_connection = true}).body, "x");
    const Response connect_to = client.ask(
        {.url = "http://other.test/", .connect_to = fmt::format("localhost:{}", server.port())});
    EXPECT_EQ(connect_to.body, "x") << connect_to.detail;
}

TEST(Names, ThreadsMayOutliveTheLoop) {
    std::function<void(Addresses)> late;
    {
        Client client({}, [&](const std::string&, std::function<void(Addresses)> done) {
            late = std::move(done);
        });
        client.http->start({.url = "http://a.test/"}, client.collector);
        client.loop.run_until([&] { return bool(late); });
    }
    late({.texts = {"127.0.0.1"}, .detail = {}});  // nobody is there any more
    {
        Client client;
        client.http->start({.url = "http://localhost/"}, client.collector);
        bool over = false;
        client.loop.defer([&] { over = true; });
        client.loop.run_until([&] { return over; });
    }
}

class Streams : public ::testing::Test {
protected:
    static constexpr std::size_t window = 64 * 1024;
    Client client{{.stream_window_bytes = window}};

    TransferId start(const RawServer& server) {
        return client.http->start({.url = server.url(),
                                   .timeout = 20s,
                                   .max_body_bytes = SIZE_MAX,
                                   .max_redirects = 3,
                                   .stream = true},
                                  client.collector);
    }
};

TEST_F(Streams, HeadThenDataThenDone) {
    std::string body(300'000, ' ');
    for (std::size_t i = 0; i < body.size(); ++i)
        body[i] = char('a' + i % 26);
    const RawServer server([&](Connection& connection) {
        const std::string request = connection.receive();
        const bool first = request.starts_with("GET / ");
        connection.send(first ? answer("elsewhere", "Location: /x\r\n", "302 Found")
                              : answer(body));
    });
    Collector& collector = client.collector;
    collector.data = [&](TransferId id, std::string_view chunk) {
        EXPECT_EQ(collector.heads.size(), 1U);
        EXPECT_TRUE(collector.answers.empty());
        client.http->consumed(id, chunk.size());
    };
    start(server);
    client.loop.run_until([&] { return !collector.answers.empty(); });
    ASSERT_EQ(collector.heads.size(), 1U);
    EXPECT_EQ(collector.heads[0].status, 200);
    EXPECT_EQ(collector.heads[0].url, server.url("/x"));
    EXPECT_EQ(collector.streamed, body);
    const Response& response = collector.answers[0].second;
    EXPECT_EQ(response.failure, Failure::none) << response.detail;
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(response.body_bytes, body.size());
}

TEST_F(Streams, ASlowReaderHoldsTheServerBack) {
    std::atomic<std::size_t> sent = 0;
    const RawServer server([&](Connection& connection) {
        connection.receive();
        connection.send("HTTP/1.1 200 OK\r\n\r\n");
        while (connection.send(std::string(16384, 'x')))
            sent += 16384;
    });
    Collector& collector = client.collector;
    const TransferId id = start(server);
    // The server is stuck once nothing more has been sent between two looks.
    std::size_t before = 1;
    client.loop.run_until([&] {
        client.loop.call_after(50ms, [] {});
        return std::exchange(before, sent.load()) == sent && !collector.streamed.empty();
    });
    EXPECT_LE(collector.streamed.size(), window + 65536);
    const std::size_t stuck_at = collector.streamed.size();
    client.http->consumed(id, stuck_at);
    client.loop.run_until([&] { return collector.streamed.size() > stuck_at + window / 2; });
    EXPECT_LE(collector.streamed.size(), stuck_at + window + 65536);
    // And so on to the end that we make.
    collector.data = [&](TransferId, std::string_view chunk) {
        client.http->consumed(id, chunk.size());
        if (collector.streamed.size() > 50 * window) client.http->cancel(id);
    };
    client.http->consumed(id, SIZE_MAX);
    client.loop.run_until([&] { return collector.streamed.size() > 50 * window; });
    EXPECT_TRUE(collector.answers.empty());
}

TEST_F(Streams, AnEmptyBodyStillHasAHead) {
    const RawServer server(RawServer::always(answer("")));
    start(server);
    client.loop.run_until([&] { return !client.collector.answers.empty(); });
    EXPECT_EQ(client.collector.heads.size(), 1U);
    EXPECT_EQ(client.collector.streamed, "");
}

TEST(Names, AStreamThatIsNeverSentEndsWithoutAHead) {
    const Lookup nowhere = [](const std::string&, const std::function<void(Addresses)>& done) {
        done({.texts = {}, .failure = Failure::resolve, .detail = "no such name"});
    };
    Client client{{}, nowhere};
    Request request{.url = "http://x.test/", .stream = true};
    EXPECT_EQ(client.ask(request).failure, Failure::resolve);
    request.url = "http://127.0.0.1/";
    request.method = "no method";
    EXPECT_EQ(client.ask(request).failure, Failure::bad_request);
    EXPECT_TRUE(client.collector.heads.empty());

    const RawServer server(
        RawServer::always(answer("moved", "Location: http://x.test/\r\n", "302 Found")));
    const Response moved = client.ask({.url = server.url(), .max_redirects = 1, .stream = true});
    EXPECT_EQ(moved.failure, Failure::resolve);
    EXPECT_TRUE(client.collector.heads.empty()) << "none of the name that has no address";
}

TEST_F(Streams, TheHeadComesBeforeTheBodyDoes) {
    const RawServer server([](Connection& connection) {
        connection.receive();
        connection.send("HTTP/1.1 200 OK\r\n\r\n");
        connection.wait_for_close();
    });
    client.collector.head = [&](TransferId id, const Response&) { client.http->cancel(id); };
    start(server);
    client.loop.run_until([&] { return !client.collector.heads.empty(); });
    EXPECT_TRUE(client.collector.answers.empty());
}

}  // namespace
}  // namespace triage::net
