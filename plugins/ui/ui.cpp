#include "ui.hpp"

namespace {

triage::Plugin make_plugin() {
    triage::Plugin plugin("Answers whether a UI is whole, and calls the API that it should");
    ui::add_build(plugin);
    return plugin;
}

}  // namespace

TRIAGE_PLUGIN(make_plugin());
