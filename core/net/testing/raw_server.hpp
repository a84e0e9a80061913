// A server on a loopback port whose answers are whatever a test wants, byte by byte.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/unique_fd.hpp"

namespace triage::net::testing {

// One accepted connection, on its own thread.
class Connection {
public:
    explicit Connection(int fd) : fd_(fd) {}

    // The next request with its body (by Content-Length), or empty if the client has closed.
    std::string receive();
    bool send(std::string_view bytes);  // false: the client has closed
    // Waits until the client closes or `limit` is over; true: it has closed.
    bool closed_within(std::chrono::milliseconds limit);
    void wait_for_close();
    void finish_sending();  // half-close
    void reset();           // RST instead of FIN, when the script returns
    int fd() const { return fd_; }

private:
    int fd_;
    std::string left_over_;
};

class RawServer {
public:
    using Script = std::function<void(Connection&)>;

    struct Port {
        std::uint16_t number = 0;  // 0: any that is free
    };

    // Runs `script` for every connection; the connection is closed when it returns.
    explicit RawServer(Script script, Port port = {0});
    RawServer(Script script, const std::string& unix_path);
    // Answers every request of every connection with `answer`.
    static Script always(std::string answer);
    ~RawServer();
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;

    std::uint16_t port() const { return port_; }
    std::string url(std::string_view path = "/") const;
    std::vector<std::string> received() const;  // what receive() has returned, of all connections
    unsigned connections() const { return connections_; }
    unsigned most_at_once() const { return most_at_once_; }

private:
    void listen();
    void accept_all();
    void serve(int fd);

    friend class Connection;
    Script script_;
    std::uint16_t port_ = 0;
    base::UniqueFd listener_;
    base::UniqueFd stop_;       // eventfd
    mutable std::mutex mutex_;  // guards the next three
    std::vector<std::string> received_;
    std::vector<std::thread> threads_;
    std::vector<int> open_;
    std::atomic<unsigned> connections_ = 0;
    std::atomic<unsigned> most_at_once_ = 0;
    std::thread acceptor_;
};

// A port of 127.0.0.1 that is taken, but where nobody listens: connections are refused.
class ClosedPort {
public:
    ClosedPort();
    std::uint16_t port() const { return port_; }

private:
    std::uint16_t port_ = 0;
    base::UniqueFd socket_;
};

// "HTTP/1.1 200 OK" with Content-Length and `body`; `headers` are lines that end in "\r\n".
std::string answer(std::string_view body, std::string_view headers = "",
                   std::string_view status = "200 OK");

}  // namespace triage::net::testing
