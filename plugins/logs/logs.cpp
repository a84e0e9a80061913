#include "logs.hpp"

namespace {

triage::Plugin make_plugin() {
    triage::Plugin plugin("Answers what logs say is wrong, where, since when and how often");
    logs::add_scan(plugin);
    logs::add_requests(plugin);
    return plugin;
}

}  // namespace

TRIAGE_PLUGIN(make_plugin());
