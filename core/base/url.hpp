// URLs and origins, by Boost.URL in one source file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace triage::base {

// An absolute http or https URL, taken apart and normalised (scheme and host in lower case).
struct Url {
    std::string scheme;      // "http" or "https"
    std::string user_info;   // "user:password" as written, or empty
    std::string host;        // without the brackets of an IPv6 literal
    std::uint16_t port = 0;  // the scheme's default if none is written
    std::string path;        // starts with "/"
    std::string query;       // without "?", percent-encoded as written

    // "https://example.com" or "http://[::1]:8000": the port only if it is not the default (RFC
    // 6454).
    std::string origin() const;
    // The whole URL without user info and fragment, fit to be requested.
    std::string request_url() const;
};

// Says what was found and expected when `text` is not such a URL.
Result<Url> parse_url(std::string_view text);

// Why `text` is not such a URL, without any part of it: it may be a secret. "its port is not a
// number from 1 to 65535"; empty if it is one, or if there is nothing to say but that it is none.
std::string_view why_not_a_url(std::string_view text);

// "host:port", "[::1]:5432".
struct Endpoint {
    std::string host;
    std::uint16_t port = 0;
};
Result<Endpoint> parse_endpoint(std::string_view text);

}  // namespace triage::base
