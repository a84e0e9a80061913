#include "core/net/peer.hpp"

#include <netdb.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

#include "core/base/unique_fd.hpp"
#include "core/net/place.hpp"

namespace triage::net {

Peer::Peer(const sockaddr* where, socklen_t length)
    : size(std::min<socklen_t>(length, sizeof address)) {
    std::memcpy(&address, where, size);
}

std::string Peer::host() const {
    char text[NI_MAXHOST] = "";
    ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, text, sizeof text, nullptr, 0,
                  NI_NUMERICHOST);
    return text;
}

std::string Peer::text() const {
    if (address.ss_family == AF_UNIX) {
        sockaddr_un local{};
        std::memcpy(&local, &address, std::min<std::size_t>(size, sizeof local));
        return fmt::format("unix:{:.{}}", local.sun_path, sizeof local.sun_path);
    }
    char port[NI_MAXSERV] = "";
    ::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, nullptr, 0, port, sizeof port,
                  NI_NUMERICSERV);
    const bool is_v6 = address.ss_family == AF_INET6;
    return is_v6 ? fmt::format("[{}]:{}", host(), port) : fmt::format("{}:{}", host(), port);
}

bool Peer::has_route(const Place* place) const {
    if (address.ss_family == AF_UNIX) return true;
    // Connecting a datagram socket only looks the route up.
    constexpr int type = SOCK_DGRAM | SOCK_CLOEXEC;
    const base::UniqueFd socket(place == nullptr ? ::socket(address.ss_family, type, 0)
                                                 : place->socket(address.ss_family, type, 0));
    if (!socket) return errno != EAFNOSUPPORT;
    return ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0;
}

}  // namespace triage::net
