// Socket addresses.
#pragma once

#include <sys/socket.h>

#include <string>

namespace triage::net {

class Place;

struct Peer {
    sockaddr_storage address{};
    socklen_t size = 0;

    Peer(const sockaddr* where, socklen_t length);

    std::string host() const;  // numeric, without brackets
    std::string text() const;  // "127.0.0.1:80", "[::1]:80", "unix:/run/x.sock"

    // Whether there is a way to it from that place, null being where this thread is, by the routing
    // table there; nothing is sent.
    bool has_route(const Place* place = nullptr) const;
};

}  // namespace triage::net
