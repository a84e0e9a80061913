/// The checks of the plugin `health`. README.md is their manual page.
#pragma once

#include <triage/plugin.hpp>

namespace health {

/// The whole name of a header (RFC 9110, 5.6.2), for declarations.
inline constexpr const char* header_name = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

/// Says of a table that it is headers to send: the host refuses what would break the message.
inline void headers_to_send(triage::Param& table) {
    table.key_pattern(header_name)
        .refuse_keys("(?i)content-length|transfer-encoding", "the host sets it: leave it out")
        .refuse("(?s).*[\\r\\n\\x00].*", "the value of a header is one line");
}

/// Adds `health.endpoint`: one request, looked at closely.
void add_endpoint(triage::Plugin& plugin);

/// Adds `health.pattern`: five requests at once, whose pattern tells layers apart.
void add_pattern(triage::Plugin& plugin);

}  // namespace health
