/// Addresses that a page and its scripts name. The only place that knows the URL library.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ui {

/// An http or https URL, in parts. Scheme and host are in lower case.
struct Address {
    std::string scheme, host, port;  ///< the port is always there
    std::string path;                ///< without slashes at its end: "" or "/api/v1"
    bool has_user = false;           ///< "user:password@" before the host, even if empty
    bool has_query = false;          ///< "?", even if nothing follows
    bool has_fragment = false;       ///< "#", even if nothing follows

    /// As browsers write it: no default port.
    std::string origin() const;
    /// Of this machine, whichever that is: localhost, 127.0.0.0/8, [::1].
    bool is_loopback() const;
    /// A name that only the network of some containers or a search domain gives a meaning:
    /// "backend", "db.internal".
    bool is_internal() const;
};

/// Nullopt if it is no absolute http or https URL with a host.
std::optional<Address> parse_address(std::string_view text);

/// The same service, as far as names tell: all names of the loopback are one.
bool same_origin(const Address& one, const Address& other);

/// What `reference`, in a page at `base`, leads to, without a fragment: as browsers read it, which
/// take more than RFC 3986 does. Nullopt if that is no http or https URL, or a very long one.
std::optional<std::string> resolve(std::string_view base, std::string_view reference);

}  // namespace ui
