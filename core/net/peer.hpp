// Socket addresses.
#pragma once

#include <sys/socket.h>

#include <string>

namespace triage::net {

struct Peer {
    sockaddr_storage address{};
    socklen_t size = 0;

    Peer(const sockaddr* where, socklen_t length);

    std::string host() const;  // numeric, without brackets
    std::string text() const;  // "127.0.0.1:80", "[::1]:80", "unix:/run/x.sock"

    // Whether this machine knows a way there, by its own routing table; nothing is sent.
    bool has_route() const;
};

}  // namespace triage::net
