// Redirects: what is followed, what is changed, and what is not carried to another origin.
#include "core/net/redirect.hpp"

#include <map>
#include <string>

#include <fmt/format.h>
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
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string to(std::string_view location, std::string_view status = "302 Found") {
    return answer("moved", fmt::format("Location: {}\r\n", location), status);
}

// "/a" → "/b" → … by path; other paths are answered with 200 and their path.
RawServer::Script paths(std::map<std::string, std::string> answers) {
    return [answers = std::move(answers)](Connection& connection) {
        for (;;) {
            const std::string request = connection.receive();
            if (request.empty()) return;
            const auto begin = request.find(' ') + 1;
            const std::string path = request.substr(begin, request.find(' ', begin) - begin);
            const auto found = answers.find(path);
            connection.send(found == answers.end() ? answer(path) : found->second);
        }
    };
}

TEST(Redirects, AreTheAnswerUnlessAskedFor) {
    const RawServer server(paths({{"/", to("/next")}}));
    Client client;
    const Response response = client.get(server.url());
    EXPECT_EQ(response.failure, Failure::none);
    EXPECT_EQ(response.status, 302);
    EXPECT_EQ(response.body, "moved");
    EXPECT_TRUE(client.collector.asked.empty());
}

TEST(Redirects, AreFollowedOverRelativeLocations) {
    const RawServer server(
        paths({{"/a/b", to("../c?x=1")}, {"/c?x=1", to("?y=2")}, {"/c?y=2", to("//127.0.0.1/")}}));
    Client client;
    client.collector.allow = [](TransferId, const std::string& url) -> std::string {
        return url == "http://127.0.0.1/" ? "port 80 is not granted" : "";
    };
    const Response response = client.ask({.url = server.url("/a/b"), .max_redirects = 5});
    EXPECT_EQ(response.failure, Failure::denied);
    EXPECT_EQ(response.detail, "port 80 is not granted");
    EXPECT_EQ(response.url, server.url("/c?y=2"));
    EXPECT_EQ(response.status, 302);
    EXPECT_THAT(response.redirects, ElementsAre(server.url("/a/b"), server.url("/c?x=1")));
    EXPECT_THAT(client.collector.asked,
                ElementsAre(server.url("/c?x=1"), server.url("/c?y=2"), "http://127.0.0.1/"));
    EXPECT_EQ(server.connections(), 1U);  // the bodies were read
}

TEST(Redirects, LoopsAndEndlessOnesEnd) {
    const RawServer loop(paths({{"/a", to("/b")}, {"/b", to("/a")}}));
    Client client;
    const Response circle = client.ask({.url = loop.url("/a"), .max_redirects = 50});
    EXPECT_EQ(circle.failure, Failure::redirects);
    EXPECT_THAT(circle.detail, AllOf(HasSubstr("in a circle"), HasSubstr(loop.url("/a"))));
    EXPECT_EQ(loop.received().size(), 2U);

    const RawServer narcissus(paths({{"/", to("/#again")}}));
    EXPECT_EQ(client.ask({.url = narcissus.url("/"), .max_redirects = 50}).detail,
              narcissus.url("/") + " redirects to itself");

    int number = 0;
    const RawServer endless([&](Connection& connection) {
        while (!connection.receive().empty()) {
            connection.send(to(fmt::format("/{}", ++number)));
        }
    });
    const Response more = client.ask({.url = endless.url("/"), .max_redirects = 3});
    EXPECT_EQ(more.failure, Failure::redirects);
    EXPECT_THAT(more.detail, HasSubstr("more than 3 redirects"));
    EXPECT_EQ(more.redirects.size(), 3U);
    EXPECT_EQ(endless.received().size(), 4U);
    const Response most = client.ask({.url = endless.url("/"), .max_redirects = 100'000});
    EXPECT_EQ(most.redirects.size(), max_redirects) << "whatever is asked for";
}

TEST(Redirects, TheTimeoutIsForAllHops) {
    int number = 0;
    const RawServer server([&](Connection& connection) {
        while (!connection.receive().empty() && !connection.closed_within(20ms)) {
            connection.send(to(fmt::format("/{}", ++number)));
        }
    });
    Client client;
    const auto start = client.loop.now();
    const Response response =
        client.ask({.url = server.url(), .timeout = 300ms, .max_redirects = 100'000});
    EXPECT_EQ(response.failure, Failure::timeout) << response.detail;
    EXPECT_LT(client.loop.now() - start, 10s);
}

TEST(Redirects, WhatAllHopsTookIsTheTotal) {
    const RawServer server([](Connection& connection) {
        bool first = true;
        while (!connection.receive().empty() && !connection.closed_within(40ms))
            connection.send(std::exchange(first, false) ? to("/next") : answer("end"));
    });
    Client client;
    const Response response = client.ask({.url = server.url(), .max_redirects = 5});
    EXPECT_EQ(response.body, "end") << response.detail;
    EXPECT_GE(response.timings.total, 80ms);
    EXPECT_LT(response.timings.first_byte, response.timings.total);
}

TEST(Redirects, NothingPrivateGoesToAnotherOrigin) {
    const RawServer other(RawServer::always(answer("other")));
    const RawServer server(paths({{"/", to("/same")}, {"/same", to(other.url("/there"))}}));
    Client client;
    const Response response =
        client.ask({.url = fmt::format("http://u:p@127.0.0.1:{}/", server.port()),
                    .headers = {{.name = "X-Token", .value = "s3cret", .sensitive = true},
                                {.name = "cookie", .value = "session=1"},
                                {.name = "X-Public", .value = "yes"}},
                    .max_redirects = 5});
    EXPECT_EQ(response.body, "other") << response.detail;
    EXPECT_THAT(server.received()[1], AllOf(HasSubstr("X-Token: s3cret"), HasSubstr("cookie: "),
                                            HasSubstr("Authorization: Basic")));
    EXPECT_THAT(other.received()[0],
                AllOf(Not(HasSubstr("s3cret")), Not(HasSubstr("session")),
                      Not(HasSubstr("Authorization")), HasSubstr("X-Public: yes")));
}

TEST(Redirects, AServersCredentialsAreNotUsed) {
    const RawServer other(RawServer::always(answer("other")));
    const RawServer server(
        paths({{"/", to(fmt::format("http://evil:x@127.0.0.1:{}/", other.port()))}}));
    Client client;
    client.ask({.url = server.url(), .max_redirects = 5});
    EXPECT_THAT(other.received()[0], Not(HasSubstr("Authorization")));
}

TEST(Redirects, MethodsChangeAsBrowsersDo) {
    const RawServer server(paths({{"/301", to("/x", "301 Moved")},
                                  {"/302", to("/x", "302 Found")},
                                  {"/303", to("/x", "303 See Other")},
                                  {"/307", to("/x", "307 Temporary")},
                                  {"/308", to("/x", "308 Permanent")}}));
    Client client;
    const auto second = [&](std::string method, const std::string& path) {
        Request request{.method = std::move(method),
                        .url = server.url(path),
                        .headers = {{.name = "Content-Type", .value = "text/x"}},
                        .body = "payload",
                        .max_redirects = 1};
        if (request.method == "HEAD") request.body.clear();
        client.ask(std::move(request));
        return server.received().back();
    };
    const auto is_get =
        AllOf(StartsWith("GET /x"), Not(HasSubstr("payload")), Not(HasSubstr("Content-")));
    EXPECT_THAT(second("POST", "/301"), is_get);
    EXPECT_THAT(second("POST", "/302"), is_get);
    EXPECT_THAT(second("POST", "/303"), is_get);
    EXPECT_THAT(second("PUT", "/303"), is_get);
    EXPECT_THAT(second("HEAD", "/303"), StartsWith("HEAD /x"));
    EXPECT_THAT(second("PUT", "/302"), AllOf(StartsWith("PUT /x"), HasSubstr("payload")));
    EXPECT_THAT(second("POST", "/307"), AllOf(StartsWith("POST /x"), HasSubstr("payload"),
                                              HasSubstr("Content-Type: text/x")));
    EXPECT_THAT(second("POST", "/308"), AllOf(StartsWith("POST /x"), HasSubstr("payload")));
}

TEST(Redirects, TheMethodThatWillBeSentIsAskedFor) {
    const RawServer other(RawServer::always(answer("other")));
    const RawServer server(paths({{"/303", to(other.url("/x"), "303 See Other")},
                                  {"/307", to(other.url("/x"), "307 Temporary")},
                                  {"/308", to(other.url("/x"), "308 Permanent")}}));
    Client client;
    client.collector.allow = [&](TransferId, const std::string&) -> std::string {
        return client.collector.methods.back() == "GET" ? "" : "no writing there";
    };
    for (const char* const path : {"/307", "/308", "/303"}) {
        const Response response = client.ask(
            {.method = "POST", .url = server.url(path), .body = "payload", .max_redirects = 1});
        const bool is_get = path == std::string("/303");
        EXPECT_EQ(response.failure, is_get ? Failure::none : Failure::denied) << path;
    }
    EXPECT_THAT(client.collector.methods, ElementsAre("POST", "POST", "GET"));
    EXPECT_THAT(other.received(), ElementsAre(StartsWith("GET /x")));
}

TEST(Redirects, LocationsThatLeadNowhere) {
    Client client;
    for (const char* const location :
         {"ftp://h/x", "javascript:alert(1)", "http:///", "file:///etc/passwd"}) {
        const RawServer server(paths({{"/", to(location)}}));
        const Response response = client.ask({.url = server.url(), .max_redirects = 5});
        EXPECT_EQ(response.failure, Failure::redirects) << location;
        EXPECT_THAT(response.detail, AllOf(HasSubstr(location), HasSubstr("cannot be read")));
        EXPECT_EQ(response.status, 302);
    }
    EXPECT_TRUE(client.collector.asked.empty());
}

TEST(Redirects, ALargeBodyOfTheRedirectIsNotReadToItsEnd) {
    const RawServer server([](Connection& connection) {
        const std::string request = connection.receive();
        if (request.starts_with("GET /end")) {
            connection.send(answer("done"));
            return;
        }
        connection.send("HTTP/1.1 302 Found\r\nLocation: /end\r\n\r\n");
        while (connection.send(std::string(65536, 'x'))) {
        }
    });
    Client client;
    const Response response = client.ask({.url = server.url(), .max_redirects = 1});
    EXPECT_EQ(response.body, "done") << response.detail;
    EXPECT_FALSE(response.truncated);
    EXPECT_EQ(response.body_bytes, 4U);
}

TEST(Redirects, TheSinkMayCancelWhenAsked) {
    const RawServer server(paths({{"/", to("/next")}}));
    Client client;
    bool asked = false;
    client.collector.allow = [&](TransferId id, const std::string&) -> std::string {
        client.http->cancel(id);
        asked = true;
        return "";
    };
    client.http->start({.url = server.url(), .max_redirects = 5}, client.collector);
    client.loop.run_until([&] { return asked; });
    client.collector.allow = nullptr;
    EXPECT_EQ(client.get(server.url("/other")).status, 200);
    EXPECT_EQ(client.collector.answers.size(), 1U);
}

TEST(ResolveLocation, AsBrowsersDo) {
    const auto from = base::parse_url("https://u:p@example.com/a/b?q=1");
    const auto resolved = [&](const std::string& location) {
        const auto url = resolve_location(*from, location);
        return url ? url->request_url() : "error: " + url.error().message;
    };
    EXPECT_EQ(resolved("c"), "https://example.com/a/c");
    EXPECT_EQ(resolved("/c"), "https://example.com/c");
    EXPECT_EQ(resolved("?x"), "https://example.com/a/b?x");
    EXPECT_EQ(resolved("//other:81/x"), "https://other:81/x");
    EXPECT_EQ(resolved("http://other"), "http://other/");
    EXPECT_EQ(resolved("/with space/é#frag"), "https://example.com/with%20space/%c3%a9");
    EXPECT_EQ(resolved("../../../x"), "https://example.com/x");
    EXPECT_EQ(resolved("/a/%2e%2e/b"), "https://example.com/b");
    EXPECT_EQ(resolved("http://2130706433/"), "http://127.0.0.1/");  // what is asked is what is got
    EXPECT_EQ(resolve_location(*from, "/c")->user_info, "u:p");
    EXPECT_EQ(resolve_location(*from, "http://example.com/c")->user_info, "");
}

}  // namespace
}  // namespace triage::net
