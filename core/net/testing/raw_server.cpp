#include "core/net/testing/raw_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

namespace triage::net::testing {
namespace {

thread_local RawServer* current_server = nullptr;

int checked(int result, const char* what) {
    if (result < 0) throw std::system_error(errno, std::system_category(), what);
    return result;
}

// Sets `port` to what it is if it was 0.
base::UniqueFd bind_loopback(std::uint16_t& port) {
    base::UniqueFd fd(checked(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    socklen_t size = sizeof address;
    checked(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), "bind");
    checked(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
    port = ntohs(address.sin_port);
    return fd;
}

base::UniqueFd bind_unix(const std::string& path) {
    base::UniqueFd fd(checked(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket"));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    checked(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
    return fd;
}

std::size_t content_length(std::string_view head) {
    constexpr std::string_view name = "Content-Length: ";
    const auto at = head.find(name);
    std::size_t length = 0;
    if (at != head.npos) {
        std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
    }
    return length;
}

}  // namespace

std::string Connection::receive() {
    for (;;) {
        const auto head_end = left_over_.find("\r\n\r\n");
        if (head_end != left_over_.npos) {
            const std::size_t size = head_end + 4 + content_length(left_over_.substr(0, head_end));
            if (left_over_.size() >= size) {
                const std::string request = left_over_.substr(0, size);
                left_over_.erase(0, size);
                const std::lock_guard lock(current_server->mutex_);
                current_server->received_.push_back(request);
                return request;
            }
        }
        char buffer[16384];
        const auto count = ::recv(fd_, buffer, sizeof buffer, 0);
        if (count <= 0) return {};
        left_over_.append(buffer, std::size_t(count));
    }
}

bool Connection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(std::size_t(count));
    }
    return true;
}

bool Connection::closed_within(std::chrono::milliseconds limit) {
    pollfd entry{.fd = fd_, .events = POLLRDHUP, .revents = 0};
    return ::poll(&entry, 1, int(limit.count())) > 0;
}

void Connection::wait_for_close() { closed_within(std::chrono::milliseconds(-1)); }

void Connection::finish_sending() { ::shutdown(fd_, SHUT_WR); }

void Connection::reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

RawServer::RawServer(Script script, Port port) : script_(std::move(script)), port_(port.number) {
    listener_ = bind_loopback(port_);
    listen();
}

RawServer::RawServer(Script script, const std::string& unix_path)
    : script_(std::move(script)), listener_(bind_unix(unix_path)) {
    listen();
}

void RawServer::listen() {
    stop_.reset(checked(::eventfd(0, EFD_CLOEXEC), "eventfd"));
    checked(::listen(listener_.get(), 128), "listen");
    acceptor_ = std::thread([this] { accept_all(); });
}

RawServer::Script RawServer::always(std::string answer) {
    return [answer = std::move(answer)](Connection& connection) {
        while (!connection.receive().empty()) {
            if (!connection.send(answer)) return;
        }
    };
}

RawServer::~RawServer() {
    const std::uint64_t one = 1;
    checked(int(::write(stop_.get(), &one, sizeof one)), "write");
    acceptor_.join();
    {
        const std::lock_guard lock(mutex_);
        for (const int fd : open_)
            ::shutdown(fd, SHUT_RDWR);  // ends every script
    }
    for (std::thread& thread : threads_)
        thread.join();
}

std::string RawServer::url(std::string_view path) const {
    return fmt::format("http://127.0.0.1:{}{}", port_, path);
}

std::vector<std::string> RawServer::received() const {
    const std::lock_guard lock(mutex_);
    return received_;
}

void RawServer::accept_all() {
    for (;;) {
        pollfd entries[] = {{.fd = listener_.get(), .events = POLLIN, .revents = 0},
                            {.fd = stop_.get(), .events = POLLIN, .revents = 0}};
        ::poll(entries, 2, -1);
        if (entries[1].revents != 0) return;
        const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) continue;
        const std::lock_guard lock(mutex_);
        ++connections_;
        open_.push_back(fd);
        most_at_once_ = std::max(most_at_once_.load(), unsigned(open_.size()));
        threads_.emplace_back([this, fd] { serve(fd); });
    }
}

void RawServer::serve(int fd) {
    current_server = this;
    Connection connection(fd);
    script_(connection);
    const std::lock_guard lock(mutex_);
    std::erase(open_, fd);
    ::close(fd);
}

ClosedPort::ClosedPort() : socket_(bind_loopback(port_)) {}

std::string answer(std::string_view body, std::string_view headers, std::string_view status) {
    return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\n\r\n{}", status, headers,
                       body.size(), body);
}

}  // namespace triage::net::testing
