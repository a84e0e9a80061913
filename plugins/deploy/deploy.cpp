#include "deploy.hpp"

namespace {

triage::Plugin make_plugin() {
    triage::Plugin plugin("Answers what runs, since when and of which version");
    deploy::add_containers(plugin);
    deploy::add_git(plugin);
    return plugin;
}

}  // namespace

TRIAGE_PLUGIN(make_plugin());
