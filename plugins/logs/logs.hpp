/// The checks of the plugin `logs`. README.md is their manual page.
#pragma once

#include <triage/plugin.hpp>

namespace logs {

/// Adds `logs.scan`: errors, known signatures, the runbook's own patterns.
void add_scan(triage::Plugin& plugin);

}  // namespace logs
