/// The checks of the plugin `db`. README.md is their manual page.
#pragma once

#include <triage/plugin.hpp>

namespace db {

/// Adds `db.reachable`: one login, phase by phase, and who answers.
void add_reachable(triage::Plugin& plugin);

/// Adds `db.sessions`: connections, transactions, queries, locks.
void add_sessions(triage::Plugin& plugin);

/// Adds `db.health`: what makes a server unfit or will: recovery, clock, replication, wraparound.
void add_health(triage::Plugin& plugin);

/// Adds `db.migrations`: the schema's revision.
void add_migrations(triage::Plugin& plugin);

}  // namespace db
