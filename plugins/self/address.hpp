/// Internet addresses, and whether there is a way to them.
#pragma once

#include <netinet/in.h>

#include <optional>
#include <string>
#include <string_view>

namespace self {

/// An IPv4 or IPv6 address, without a port.
class Address {
public:
    /// "192.0.2.1", "2001:db8::1" or "[2001:db8::1]"; anything else is none.
    static std::optional<Address> parse(std::string_view text);
    /// Of a socket address; none if it is of another family.
    static std::optional<Address> of(const sockaddr* address);

    std::string text() const;
    bool is_loopback() const;
    bool is_link_local() const;

    friend bool operator==(const Address&, const Address&) = default;

private:
    friend std::optional<std::string> no_way_to(const Address& address);
    int family_ = AF_INET;
    std::string bytes_;  // in network order: 4 or 16
};

/// Why the kernel has no route to it ("Network is unreachable"), or nothing if it has one. Sends
/// nothing. Throws triage::CouldNotTell if it cannot be asked.
std::optional<std::string> no_way_to(const Address& address);

}  // namespace self
