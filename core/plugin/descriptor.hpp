// From a plugin's C descriptor to what the host knows of it.
#pragma once

#include <string>

#include <triage/abi.h>

#include "core/base/error.hpp"
#include "core/model/schema.hpp"

namespace triage::plugin {

// Copies what the descriptor says. Fails if it cannot be read as this ABI's: a size too small, a
// required pointer that is NULL, an unknown type, not exactly one of step and run. The error names
// the member ("check 'api', parameter 2: doc is NULL"). What the copies say is judged by
// check_info(). `capabilities` stays empty: that is the note's.
base::Result<model::PluginInfo> describe(const triage_plugin* plugin, const std::string& path);

// Judges names, texts and values: patterns, lengths, UTF-8, unique names, codes that begin with the
// plugin's id, defaults, bounds and examples that are JSON of the parameter's type. Used by the
// host on what a worker says, so it expects anything.
base::Result<void> check_info(const model::PluginInfo& info);

}  // namespace triage::plugin
