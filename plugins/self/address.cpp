#include "address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <triage/result.hpp>
#include <triage/text.hpp>

namespace self {
namespace {

std::string words_of(int error) { return std::generic_category().message(error); }

/// Those of connect() and socket() that mean that packets to there would not leave this machine.
bool is_no_route(int error) {
    return error == ENETUNREACH || error == EHOSTUNREACH || error == EADDRNOTAVAIL ||
           error == EACCES || error == EPERM || error == EINVAL || error == EAFNOSUPPORT ||
           error == ENETDOWN;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
    if (text.size() > 2 && text.front() == '[' && text.back() == ']')
        text = text.substr(1, text.size() - 2);
    const std::string copy(text);
    std::array<char, 16> bytes{};
    Address out;
    for (const int family : {AF_INET, AF_INET6}) {
        if (::inet_pton(family, copy.c_str(), bytes.data()) != 1) continue;
        out.family_ = family;
        out.bytes_.assign(bytes.data(), family == AF_INET ? 4 : 16);
        return out;
    }
    return std::nullopt;
}

std::optional<Address> Address::of(const sockaddr* address) {
    if (address == nullptr) return std::nullopt;
    Address out;
    out.family_ = address->sa_family;
    if (address->sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, address, sizeof in);
        out.bytes_.assign(reinterpret_cast<const char*>(&in.sin_addr), 4);
        return out;
    }
    if (address->sa_family != AF_INET6) return std::nullopt;
    sockaddr_in6 in6{};
    std::memcpy(&in6, address, sizeof in6);
    out.bytes_.assign(reinterpret_cast<const char*>(&in6.sin6_addr), 16);
    return out;
}

std::string Address::text() const {
    std::array<char, INET6_ADDRSTRLEN> out{};
    const auto* done =
        ::inet_ntop(family_, bytes_.data(), out.data(), static_cast<socklen_t>(out.size()));
    return done == nullptr ? "" : out.data();
}

bool Address::is_loopback() const {
    if (family_ == AF_INET) return bytes_[0] == 127 || bytes_ == std::string(4, '\0');
    if (bytes_.starts_with(std::string(10, '\0') + "\xff\xff")) return bytes_[12] == 127;
    return bytes_ == std::string(15, '\0') + '\1' || bytes_ == std::string(16, '\0');
}

bool Address::is_link_local() const {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes_[at]); };
    if (family_ == AF_INET) return byte(0) == 169 && byte(1) == 254;
    return byte(0) == 0xfe && (byte(1) & 0xc0) == 0x80;
}

std::optional<std::string> no_way_to(const Address& address) {
    const int fd = ::socket(address.family_, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        if (is_no_route(errno)) return words_of(errno);
        throw triage::CouldNotTell(
            triage::text("no socket to ask for a route with: ", words_of(errno)));
    }
    int error = 0;  // connect() of a datagram socket looks the route up, and sends nothing
    if (address.family_ == AF_INET) {
        sockaddr_in to{.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {}, .sin_zero = {}};
        std::memcpy(&to.sin_addr, address.bytes_.data(), 4);
        if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) error = errno;
    } else {
        sockaddr_in6 to{};
        to.sin6_family = AF_INET6;
        to.sin6_port = htons(9);
        std::memcpy(&to.sin6_addr, address.bytes_.data(), 16);
        if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) error = errno;
    }
    ::close(fd);
    if (error == 0) return std::nullopt;
    if (is_no_route(error)) return words_of(error);
    throw triage::CouldNotTell(
        triage::text("the route to ", address.text(), " cannot be asked for: ", words_of(error)));
}

}  // namespace self
