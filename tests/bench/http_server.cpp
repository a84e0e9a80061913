// The server of the HTTP benchmarks: one thread, epoll, the same 43 bytes of JSON for everyone.
//
//   http_server PORTS      prints that many port numbers on one line, then serves until stdin ends
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace {

constexpr std::string_view body = R"({"ok":true,"service":"bench","version":"1"})";
static_assert(body.size() == 43);
constexpr std::string_view keep =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 43\r\n\r\n"
    R"({"ok":true,"service":"bench","version":"1"})";
constexpr std::string_view close_after =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 43\r\n"
    "Connection: close\r\n\r\n"
    R"({"ok":true,"service":"bench","version":"1"})";

int listen_somewhere() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (fd < 0 || ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(fd, 4096) != 0 ||
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        std::perror("http_server");
        std::exit(1);  // NOLINT(concurrency-mt-unsafe): this program has one thread
    }
    std::printf("%d ", ntohs(address.sin_port));
    return fd;
}

// False: the connection is over. Requests are small: each comes in one piece.
bool serve(int fd) {
    std::array<char, 8192> buffer;
    const auto count = ::recv(fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count <= 0) return false;
    const std::string_view request(buffer.data(), std::size_t(count));
    const bool closes = request.find("Connection: close") != request.npos;
    const std::string_view answer = closes ? close_after : keep;
    return ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL) > 0 && !closes;
}

}  // namespace

int main(int argc, char** argv) {
    const int ports = argc > 1 ? std::atoi(argv[1]) : 16;
    const int epoll = ::epoll_create1(0);
    const auto add = [epoll](int fd) {
        epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    };
    std::unordered_set<int> listeners;
    for (int i = 0; i < ports; ++i)
        listeners.insert(listen_somewhere());
    for (const int fd : listeners)
        add(fd);
    add(STDIN_FILENO);
    std::printf("\n");
    std::fflush(stdout);

    std::array<epoll_event, 256> events;
    for (;;) {
        const int count = ::epoll_wait(epoll, events.data(), int(events.size()), -1);
        for (int i = 0; i < count; ++i) {
            const int fd = events[std::size_t(i)].data.fd;
            if (fd == STDIN_FILENO) return 0;
            if (!listeners.contains(fd)) {
                if (!serve(fd)) ::close(fd);
                continue;
            }
            const int one = 1;
            int client = -1;
            while ((client = ::accept4(fd, nullptr, nullptr, SOCK_NONBLOCK)) >= 0) {
                ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                add(client);
            }
        }
    }
}
