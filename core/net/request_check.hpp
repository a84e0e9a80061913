// Looks at a request before anything is done with it.
#pragma once

#include <string>

#include "core/net/http.hpp"

namespace triage::net {

// What is malformed in the method, the headers or the files, for a person; empty: nothing. The URL
// is not looked at.
std::string malformed(const Request& request);

}  // namespace triage::net
