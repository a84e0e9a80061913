#include "cors.hpp"

namespace {

triage::Plugin make_plugin() {
    triage::Plugin plugin("Answers whether browsers let pages call an API");
    cors::add_policy(plugin);
    return plugin;
}

}  // namespace

TRIAGE_PLUGIN(make_plugin());
