/// What cors.policy can find and learn.
#pragma once

#include <triage/declare.hpp>

namespace cors::code {

using triage::Code;
using triage::Weight;

inline constexpr Code no_answer{
    "cors.no-answer", Weight::fail, "The API does not answer, so its CORS rules are not known",
    "Look at the API first: without an answer this is no CORS problem, whatever the browser says"};
inline constexpr Code server_error{
    "cors.server-error", Weight::fail,
    "The API answers 5xx without CORS headers: browsers call that a CORS error, and it is none",
    "Leave the CORS settings alone and look for the cause of the 5xx: database, upstream, proxy"};
inline constexpr Code mixed_content{
    "cors.mixed-content", Weight::fail,
    "The page is https and the API http: browsers block the call before it is sent",
    "Serve the API over https and build the UI with that URL"};
inline constexpr Code disabled{
    "cors.disabled", Weight::fail, "The API sends no CORS headers at all",
    "Set the allowed origins (CORS_ORIGINS) and restart the API; look whether a proxy drops "
    "OPTIONS requests"};
inline constexpr Code origin_not_allowed{
    "cors.origin-not-allowed", Weight::fail, "The API does not allow the UI's origin",
    "Add the origin, exactly as in the browser's address bar (no slash at the end), to the "
    "allowed origins (CORS_ORIGINS) and restart the API"};
inline constexpr Code origin_near_miss{
    "cors.origin-near-miss", Weight::fail,
    "The API allows an origin that differs from the UI's by a detail",
    "Write the origin into the allowed ones (CORS_ORIGINS) byte for byte as browsers send it, and "
    "restart the API"};
inline constexpr Code settings_not_used{
    "cors.settings-not-used", Weight::fail,
    "The settings list the UI's origin, and the API refuses it: it runs with other ones",
    "Restart or redeploy the API; if that does not help, another setting wins: Compose's "
    "`environment:` goes before backend/.env"};
inline constexpr Code several_origins{
    "cors.several-origins", Weight::fail,
    "Access-Control-Allow-Origin comes twice, or with several values; browsers accept one",
    "Let either the application or the proxy set it, not both"};
inline constexpr Code preflight_redirect{
    "cors.preflight-redirect", Weight::fail,
    "The preflight is redirected; browsers do not follow that",
    "Call the URL that the redirect leads to (scheme, slash at the end), or exempt OPTIONS"};
inline constexpr Code preflight_status{
    "cors.preflight-status", Weight::fail,
    "The preflight is not answered by the CORS rules, or not with 2xx",
    "Look at what answers OPTIONS: its status must be 2xx, with the CORS headers"};
inline constexpr Code method_not_allowed{"cors.method-not-allowed", Weight::fail,
                                         "A method that the UI uses is not allowed",
                                         "Add it to the allowed methods, in capitals"};
inline constexpr Code header_not_allowed{
    "cors.header-not-allowed", Weight::fail, "A header that the UI sends is not allowed",
    "Add it to the allowed headers; `*` does not cover Authorization, nor calls with credentials"};
inline constexpr Code credentials{
    "cors.credentials", Weight::fail, "Calls with cookies are not allowed",
    "Send Access-Control-Allow-Credentials: true, and the origin itself instead of *"};
inline constexpr Code response_blocked{
    "cors.response-blocked", Weight::fail,
    "The answer itself lacks the CORS headers, so that pages cannot read it",
    "Send the CORS headers with every answer, errors too (nginx: add_header … always)"};
inline constexpr Code redirected{
    "cors.redirected", Weight::warn,
    "The call is redirected: what browsers are told at its target was not asked",
    "Let pages call the URL that the redirect leads to, and give it to this check"};
inline constexpr Code not_exposed{"cors.not-exposed", Weight::warn,
                                  "A response header that the UI reads is not exposed to it",
                                  "Add it to Access-Control-Expose-Headers"};
inline constexpr Code no_vary{
    "cors.no-vary", Weight::warn,
    "The answer names one origin and may be cached, but lacks Vary: Origin",
    "Send Vary: Origin, or a cache will give one origin's answer to another"};
inline constexpr Code any_origin{"cors.any-origin", Weight::warn,
                                 "Any page on the web may call the API",
                                 "List the origins that need it"};
inline constexpr Code any_origin_with_credentials{
    "cors.any-origin-with-credentials", Weight::warn,
    "Any page on the web may call the API with the visitor's cookies",
    "List the origins that need it: echoing whatever Origin comes is no check at all"};

}  // namespace cors::code

namespace cors::fact {

inline constexpr triage::Fact<std::int64_t> max_age{
    "max_age", "How long browsers keep a preflight's answer, in seconds; of several the least"};
inline constexpr triage::Fact<bool> any_origin{"any_origin", "Any page on the web is let through"};

}  // namespace cors::fact
