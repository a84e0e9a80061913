/// The checks of the plugin, each in a file of its own.
#pragma once

#include <triage/plugin.hpp>

namespace deploy {

/// deploy.containers: do they run, since when, of which image?
void add_containers(triage::Plugin& plugin);
/// deploy.git: which commit is checked out?
void add_git(triage::Plugin& plugin);

}  // namespace deploy
