/// The checks of the plugin `cors`. README.md is their manual page.
#pragma once

#include <triage/plugin.hpp>

namespace cors {

/// Adds `cors.policy`: what browsers ask of the API, and whether its answers let them.
void add_policy(triage::Plugin& plugin);

}  // namespace cors
