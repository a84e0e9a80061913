// Servers that are broken, hostile or not there: each is told apart, and none is waited for longer
// than the timeout.
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/unique_fd.hpp"
#include "core/net/testing/client.hpp"
#include "core/net/testing/raw_server.hpp"

namespace triage::net {
namespace {

using namespace std::chrono_literals;
using namespace triage::net::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr auto generous = 10s;  // against a timeout of 200 ms: for a busy machine

class Hostile : public ::testing::Test {
protected:
    Response ask(const RawServer& server, Request request = {}) {
        if (request.url.empty()) request.url = server.url();
        const auto start = client.loop.now();
        Response response = client.ask(std::move(request));
        EXPECT_LT(client.loop.now() - start, generous);
        return response;
    }
    Client client;
};

RawServer::Script then(std::function<void(Connection&)> rest) {
    return [rest = std::move(rest)](Connection& connection) {
        if (!connection.receive().empty()) rest(connection);
    };
}

TEST_F(Hostile, NobodyListens) {
    const ClosedPort port;
    const std::string where = fmt::format("127.0.0.1:{}", port.port());
    const Response response = client.get("http://" + where + "/");
    EXPECT_EQ(response.failure, Failure::refused);
    EXPECT_EQ(response.phase, Phase::connect);
    EXPECT_EQ(response.detail, where + " refused the connection: Connection refused");
    EXPECT_EQ(response.status, 0);
}

TEST_F(Hostile, WhatThisMachineDoesNotEvenTryIsOurFault) {
    // A broadcast address: the kernel itself refuses to connect there.
    const Response response = client.ask({.url = "http://255.255.255.255/", .timeout = 200ms});
    EXPECT_EQ(response.failure, Failure::local) << response.detail;
    EXPECT_THAT(response.detail, HasSubstr("this machine"));
}

TEST_F(Hostile, TakesTheConnectionAndSaysNothing) {
    const RawServer server(then([](Connection& connection) { connection.wait_for_close(); }));
    const Response response = ask(server, {.timeout = 200ms});
    EXPECT_EQ(response.failure, Failure::timeout);
    EXPECT_EQ(response.phase, Phase::first_byte);
    EXPECT_EQ(response.detail, fmt::format("127.0.0.1:{} took the request, but sent no answer "
                                           "within 200 ms",
                                           server.port()));
    EXPECT_GE(response.timings.total, 200ms);
}

TEST_F(Hostile, SilentAlsoOnAReusedConnection) {
    const RawServer server([](Connection& connection) {
        connection.receive();
        connection.send(answer("first"));
        connection.receive();
        connection.wait_for_close();
    });
    EXPECT_EQ(ask(server).body, "first");
    const Response response = ask(server, {.timeout = 200ms});
    EXPECT_TRUE(response.reused);
    EXPECT_EQ(response.phase, Phase::first_byte) << response.detail;
}

TEST_F(Hostile, DripsForEver) {
    const RawServer server(then([](Connection& connection) {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        while (!connection.closed_within(1ms) && connection.send(".")) {
        }
    }));
    const Response response = ask(server, {.timeout = 200ms});
    EXPECT_EQ(response.failure, Failure::timeout);
    EXPECT_EQ(response.phase, Phase::body);
    EXPECT_EQ(response.status, 200);
    EXPECT_GT(response.body_bytes, 0U);
    EXPECT_THAT(response.detail,
                HasSubstr(fmt::format("was not complete within 200 ms: the head and {} bytes",
                                      response.body_bytes)));
}

TEST_F(Hostile, DripsHeaders) {
    const RawServer server(then([](Connection& connection) {
        connection.send("HTTP/1.1 200 OK\r\n");
        while (!connection.closed_within(1ms) && connection.send("A: b\r\n")) {
        }
    }));
    const Response response = ask(server, {.timeout = 200ms});
    EXPECT_EQ(response.failure, Failure::timeout);
    EXPECT_EQ(response.phase, Phase::body);
    EXPECT_THAT(response.detail, HasSubstr("a part of the head"));
}

TEST_F(Hostile, SendsForEver) {
    const RawServer server(then([](Connection& connection) {
        connection.send("HTTP/1.1 200 OK\r\n\r\n");
        while (connection.send(std::string(65536, 'x'))) {
        }
    }));
    const Response response = ask(server, {.max_body_bytes = 100'000});
    EXPECT_EQ(response.failure, Failure::none) << response.detail;
    EXPECT_TRUE(response.truncated);
    EXPECT_EQ(response.body.size(), 100'000U);
    EXPECT_EQ(response.body_bytes, 100'000U);
}

TEST_F(Hostile, ABodyOfExactlyTheCapIsNotTruncated) {
    const RawServer server(RawServer::always(answer(std::string(1000, 'x'))));
    EXPECT_FALSE(ask(server, {.max_body_bytes = 1000}).truncated);
    EXPECT_TRUE(ask(server, {.max_body_bytes = 999}).truncated);
    EXPECT_TRUE(ask(server, {.max_body_bytes = 0}).truncated);
}

TEST_F(Hostile, GzipBomb) {
    // 64 MiB of zeros in 420 kB, made here.
    std::string bomb = "\x1f\x8b\x08";
    bomb.append("\x00\x00\x00\x00\x00\x00\x03", 7);
    // A deflate block with fixed codes: a literal 0, then lengths of 258 at distance 1.
    std::uint64_t bits = 0;
    unsigned count = 0;
    const auto put = [&](std::uint32_t value, unsigned width) {
        bits |= std::uint64_t{value} << count;
        for (count += width; count >= 8; count -= 8, bits >>= 8)
            bomb += char(bits & 0xff);
    };
    const auto put_code = [&](std::uint32_t code, unsigned width) {  // most significant bit first
        for (unsigned i = width; i-- > 0;)
            put((code >> i) & 1, 1);
    };
    put(0b011, 3);            // last block, fixed Huffman codes
    put_code(0b00110000, 8);  // literal 0
    for (int i = 0; i < 260'000; ++i) {
        put_code(0b11000101, 8);  // length 258
        put_code(0, 5);           // distance 1
    }
    const RawServer server(RawServer::always(answer(bomb, "Content-Encoding: gzip\r\n")));
    const Response response = ask(server, {.max_body_bytes = 1'000'000});
    EXPECT_EQ(response.failure, Failure::none) << response.detail;
    EXPECT_TRUE(response.truncated);
    EXPECT_EQ(response.body, std::string(1'000'000, '\0'));
}

TEST_F(Hostile, BrokenCompression) {
    const RawServer server(RawServer::always(answer("no gzip", "Content-Encoding: gzip\r\n")));
    const Response response = ask(server);
    EXPECT_EQ(response.failure, Failure::protocol);
    EXPECT_THAT(response.detail, HasSubstr("cannot be read"));
}

TEST_F(Hostile, HeadersForEver) {
    const RawServer server(then([](Connection& connection) {
        connection.send("HTTP/1.1 200 OK\r\n");
        for (int i = 0; connection.send(fmt::format("X-{}: {:0>1000}\r\n", i, 0)); ++i) {
        }
    }));
    const Response response = ask(server);
    EXPECT_EQ(response.failure, Failure::protocol);
    EXPECT_THAT(response.detail, HasSubstr("more than 256 KiB of headers"));
    EXPECT_LT(response.headers.size(), 300U);
}

TEST_F(Hostile, MoreHeadersThanAnyRealServerSends) {
    const auto with_headers = [](std::size_t count) {
        std::string head = "Content-Length: 0\r\n";
        for (std::size_t i = 1; i < count; ++i)
            head += "a:\r\n";
        return "HTTP/1.1 200 OK\r\n" + head + "\r\n";
    };
    const RawServer few(RawServer::always(with_headers(max_response_headers)));
    EXPECT_EQ(ask(few).headers.size(), max_response_headers);
    const RawServer many(RawServer::always(with_headers(max_response_headers + 1)));
    const Response response = ask(many);
    EXPECT_EQ(response.failure, Failure::protocol);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.size(), max_response_headers);
    EXPECT_THAT(response.detail, HasSubstr("more than 500 response headers"));
}

TEST_F(Hostile, OneHeaderForEver) {
    const RawServer server(then([](Connection& connection) {
        connection.send("HTTP/1.1 200 OK\r\nX: ");
        while (connection.send(std::string(10'000, 'x'))) {
        }
    }));
    const Response response = ask(server);
    EXPECT_EQ(response.failure, Failure::protocol) << response.detail;
    EXPECT_THAT(response.detail, HasSubstr("header line that is too long"));
}

TEST_F(Hostile, InterimAnswersForEver) {
    const RawServer server(then([](Connection& connection) {
        while (connection.send("HTTP/1.1 102 Processing\r\n\r\n")) {
        }
    }));
    const Response response = ask(server);
    EXPECT_EQ(response.failure, Failure::protocol);
    EXPECT_THAT(response.detail, HasSubstr("more than 32 interim answers"));
}

TEST_F(Hostile, AFewInterimAnswersAreFine) {
    const RawServer server(RawServer::always("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" +
                                             answer("x", "A: b\r\n")));
    const Response response = ask(server);
    EXPECT_EQ(response.status, 200);
    ASSERT_EQ(response.headers.size(), 2U);
    EXPECT_EQ(response.headers[0].name, "A");
    EXPECT_EQ(response.body, "x");
}

TEST_F(Hostile, TrailersForEver) {
    const RawServer server(then([](Connection& connection) {
        connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n");
        for (int i = 0; connection.send(fmt::format("X-{}: {:0>1000}\r\n", i, 0)); ++i) {
        }
    }));
    const Response response = ask(server);
    EXPECT_EQ(response.failure, Failure::protocol) << response.detail;
    EXPECT_EQ(response.headers.size(), 1U);
}

TEST_F(Hostile, NoHttpAtAll) {
    const RawServer ssh(then([](Connection& connection) {
        connection.send("SSH-2.0-OpenSSH_9.2p1 " + std::string(2000, 'x'));
        connection.wait_for_close();
    }));
    const Response response = ask(ssh);
    EXPECT_EQ(response.failure, Failure::protocol);
    EXPECT_EQ(response.phase, Phase::body);
    EXPECT_EQ(response.status, 0);
    EXPECT_EQ(response.detail, fmt::format("127.0.0.1:{} does not speak HTTP", ssh.port()));
    EXPECT_THAT(response.body, StartsWith("SSH-2.0-OpenSSH_9.2p1 xxx"));
    EXPECT_EQ(response.body.size(), 1024U) << "whole for the redaction; who shows it cuts it";
    EXPECT_EQ(ask(ssh, {.stream = true}).body, "") << "nobody was given a head";
}

TEST_F(Hostile, Garbage) {
    for (const std::string& garbage :
         {std::string("\x00\x01\x02\xff\xfe", 5), std::string("HTTP/9.9 9999 ?\r\n\r\n"),
          std::string("HTTP/1.1\r\n\r\n"), std::string("HTTP/1.1 abc\r\n\r\n"),
          std::string("HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\nx"),
          std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\ncontent-length: 11\r\n\r\nok"),
          std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx")}) {
        const RawServer server(then([&](Connection& connection) { connection.send(garbage); }));
        const Response response = ask(server);
        EXPECT_EQ(response.failure, Failure::protocol) << garbage << " → " << response.detail;
        EXPECT_THAT(response.detail, HasSubstr("127.0.0.1:")) << garbage;
    }
}

TEST_F(Hostile, ClosesWithoutAnAnswer) {
    const RawServer server(then([](Connection&) {}));
    const Response response = ask(server);
    EXPECT_EQ(response.failure, Failure::closed);
    EXPECT_EQ(response.phase, Phase::first_byte);
    EXPECT_THAT(response.detail, HasSubstr("closed the connection without an answer"));
}

TEST_F(Hostile, HalfCloses) {
    const RawServer server(then([](Connection& connection) {
        connection.finish_sending();
        connection.wait_for_close();
    }));
    EXPECT_EQ(ask(server).failure, Failure::closed);
}

TEST_F(Hostile, Resets) {
    const RawServer server(then([](Connection& connection) { connection.reset(); }));
    const Response response = ask(server);
    EXPECT_EQ(response.failure, Failure::closed);
    EXPECT_EQ(response.phase, Phase::first_byte);
    EXPECT_THAT(response.detail, HasSubstr("reset the connection without an answer"));
}

// What is missing of the head may be what was looked for.
TEST_F(Hostile, ClosesInTheHead) {
    for (const char* part : {"HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Len",
                             "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"}) {
        const RawServer server(then([part](Connection& connection) { connection.send(part); }));
        const Response response = ask(server);
        EXPECT_EQ(response.failure, Failure::closed) << part;
        EXPECT_EQ(response.status, 200);
        EXPECT_THAT(response.detail, HasSubstr("closed the connection in the head of its answer"));
    }
}

TEST_F(Hostile, ClosesInTheMiddle) {
    const RawServer server(then([](Connection& connection) {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this");
    }));
    const Response response = ask(server);
    EXPECT_EQ(response.failure, Failure::closed);
    EXPECT_EQ(response.phase, Phase::body);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "only this");
    EXPECT_THAT(response.detail,
                HasSubstr("before the answer was complete: 9 of 100 bytes of body had come"));
}

TEST_F(Hostile, SendsMoreThanItSaid) {
    const RawServer server(then([](Connection& connection) {
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodyHTTP/1.1 500 No\r\n\r\n");
        connection.wait_for_close();
    }));
    const Response response = ask(server);
    EXPECT_EQ(response.failure, Failure::none) << response.detail;
    EXPECT_EQ(response.body, "body");
}

TEST_F(Hostile, TlsWhereNobodySpeaksIt) {
    const RawServer server([](Connection& connection) {
        connection.send("HTTP/1.1 400 Bad Request\r\n\r\n");
        connection.wait_for_close();
    });
    const Response response = client.get(fmt::format("https://127.0.0.1:{}/", server.port()));
    EXPECT_EQ(response.failure, Failure::tls) << response.detail;
    EXPECT_EQ(response.phase, Phase::tls);
    EXPECT_THAT(response.detail, HasSubstr("does not speak TLS on this port"));
}

TEST_F(Hostile, SilentDuringTheTlsHandshake) {
    const RawServer server([](Connection& connection) { connection.wait_for_close(); });
    const Response response =
        client.ask({.url = fmt::format("https://127.0.0.1:{}/", server.port()), .timeout = 200ms});
    EXPECT_EQ(response.failure, Failure::timeout);
    EXPECT_EQ(response.phase, Phase::tls) << response.detail;
    EXPECT_THAT(response.detail, HasSubstr("TLS handshake was not complete within 200 ms"));
}

TEST_F(Hostile, ResetDuringTheTlsHandshake) {
    // Once the handshake has begun: a reset before that is seen as one of connecting, or not.
    const RawServer server([](Connection& connection) {
        char hello = 0;
        EXPECT_EQ(::recv(connection.fd(), &hello, 1, 0), 1);
        connection.reset();
    });
    const Response response = client.get(fmt::format("https://127.0.0.1:{}/", server.port()));
    EXPECT_EQ(response.failure, Failure::closed) << response.detail;
    EXPECT_THAT(response.detail, HasSubstr("the connection during the TLS handshake"));
}

TEST_F(Hostile, NamesTakeTheAddressThatAnswers) {
    const RawServer server(RawServer::always(answer("here")));
    // Nobody listens at 127.0.0.2 or 127.0.0.3: that port is refused there.
    loop::Loop* loop = nullptr;
    Client named({}, [&](const std::string&, std::function<void(Addresses)> done) {
        loop->defer(
            [done] { done({.texts = {"127.0.0.2", "127.0.0.3", "127.0.0.1"}, .detail = {}}); });
    });
    loop = &named.loop;
    const Response response = named.get(fmt::format("http://api.example:{}/", server.port()));
    EXPECT_EQ(response.body, "here") << response.detail;
    EXPECT_EQ(response.address, fmt::format("127.0.0.1:{}", server.port()));

    const ClosedPort port;
    const Response refused = named.get(fmt::format("http://api.example:{}/", port.port()));
    EXPECT_EQ(refused.failure, Failure::refused);
    EXPECT_THAT(refused.detail,
                StartsWith(fmt::format("127.0.0.2:{0} and 127.0.0.3:{0} and 127.0.0.1:{0} refused "
                                       "the connection",
                                       port.port())));
}

// All descriptors but a few taken: our fault, never "refused".
class NoDescriptors {
public:
    NoDescriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit few{.rlim_cur = 64, .rlim_max = before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &few);
        for (;;) {
            base::UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
            if (!fd) break;
            taken_.push_back(std::move(fd));
        }
    }
    ~NoDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    NoDescriptors(const NoDescriptors&) = delete;
    NoDescriptors& operator=(const NoDescriptors&) = delete;

private:
    rlimit before_{};
    std::vector<base::UniqueFd> taken_;
};

TEST_F(Hostile, OutOfDescriptorsIsOurFault) {
    const ClosedPort port;
    const auto ask = [&](const std::string& host) {
        return client.get(fmt::format("http://{}:{}/", host, port.port()));
    };
    EXPECT_EQ(ask("127.0.0.1").failure, Failure::refused);
    EXPECT_EQ(ask("localhost").failure, Failure::refused);
    Response by_address;
    Response by_name;
    {
        const NoDescriptors none;
        by_address = ask("127.0.0.1");
        by_name = ask("name.invalid");
    }
    EXPECT_EQ(by_address.failure, Failure::local);
    EXPECT_THAT(by_address.detail, AllOf(HasSubstr("Too many open files"), HasSubstr("ulimit -n")));
    EXPECT_EQ(by_name.failure, Failure::local);
    EXPECT_THAT(by_name.detail, HasSubstr("file descriptors"));
}

// A network of this process's own, in which only `ports` can be connected from.
void enter_network_with_few_ports(const char* ports) {
    if (::unshare(CLONE_NEWNET) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
        throw std::system_error(errno, std::system_category(), "unshare");
    }
    const base::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq loopback{};
    loopback.ifr_name[0] = 'l';
    loopback.ifr_name[1] = 'o';
    loopback.ifr_flags = IFF_UP;
    ::ioctl(socket.get(), SIOCSIFFLAGS, &loopback);
    std::ofstream("/proc/sys/net/ipv4/ip_local_port_range") << ports << std::flush;
}

// How requests end that are made at once from a machine with too few ports for them.
std::set<std::string> fates_with_three_ports() {
    enter_network_with_few_ports("40000 40002");
    const RawServer server(then([](Connection& connection) { connection.wait_for_close(); }),
                           RawServer::Port{8080});
    Client client;
    for (int i = 0; i < 6; ++i) {
        client.http->start({.url = server.url(), .timeout = 300ms}, client.collector);
    }
    client.loop.run_until([&] { return client.collector.answers.size() == 6; });
    std::set<std::string> fates;
    for (const auto& [id, response] : client.collector.answers)
        fates.insert(response.detail);
    return fates;
}

TEST(HostileDeathTest, OutOfPortsIsOurFault) {
    ::testing::FLAGS_gtest_death_test_style = "threadsafe";
    const auto as_expected = [] {
        const auto fates = fates_with_three_ports();
        for (const std::string& fate : fates)
            std::cerr << fate << "\n";
        return fates == std::set<std::string>{
                            "127.0.0.1:8080 took the request, but sent no answer within 300 ms",
                            "no free local port left for connecting to 127.0.0.1:8080"};
    };
    EXPECT_EXIT(std::exit(as_expected() ? 0 : 1), ::testing::ExitedWithCode(0), "");
}

TEST(HostileStart, TheSoftLimitOnFilesIsRaised) {
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit low{.rlim_cur = std::min<rlim_t>(256, before.rlim_max),
                     .rlim_max = before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &low);
    const Client client;
    rlimit after{};
    ::getrlimit(RLIMIT_NOFILE, &after);
    EXPECT_EQ(after.rlim_cur, before.rlim_max);
}

}  // namespace
}  // namespace triage::net
