// Loads a plugin's shared library: the only user of Boost.DLL.
#pragma once

#include <string>

#include <triage/abi.h>

#include "core/base/error.hpp"

namespace triage::plugin {

using Entry = const triage_plugin* (*)(const triage_host* host);

// Loads the library (all symbols resolved now, none given to others) and returns its entry
// function, or the loader's own words. It is never unloaded: what it has allocated or thrown may
// outlive any owner we could give it. Runs the library's static constructors. `path` is absolute.
base::Result<Entry> load_library(const std::string& path);

}  // namespace triage::plugin
