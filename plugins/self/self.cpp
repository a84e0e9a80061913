#include "self.hpp"

namespace {

triage::Plugin make_plugin() {
    triage::Plugin plugin("Answers whether it is this machine, before anything else is blamed");
    self::add_network(plugin);
    self::add_clock(plugin);
    self::add_resources(plugin);
    return plugin;
}

}  // namespace

TRIAGE_PLUGIN(make_plugin());
