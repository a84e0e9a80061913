#include "db.hpp"

namespace {

triage::Plugin make_plugin() {
    triage::Plugin plugin("Answers whether PostgreSQL is reachable, the right one and well");
    db::add_reachable(plugin);
    db::add_sessions(plugin);
    db::add_health(plugin);
    db::add_migrations(plugin);
    return plugin;
}

}  // namespace

TRIAGE_PLUGIN(make_plugin());
