/// The CORS protocol of the Fetch standard (https://fetch.spec.whatwg.org/#http-cors-protocol):
/// would a browser let this answer through?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "answer.hpp"

namespace cors {

/// A call as a page would make it.
struct Call {
    std::string origin;                ///< serialised
    std::string method;                ///< as it is sent
    std::vector<std::string> headers;  ///< names that are not safelisted, in lower case
    bool credentials = false;          ///< cookies are sent
};

/// Why a browser blocks the call.
struct Objection {
    const triage::Code* code;
    std::string what;    ///< what was found, what is needed: part of a sentence
    std::string remedy;  ///< empty: the code's own
};

/// "CORS check" (4.10): Access-Control-Allow-Origin and -Credentials of any answer.
std::optional<Objection> origin_objection(const Call& call, const triage::Response& answer);

/// Where a browser that makes a call follows the answer to, if it is a redirect.
std::optional<std::string> redirect_of(const triage::Response& answer);

/// "CORS-preflight fetch" (4.8): the answer to OPTIONS.
std::optional<Objection> preflight_objection(const Call& call, const triage::Response& answer);

/// The elements of all headers of that name, a comma-separated list (RFC 9110, 5.6.1).
std::vector<std::string> list_of(const triage::Response& answer, std::string_view name);

/// Has any Access-Control-* header, or says that it depends on the origin: it comes from what knows
/// CORS, and not from authentication, a rate limit or a router before that.
bool speaks_cors(const triage::Response& answer);

/// Of `wanted`, the response headers that a page may not read.
std::vector<std::string> not_exposed(const Call& call, const triage::Response& answer,
                                     const std::vector<std::string>& wanted);

/// There is an answer, and it is no 5xx without CORS headers, which says nothing about them: it is
/// made outside of what sets them, in most servers.
bool says_something(const std::optional<Answer>& answer);

/// Access-Control-Max-Age of a preflight in seconds; nullopt if there is none that is valid.
std::optional<std::int64_t> max_age(const triage::Response& preflight);

/// A shared cache may keep the answer for another request (RFC 9111, 3 and 4.2.2).
bool may_be_cached(const triage::Response& answer);

/// The answer depends on the Origin header, and says so.
bool varies_by_origin(const triage::Response& answer);

}  // namespace cors
