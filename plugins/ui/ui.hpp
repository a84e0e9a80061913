/// The checks of the plugin `ui`. README.md is their manual page.
#pragma once

#include <triage/plugin.hpp>

namespace ui {

/// Adds `ui.build`: a page with what it loads, and the settings that it was built with.
void add_build(triage::Plugin& plugin);

}  // namespace ui
