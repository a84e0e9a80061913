/// Asking the frontend API, or the backend API, for the key set.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <triage/plugin.hpp>

#include "jwks.hpp"

namespace clerk {

namespace code {
inline constexpr triage::Code jwks_status{
    "clerk.jwks-status", triage::Weight::fail, "The frontend API does not give its key set",
    "Look whether the host is this instance's frontend API (Clerk's dashboard: API keys), whether "
    "the instance still exists, and at Clerk's status page"};
inline constexpr triage::Code jwks_malformed{
    "clerk.jwks-malformed", triage::Weight::fail, "What the frontend API gives is no key set",
    "Look what answers at this address: a proxy, a sign-in page of the network, another service"};
inline constexpr triage::Code jwks_key{
    "clerk.jwks-key", triage::Weight::fail, "A key of the set cannot verify session tokens",
    "Look at the instance's keys in Clerk's dashboard; a custom proxy must not change the key set"};
}  // namespace code

/// What all requests of a check have in common.
struct Asking {
    std::vector<triage::Path> ca_file;
    std::chrono::microseconds timeout;
};

/// Declares the parameters of Asking for a P that derives from it.
template <class P>
void describe_asking(triage::Describe<P>& d) {
    d.optional("ca-file", static_cast<std::vector<triage::Path> P::*>(&P::ca_file),
               "Trust the CAs in this file (PEM), not the system's; a list, so that a variable "
               "can be empty")
        .at_most_one();
    d.optional("timeout", static_cast<std::chrono::microseconds P::*>(&P::timeout),
               std::chrono::seconds(3), "No answer to a request within this is a finding")
        .at_least(std::chrono::milliseconds(1));
}

/// Why the parameters make no sense, or "".
std::string wrong_asking(const Asking& asking);

/// A GET with what all have in common.
triage::Request request(const Asking& asking, std::string_view url);

/// What came of asking for a key set.
struct JwksAnswer {
    triage::Response response;
    triage::WallTime before, after;  ///< by this machine's clock
};
triage::Task<JwksAnswer> ask_jwks(triage::Context& ctx, triage::Request request);

/// Judges the frontend API's answer: transport, status, set, keys. Nullopt if there is no key in it
/// that could verify anything.
std::optional<KeySet> judge_frontend_jwks(triage::Context& ctx, const triage::Response& response,
                                          std::string_view subject);

/// The code in Clerk's own JSON for errors, `{"errors":[{"code":…}]}`; empty if it is none.
std::string clerk_error(const triage::Response& response);

/// What an answer looks like that was not expected, in a few words.
std::string describe_body(const triage::Response& response);

/// The codes that judge_frontend_jwks may find, beside transport's.
std::vector<triage::Code> jwks_codes(std::vector<triage::Code> more);

}  // namespace clerk
