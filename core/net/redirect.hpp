// What to ask next when an answer sends elsewhere.
#pragma once

#include <string>

#include "core/base/error.hpp"
#include "core/base/url.hpp"
#include "core/net/http.hpp"

namespace triage::net {

// Where `location` points, seen from `from`: absolute and normalised, without user info.
base::Result<base::Url> resolve_location(const base::Url& from, const std::string& location);

// Turns `request`, answered with `status` by `from`, into the one to be sent to `to`: the method as
// browsers change it (RFC 9110, 15.4), and nothing that was meant for one origin to another.
void redirect_request(Request& request, int status, const base::Url& from, const base::Url& to);

}  // namespace triage::net
