/// How long the server's certificate is valid yet.
#pragma once

#include <triage/plugin.hpp>

#include "endpoint.hpp"

namespace health {

/// "2026-12-24", in UTC, of seconds since 1970.
std::string date_of(std::int64_t seconds);

/// Judges the first certificate of the chain, if the response has one; a fact says its last day.
void judge_certificate(const EndpointParams& params, triage::Context& ctx,
                       const triage::Response& response);

}  // namespace health
