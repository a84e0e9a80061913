// What is sent, and what is made of the answer.
#include <atomic>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/net/testing/client.hpp"
#include "core/net/testing/raw_server.hpp"

namespace triage::net {
namespace {

using namespace std::chrono_literals;
using namespace triage::net::testing;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(HttpRequest, GetAsSent) {
    const RawServer server(RawServer::always(answer("hello", "X-Thing:  a b \r\nx-thing: c\r\n")));
    Client client;
    const Response response = client.ask(
        {.url = server.url("/v1/x?q=%20#fragment"),
         .headers = {{.name = "X-Request-Id", .value = "abc"}, {.name = "X-Empty", .value = ""}}});
    ASSERT_EQ(response.failure, Failure::none) << response.detail;
    EXPECT_EQ(response.phase, Phase::done);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.http_version, "1.1");
    EXPECT_EQ(response.body, "hello");
    EXPECT_EQ(response.body_bytes, 5U);
    EXPECT_FALSE(response.truncated);
    EXPECT_EQ(response.url, server.url("/v1/x?q=%20"));
    EXPECT_EQ(response.address, "127.0.0.1:" + std::to_string(server.port()));
    ASSERT_EQ(response.headers.size(), 3U);
    EXPECT_EQ(response.headers[0].name, "X-Thing");
    EXPECT_EQ(response.headers[0].value, "a b");
    EXPECT_EQ(response.headers[1].value, "c");
    ASSERT_EQ(server.received().size(), 1U);
    const std::string sent = server.received()[0];
    EXPECT_THAT(sent, StartsWith("GET /v1/x?q=%20 HTTP/1.1\r\n"));
    EXPECT_THAT(sent, HasSubstr("\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"));
    EXPECT_THAT(sent, HasSubstr("\r\nX-Request-Id: abc\r\n"));
    EXPECT_THAT(sent, HasSubstr("\r\nX-Empty:\r\n"));
    EXPECT_THAT(sent, HasSubstr("\r\nUser-Agent: triage/"));
    EXPECT_THAT(sent, HasSubstr("\r\nAccept-Encoding: "));
    EXPECT_THAT(sent, Not(HasSubstr("Authorization")));
}

TEST(HttpRequest, MethodsAndBodiesOneAfterTheOtherOnOneHandle) {
    const RawServer server(RawServer::always(answer("")));
    Client client;
    const auto sent = [&](std::string method, std::string body) {
        client.ask({.method = std::move(method), .url = server.url(), .body = std::move(body)});
        return server.received().back();
    };
    EXPECT_THAT(
        sent("POST", "{}"),
        AllOf(StartsWith("POST / "), EndsWith("\r\n\r\n{}"), HasSubstr("Content-Length: 2\r\n"),
              Not(HasSubstr("Content-Type")), Not(HasSubstr("Expect"))));
    EXPECT_THAT(sent("GET", ""), AllOf(StartsWith("GET / "), Not(HasSubstr("Content-Length"))));
    EXPECT_THAT(sent("POST", ""), AllOf(StartsWith("POST / "), HasSubstr("Content-Length: 0\r\n")));
    EXPECT_THAT(sent("OPTIONS", ""),
                AllOf(StartsWith("OPTIONS / "), Not(HasSubstr("Content-Len"))));
    EXPECT_THAT(sent("PUT", "x"), AllOf(StartsWith("PUT / "), EndsWith("\r\n\r\nx")));
    EXPECT_THAT(sent("DELETE", ""), StartsWith("DELETE / "));
    EXPECT_THAT(sent("GET", "query"), AllOf(StartsWith("GET / "), EndsWith("\r\n\r\nquery")));
    EXPECT_THAT(sent("GET", ""), AllOf(StartsWith("GET / "), EndsWith("\r\n\r\n")));
    EXPECT_EQ(server.connections(), 1U);
}

TEST(HttpRequest, HeadHasNoBodyToWaitFor) {
    const RawServer server(RawServer::always("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"));
    Client client;
    const Response head = client.ask({.method = "HEAD", .url = server.url()});
    EXPECT_EQ(head.failure, Failure::none) << head.detail;
    EXPECT_EQ(head.body, "");
    EXPECT_THAT(server.received()[0], StartsWith("HEAD / "));
}

TEST(HttpRequest, ALargeBodyIsSentWithoutWaitingFor100Continue) {
    const RawServer server(RawServer::always(answer("ok")));
    Client client;
    const std::string body(3'000'000, 'b');
    EXPECT_EQ(client.ask({.method = "POST", .url = server.url(), .body = body}).body, "ok");
    EXPECT_THAT(server.received()[0].substr(0, 300), Not(HasSubstr("Expect")));
    EXPECT_TRUE(server.received()[0].ends_with(body));
}

TEST(HttpRequest, UserInfoBecomesBasicAuthorizationAndIsNotShown) {
    const RawServer server(RawServer::always(answer("")));
    Client client;
    const std::string port = std::to_string(server.port());
    const Response response = client.get("http://us%65r:p%40ss@127.0.0.1:" + port + "/");
    EXPECT_EQ(response.url, server.url());
    EXPECT_THAT(server.received()[0], HasSubstr("\r\nAuthorization: Basic dXNlcjpwQHNz\r\n"));
    client.get(server.url());  // the same handle
    EXPECT_THAT(server.received()[1], Not(HasSubstr("Authorization")));
}

TEST(HttpRequest, HeadersOfTheRequestBeforeAreNotKept) {
    const RawServer server(RawServer::always(answer("")));
    Client client;
    client.ask({.url = server.url(), .headers = {{.name = "X-Secret", .value = "1"}}});
    client.get(server.url());
    EXPECT_THAT(server.received()[0], HasSubstr("X-Secret: 1"));
    EXPECT_THAT(server.received()[1], Not(HasSubstr("X-Secret")));
}

TEST(HttpRequest, ConnectionsAreReusedUnlessAFreshOneIsAskedFor) {
    const RawServer server(RawServer::always(answer("x")));
    Client client;
    const Response first = client.get(server.url());
    const Response second = client.get(server.url());
    EXPECT_FALSE(first.reused);
    EXPECT_TRUE(second.reused);
    EXPECT_EQ(second.address, first.address);
    EXPECT_GT(first.timings.connect.count(), 0);
    EXPECT_EQ(second.timings.connect.count(), 0);
    EXPECT_EQ(server.connections(), 1U);
    const Response fresh = client.ask({.url = server.url(), .fresh_connection = true});
    EXPECT_FALSE(fresh.reused);
    EXPECT_EQ(server.connections(), 2U);
    EXPECT_THAT(server.received()[2], HasSubstr("\r\nConnection: close\r\n"));
    const Response again = client.get(server.url());
    EXPECT_TRUE(again.reused);  // the first one, not the fresh one
    EXPECT_THAT(server.received()[3], Not(HasSubstr("Connection: close")));
    EXPECT_EQ(server.connections(), 2U);
}

TEST(HttpRequest, AnIdleConnectionThatTheServerClosedIsNoFailure) {
    const RawServer server([](Connection& connection) {
        if (!connection.receive().empty()) connection.send(answer("x"));
    });
    Client client;
    for (int i = 0; i < 5; ++i) {
        const Response response = client.get(server.url());
        EXPECT_EQ(response.failure, Failure::none) << response.detail;
    }
    EXPECT_EQ(server.connections(), 5U);
}

TEST(HttpRequest, UnixSocket) {
    const std::string path =
        ::testing::TempDir() + "/triage-net-" + std::to_string(::getpid()) + ".sock";
    std::filesystem::remove(path);
    {
        const RawServer server(RawServer::always(answer("docker")), path);
        Client client;
        const Response response = client.ask({.url = "http://docker/v1/info", .unix_socket = path});
        EXPECT_EQ(response.body, "docker") << response.detail;
        EXPECT_EQ(response.address, "unix:" + path);
        EXPECT_THAT(server.received()[0], HasSubstr("\r\nHost: docker\r\n"));
    }
    std::filesystem::remove(path);
    Client client;
    const Response missing = client.ask({.url = "http://docker/", .unix_socket = path});
    EXPECT_EQ(missing.failure, Failure::refused);
    EXPECT_THAT(missing.detail, AllOf(HasSubstr(path), HasSubstr("there is no socket")));
}

TEST(HttpRequest, ConnectToGoesElsewhereAndKeepsTheHost) {
    const RawServer server(RawServer::always(answer("here")));
    Client client;
    const std::string there = "127.0.0.1:" + std::to_string(server.port());
    const Response response = client.ask({.url = "http://api.example/", .connect_to = there});
    EXPECT_EQ(response.body, "here") << response.detail;
    EXPECT_EQ(response.address, there);
    EXPECT_EQ(response.url, "http://api.example/");
    EXPECT_THAT(server.received()[0], HasSubstr("\r\nHost: api.example\r\n"));
}

TEST(HttpRequest, CompressedBodiesAreUnpackedUnlessAskedNot) {
    // printf hello | gzip -n
    const std::string packed(
        "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x48\xcd\xc9\xc9\x07\x00"
        "\x86\xa6\x10\x36\x05\x00\x00\x00",
        25);
    const RawServer server(RawServer::always(answer(packed, "Content-Encoding: gzip\r\n")));
    Client client;
    EXPECT_EQ(client.get(server.url()).body, "hello");
    EXPECT_EQ(client.ask({.url = server.url(), .keep_encoding = true}).body, packed);
    EXPECT_THAT(server.received()[1], Not(HasSubstr("Accept-Encoding")));
    EXPECT_EQ(client.get(server.url()).body, "hello");
}

TEST(HttpRequest, MalformedOnesAreTheCallersFaultAndNothingIsSent) {
    const RawServer server(RawServer::always(answer("")));
    Client client;
    const auto detail = [&](Request request) {
        if (request.url.empty()) request.url = server.url();
        const Response response = client.ask(std::move(request));
        EXPECT_EQ(response.failure, Failure::bad_request);
        EXPECT_EQ(response.phase, Phase::queue);
        return response.detail;
    };
    EXPECT_THAT(detail({.url = "ftp://h/"}), HasSubstr("not an http or https URL"));
    EXPECT_THAT(detail({.method = "GET / HTTP/1.1\r\nX: y"}), HasSubstr("not a method"));
    EXPECT_THAT(detail({.method = "CONNECT"}), HasSubstr("not a method"));
    EXPECT_THAT(detail({.method = ""}), HasSubstr("not a method"));
    EXPECT_THAT(detail({.headers = {{.name = "A b", .value = ""}}}),
                HasSubstr("not a header name"));
    EXPECT_THAT(detail({.headers = {{.name = "A:", .value = ""}}}), HasSubstr("not a header name"));
    EXPECT_THAT(detail({.headers = {{.name = "A", .value = "x\r\nB: y"}}}),
                HasSubstr("line break"));
    EXPECT_THAT(detail({.headers = {{.name = "content-LENGTH", .value = "7"}}}),
                HasSubstr("set by the host"));
    EXPECT_THAT(detail({.unix_socket = std::string(200, 'x')}), HasSubstr("at most 107"));
    EXPECT_THAT(detail({.connect_to = "nowhere"}), HasSubstr("not host:port"));
    EXPECT_EQ(server.connections(), 0U);
}

TEST(HttpRequest, SinksMayStartAndCancelWithinOnDone) {
    const RawServer server(RawServer::always(answer("x")));
    Client client({.transfers = 4, .per_target = 4});
    TransferId victim = TransferId::none;
    int chain = 0;
    client.collector.done = [&](TransferId) {
        client.http->cancel(victim);
        if (++chain < 500) client.http->start({.url = server.url()}, client.collector);
    };
    client.http->start({.url = server.url()}, client.collector);
    victim = client.http->start({.url = server.url("/victim")}, client.collector);
    client.loop.run_until([&] { return chain >= 500; });
    EXPECT_GE(chain, 500);
}

TEST(HttpRequest, TheServiceMayGoWhileTransfersAreUnderWay) {
    const RawServer server([](Connection& connection) {
        connection.receive();
        connection.wait_for_close();
    });
    Collector collector;
    loop::Loop loop;
    {
        const auto http = make_curl_http(loop, {.transfers = 2, .per_target = 2});
        for (int i = 0; i < 5; ++i)
            http->start({.url = server.url()}, collector);
        loop.run_until([&] { return server.received().size() == 2; });
    }
    bool over = false;
    loop.call_after(1ms, [&] { over = true; });
    loop.run_until([&] { return over; });
    EXPECT_TRUE(collector.answers.empty());
}

struct Stray {
    const char* method;
    const char* head;
    std::chrono::milliseconds gap;  // between the head and what no request has asked for
};

class StrayBytes : public ::testing::TestWithParam<Stray> {};

INSTANTIATE_TEST_SUITE_P(
    Strays, StrayBytes,
    ::testing::Values(Stray{"GET", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 0ms},
                      Stray{"GET", "HTTP/1.1 204 No Content\r\n\r\n", 20ms},
                      Stray{"GET", "HTTP/1.1 304 Not Modified\r\n\r\n", 20ms},
                      Stray{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 0ms},
                      Stray{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 20ms},
                      Stray{"GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0ms},
                      Stray{"GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 20ms}));

TEST_P(StrayBytes, AreNoPartOfTheNextAnswer) {
    const auto [method, head, gap] = GetParam();
    std::atomic<bool> sent = false;
    const RawServer server([&, head, gap](Connection& connection) {
        while (!connection.receive().empty()) {
            if (sent) {
                connection.send(answer("second"));
                continue;
            }
            if (gap == 0ms) {
                connection.send(std::string(head) + "stray");
            } else {
                connection.send(head);
                if (!connection.closed_within(gap)) connection.send("stray");
            }
            sent = true;
            sent.notify_one();
        }
    });
    Client client;
    EXPECT_EQ(client.ask({.method = method, .url = server.url()}).failure, Failure::none);
    sent.wait(false);
    for (const std::string next : {"POST", "GET"}) {
        const Response response =
            client.ask({.method = next, .url = server.url(), .body = next == "POST" ? "body" : ""});
        EXPECT_EQ(response.failure, Failure::none) << response.detail;
        EXPECT_EQ(response.body, "second");
        EXPECT_THAT(server.received().back(), StartsWith(next + " / HTTP/1.1"));
    }
    EXPECT_EQ(server.received().size(), 3U) << "none was sent twice";
}

// As servers do whose patience with idle connections ends just then.
TEST(HttpRequest, ConnectionsThatCloseWhenTheyAreUsedAgainAreNoFailureHoweverMany) {
    const RawServer server([](Connection& connection) {
        if (connection.receive().empty()) return;
        connection.send(answer("fine"));
        connection.receive();  // and away
    });
    Client client;
    for (int i = 0; i < 40; ++i) {
        const Response response = client.ask({.url = server.url()});
        ASSERT_EQ(response.failure, Failure::none) << i << ": " << response.detail;
        EXPECT_EQ(response.body, "fine");
    }
}

}  // namespace
}  // namespace triage::net
