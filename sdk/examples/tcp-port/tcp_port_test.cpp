/// The C plugin through the fake host, against real sockets of the loopback interface.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <triage/testing.hpp>

using namespace triage::testing;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

/// A socket bound to a free port of 127.0.0.1; listens only when told to.
class Port {
public:
    Port() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        if (bind(fd_, address(), size) != 0 || getsockname(fd_, address(), &size) != 0) {
            throw std::system_error(errno, std::generic_category(), "bind");
        }
    }
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port() {
        for (const int fd : fillers_)
            close(fd);
        close(fd_);
    }

    std::string endpoint() const { return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }
    void listen() { ASSERT_EQ(::listen(fd_, 0), 0); }
    /// Fills the queue of connections that nobody accepts: the next one is left waiting.
    void fill() {
        listen();
        for (int i = 0; i < 4; ++i) {
            fillers_.push_back(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            connect(fillers_.back(), address(), sizeof address_);
        }
    }

private:
    sockaddr* address() { return reinterpret_cast<sockaddr*>(&address_); }

    int fd_;
    sockaddr_in address_{};
    std::vector<int> fillers_;
};

Result run(FakeHost& host, const std::string& endpoint) {
    auto result = host.run("connect", Params().set("endpoint", endpoint));
    EXPECT_THAT(result.violations, IsEmpty());
    return result;
}

TEST(TcpPort, DeclaresItselfWithoutFault) {
    EXPECT_THAT(FakeHost().declaration_violations(), IsEmpty());
    EXPECT_THAT(FakeHost(load_plugin(TRIAGE_PLUGIN_FILE)).declaration_violations(), IsEmpty());
}

TEST(TcpPort, Connects) {
    Port port;
    port.listen();
    FakeHost host;
    const auto result = run(host, port.endpoint());
    EXPECT_THAT(result.summary.value_or(""), HasSubstr("connected in "));
    EXPECT_THAT(result.findings, IsEmpty());
    EXPECT_THAT(result.evaluated,
                ElementsAre("tcp-port.dns", "tcp-port.no-answer", "tcp-port.refused"));
    EXPECT_TRUE(result.metric("connect").has_value());
}

TEST(TcpPort, Refused) {
    const Port port;
    FakeHost host;
    EXPECT_THAT(run(host, port.endpoint()).finding("tcp-port.refused").message,
                HasSubstr("Connection refused"));
}

TEST(TcpPort, NoAnswer) {
    Port port;
    port.fill();
    FakeHost host;
    host.fd_patience(1ms);
    const auto result = run(host, port.endpoint());
    EXPECT_EQ(result.finding("tcp-port.no-answer").message, "no connection within 3.0 s");
    EXPECT_EQ(result.duration, 3s);
}

TEST(TcpPort, NoSuchName) {
    FakeHost host;
    EXPECT_THAT(run(host, "not a name:80").finding("tcp-port.dns").message,
                HasSubstr("no address"));
}

TEST(TcpPort, AMalformedEndpointIsAnError) {
    FakeHost host;
    EXPECT_EQ(run(host, "nothing").error, "parameter endpoint: expected host:port");
}

TEST(TcpPort, CancelledAtEveryEvent) {
    Port port;
    port.fill();
    for (int event = 0; event < 3; ++event) {
        FakeHost host;
        host.fd_patience(1ms).cancel_at(event);
        EXPECT_TRUE(run(host, port.endpoint()).cancelled);
    }
}

TEST(TcpPort, AHostWithoutTheServiceIsRefusedByName) {
    EXPECT_THROW(FakeHost(&triage_plugin_entry, {TRIAGE_CHECK_API}), std::runtime_error);
}

}  // namespace
