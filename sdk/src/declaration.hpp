/// Judges a plugin's descriptor.
#pragma once

#include <string>
#include <vector>

#include <triage/abi.h>

namespace triage::testing {

/// One sentence for everything that is wrong with it; empty if nothing is.
std::vector<std::string> judge_declaration(const triage_plugin& plugin);

}  // namespace triage::testing
