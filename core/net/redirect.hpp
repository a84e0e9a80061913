// What to ask next when an answer sends elsewhere.
#pragma once

#include <string>

#include "core/base/error.hpp"
#include "core/base/url.hpp"
#include "core/net/http.hpp"

namespace triage::net {

// Where `location` points, seen from `from`: absolute and normalised, without user info.
base::Result<base::Url> resolve_location(const base::Url& from, const std::string& location);

// The method after a redirect with `status`, as browsers change it (RFC 9110, 15.4).
std::string redirected_method(const std::string& method, int status);

// Turns `request`, answered with `status` by `from`, into the one to be sent to `to`: with the
// method that it then has, and nothing that was meant for one origin to another.
void redirect_request(Request& request, int status, const base::Url& from, const base::Url& to);

}  // namespace triage::net
