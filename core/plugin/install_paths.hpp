// Where the parts of the installation are that this program belongs to.
#pragma once

#include <string>

namespace triage::plugin {

// ../lib/triage/NAME as seen from the running program's own folder; an absolute path.
std::string installed(const std::string& name);

}  // namespace triage::plugin
