/// The checks of the plugin `health`. README.md is their manual page.
#pragma once

#include <triage/plugin.hpp>

namespace health {

/// Adds `health.endpoint`: one request, looked at closely.
void add_endpoint(triage::Plugin& plugin);

/// Adds `health.pattern`: five requests at once, whose pattern tells layers apart.
void add_pattern(triage::Plugin& plugin);

}  // namespace health
