/// URLs that servers send: where they lead, and what their query says. The only place that knows
/// the URL library.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace clerk {

/// An http or https URL, in parts. Scheme and host are in lower case.
struct Link {
    std::string text;  ///< all of it
    std::string scheme, host, port;
    std::string path;  ///< as written

    /// As browsers write it: no default port.
    std::string origin() const;
    /// Host, and the port if it is not the scheme's own.
    std::string host_port() const;
    /// The first query parameter of that name, decoded.
    std::optional<std::string> query(std::string_view name) const;
    /// Origin and path: queries may hold tokens.
    std::string shown() const { return origin() + path; }
};

/// Nullopt if it is no absolute http or https URL.
std::optional<Link> parse_link(std::string_view text);

/// A Location header, which may be relative to where it came from.
std::optional<Link> resolve_link(const Link& base, std::string_view location);

/// Whether the text is a host name with a dot in it, or an address, perhaps with a port.
bool is_host(std::string_view text);

}  // namespace clerk
