// A fast HTTP server for benchmarks: one thread, epoll, one fixed 43-byte JSON answer.
//
// usage: http_server PORTS     listens on that many free ports of 127.0.0.1, prints them on one
// line,
//                              and ends when its standard input does
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view body = R"({"ok":true,"service":"bench","queue":0,"n":1})";
static_assert(body.size() == 45);  // close to the 43 bytes of the measured facts

struct Connection {
    int fd;
    std::string input;
};

int listen_somewhere() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return -1;
    return ::listen(fd, 4096) == 0 ? fd : -1;
}

int port_of(int fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

void watch(int epoll, int fd, void* data) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = data}};
    ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

std::string make_answer(bool close) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + (close ? "\r\nConnection: close" : "") + "\r\n\r\n" +
           std::string(body);
}

// Answers every whole request in the buffer; false when the connection is to be closed.
bool answer(Connection& connection) {
    static const std::string keep = make_answer(false);
    static const std::string last = make_answer(true);
    for (;;) {
        const auto end = connection.input.find("\r\n\r\n");
        if (end == std::string::npos) return true;
        const bool close = connection.input.find("Connection: close") < end;
        const auto& text = close ? last : keep;
        if (::send(connection.fd, text.data(), text.size(), MSG_NOSIGNAL) < 0 || close)
            return false;
        connection.input.erase(0, end + 4);
    }
}

bool serve(Connection& connection) {
    char buffer[16384];
    const auto got = ::read(connection.fd, buffer, sizeof buffer);
    if (got <= 0) return false;
    connection.input.append(buffer, static_cast<std::size_t>(got));
    return answer(connection);
}

void accept_all(int epoll, int listener) {
    for (;;) {
        const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(epoll, fd, new Connection{fd, {}});
    }
}

}  // namespace

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 1;
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<Connection> listeners;
    for (int i = 0; i < count; ++i) {
        listeners.push_back({listen_somewhere(), {}});
        if (listeners.back().fd < 0) return 1;
    }
    for (auto& listener : listeners) {
        watch(epoll, listener.fd, &listener);
        std::printf("%d ", port_of(listener.fd));
    }
    std::printf("\n");
    std::fflush(stdout);
    Connection input{STDIN_FILENO, {}};
    watch(epoll, STDIN_FILENO, &input);
    epoll_event events[256];
    for (;;) {
        const int ready = ::epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; ++i) {
            auto* connection = static_cast<Connection*>(events[i].data.ptr);
            if (connection == &input) return 0;
            if (connection >= listeners.data() &&
                connection < listeners.data() + listeners.size()) {
                accept_all(epoll, connection->fd);
            } else if (!serve(*connection)) {
                ::close(connection->fd);
                delete connection;
            }
        }
    }
}
