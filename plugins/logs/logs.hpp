/// The checks of the plugin `logs`. README.md is their manual page.
#pragma once

#include <triage/plugin.hpp>

namespace logs {

/// Adds `logs.scan`: errors, known signatures, the runbook's own patterns.
void add_scan(triage::Plugin& plugin);

/// Adds `logs.requests`: how requests ended, by route and client.
void add_requests(triage::Plugin& plugin);

}  // namespace logs
