#include "health.hpp"

namespace {

triage::Plugin make_plugin() {
    triage::Plugin plugin("Answers whether HTTP services answer, and as they should");
    health::add_endpoint(plugin);
    health::add_pattern(plugin);
    return plugin;
}

}  // namespace

TRIAGE_PLUGIN(make_plugin());
