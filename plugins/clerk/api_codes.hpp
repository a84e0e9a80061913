/// What a protected API may do wrong; of clerk.api and clerk.token.
#pragma once

#include <string>

#include <triage/plugin.hpp>

namespace clerk::code {

using triage::Code;
using triage::Weight;

inline constexpr Code api_open{
    "clerk.api-open", Weight::fail, "The API answers without a token",
    "Look whether the path is a protected one, and whether the API's authentication is on"};
inline constexpr Code api_unexpected{
    "clerk.api-unexpected", Weight::fail, "Without a token the API does not say 401",
    "Look at the path: it must be one that demands a session; a 5xx is the API's own trouble, or "
    "its proxy's"};

}  // namespace clerk::code

namespace clerk {

/// 401, or 403 of APIs that say it instead.
inline bool refuses(const triage::Response& response) {
    return response.status() == 401 || response.status() == 403;
}

/// Why it is not the API itself that refuses with this answer, with what to do; "" if it is: an API
/// says it in JSON, asks for a Bearer token, or numbers its requests; a proxy shows a page.
std::string refused_by_another(const triage::Response& response);

/// Judges the answer to a request without a token. True if the API refuses it, as it should.
bool judge_without_token(triage::Context& ctx, const triage::Response& response,
                         std::string_view api);

}  // namespace clerk
