/// A server on a real socket that plays a script: what real servers seldom do, at will.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace db {

/// Accepts connections one after the other and gives each to `play`, then closes it. An empty
/// `play` never accepts: the kernel opens the connection, and nobody says anything.
class FakeServer {
public:
    explicit FakeServer(std::function<void(int)> play = {}) : play_(std::move(play)) {
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(socket_, generic, size) != 0 || ::listen(socket_, 8) != 0 ||
            ::getsockname(socket_, generic, &size) != 0)
            throw std::runtime_error("no socket");
        port_ = ntohs(address.sin_port);
        if (play_) thread_ = std::thread([this] { serve(); });
    }
    FakeServer(const FakeServer&) = delete;
    FakeServer& operator=(const FakeServer&) = delete;
    ~FakeServer() {
        ::shutdown(socket_, SHUT_RDWR);
        if (thread_.joinable()) thread_.join();
        ::close(socket_);
    }

    std::string url(const std::string& options = "sslmode=disable") const {
        return "postgresql://app:canary-7f3a@127.0.0.1:" + std::to_string(port_) + "/shop?" +
               options;
    }

    /// The client's next words, at most 4 KiB; "" when it has gone.
    static std::string hear(int client) {
        std::string text(4096, '\0');
        const auto got = ::recv(client, text.data(), text.size(), 0);
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    }
    static void say(int client, const std::string& bytes) {
        ::send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }
    /// A message of the protocol: its kind, its length, its content.
    static std::string message(char kind, const std::string& content) {
        const auto size = static_cast<unsigned>(content.size() + 4);
        std::string out(1, kind);
        for (const int shift : {24, 16, 8, 0})
            out += static_cast<char>((size >> shift) & 0xff);
        return out + content;
    }
    static std::string error(const std::string& sqlstate, const std::string& text) {
        std::string fields = "SFATAL";
        fields += '\0';
        fields += "C" + sqlstate + '\0';
        fields += "M" + text + '\0';
        fields += '\0';
        return message('E', fields);
    }
    /// Logged in, ready for a query.
    static std::string welcome() {
        const std::string zero(4, '\0');
        std::string version = "server_version";
        version += '\0';
        version += "15.4";
        version += '\0';
        return message('R', zero) + message('S', version) +
               message('K', std::string("\0\0\0\7\0\0\0\1", 8)) + message('Z', "I");
    }

    /// What a query with these values in its only row brings; `null` is NULL.
    static std::string rows(const std::vector<std::string>& row) {
        const auto number = [](std::size_t value, int bytes) {
            std::string out;
            for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
                out += static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xff);
            return out;
        };
        auto columns = number(row.size(), 2), values = columns;
        for (const auto& value : row) {
            columns += 'a' + std::string(7, '\0') + number(25, 4) + std::string(8, '\0');
            values += value == null ? std::string(4, '\xff') : number(value.size(), 4) + value;
        }
        return message('T', columns) + message('D', values) + complete("SELECT 1");
    }
    static constexpr const char* null = "NULL";
    static std::string complete(const std::string& tag) { return message('C', tag + '\0'); }
    /// The answer to a whole transaction of a check.
    static std::string transaction(const std::string& of_query) {
        return complete("BEGIN") + complete("SET") + complete("SET") + of_query +
               complete("COMMIT") + message('Z', "I");
    }

private:
    void serve() {
        int client = 0;
        while ((client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0) {
            play_(client);
            ::close(client);
        }
    }

    std::function<void(int)> play_;
    int socket_ = -1;
    int port_ = 0;
    std::thread thread_;
};

}  // namespace db
