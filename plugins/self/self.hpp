/// The checks of the plugin `self`. README.md is their manual page.
#pragma once

#include <triage/plugin.hpp>

namespace self {

/// Adds `self.network`: can this machine get to what the run will look at?
void add_network(triage::Plugin& plugin);

/// Adds `self.clock`: is this machine's clock right?
void add_clock(triage::Plugin& plugin);

/// Adds `self.resources`: has this machine what triage needs to look?
void add_resources(triage::Plugin& plugin);

}  // namespace self
