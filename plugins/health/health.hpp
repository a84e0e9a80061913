/// The checks of the plugin `health`. README.md is their manual page.
#pragma once

#include <triage/plugin.hpp>

namespace health {

/// The whole name of a header (RFC 9110, 5.6.2), for declarations.
inline constexpr const char* header_name = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

/// Adds `health.endpoint`: one request, looked at closely.
void add_endpoint(triage::Plugin& plugin);

/// Adds `health.pattern`: five requests at once, whose pattern tells layers apart.
void add_pattern(triage::Plugin& plugin);

}  // namespace health
