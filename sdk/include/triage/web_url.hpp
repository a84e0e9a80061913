/// triage/web_url.hpp: http and https URLs that pages, scripts and servers name, for checks that
/// look at where they lead. Needs the archive triage::sdk-url. Not part of <triage/plugin.hpp>.
///
/// A parameter of type triage::Url has been read by the host; these texts come from targets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace triage {

/// An http or https URL, in parts. Scheme and host are in lower case.
struct WebUrl {
    std::string text;                ///< as written, without its fragment
    std::string scheme, host, port;  ///< an IPv6 address in brackets; the port is always there
    std::string path;                ///< as written; "/" if there is none
    bool has_user = false;           ///< "user:password@" before the host, even if empty
    bool has_query = false;          ///< "?", even if nothing follows
    bool has_fragment = false;       ///< "#", even if nothing follows

    /// As browsers write it: no default port.
    std::string origin() const;
    /// The same without the scheme.
    std::string host_port() const;
    /// Origin and path: a query may hold tokens.
    std::string shown() const { return origin() + path; }
    /// The first parameter of that name in the query, decoded.
    std::optional<std::string> parameter(std::string_view name) const;
    /// Of this machine, whichever that is: localhost, 127.0.0.0/8, [::1].
    bool is_loopback() const;
};

/// As RFC 3986 has it. Nullopt if it is no absolute http or https URL with a host.
std::optional<WebUrl> parse_web_url(std::string_view text);

/// What `reference` leads to, in a page or a Location header of `base`, without a fragment: as
/// browsers read it (URL, "basic URL parser"), which take more than RFC 3986 does. Nullopt if that
/// is no http or https URL, or one of more than 8 KiB.
std::optional<WebUrl> resolve_web_url(std::string_view base, std::string_view reference);

}  // namespace triage
