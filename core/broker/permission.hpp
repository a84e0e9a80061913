// Whether a request may be made. Pure: values in, a reason out.
#pragma once

#include <optional>
#include <string>

#include "core/broker/broker.hpp"
#include "core/net/http.hpp"

namespace triage::broker {

struct Refusal {
    net::Failure failure = net::Failure::denied;  // or bad_request
    std::string detail;                           // what is not allowed
    std::string remedy;  // which line of the runbook would allow it, or empty
};

// Checks `request` against `permit` and normalises its URL, so that what is performed is what was
// checked. Nothing: it may be made.
std::optional<Refusal> check_request(net::Request& request, const Permit& permit);

// Same for the target of a redirect and the method that it is asked with.
std::optional<Refusal> check_redirect(const std::string& url, const std::string& method,
                                      const Permit& permit);

// Puts the secrets into the headers that name one. Call check_request first. True if there was any.
bool insert_secrets(net::Request& request, const Permit& permit);

}  // namespace triage::broker
