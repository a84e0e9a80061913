/// A session token: what it says, and whether that is true. Its text is never reported.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <triage/plugin.hpp>

#include "frontend_api.hpp"
#include "jwks.hpp"

namespace clerk {

struct TokenParams : Asking {
    triage::Url frontend_api, api;
    triage::Secret token;
    std::string issuer;
    std::vector<std::string> authorized_parties;
    std::chrono::microseconds leeway;

    static void describe(triage::Describe<TokenParams>& d);
};

/// A JSON Web Token in its parts.
struct Token {
    std::string wrong;          ///< why it is none that can be taken, or empty
    std::string signed_text;    ///< what the signature is of
    std::string signature;      ///< decoded
    std::string alg, kid, iss;  ///< empty if absent
    std::optional<std::string> azp;
    std::optional<std::int64_t> exp, nbf, iat;
    bool has_sub = false;
};
Token parse_token(std::string_view text);

/// Whether the token is one that the API must take, as far as that can be known.
enum class Worth : std::uint8_t { unknown, good, bad, not_now };

/// The clocks: this machine's, and how far it is ahead of Clerk's if that is known.
struct Clocks {
    triage::WallTime now;
    std::optional<std::chrono::microseconds> skew;
};

/// Looks at all that the token says; without a key set, not at its signature.
Worth judge_token(triage::Context& ctx, const TokenParams& p, const Token& token,
                  const KeySet* keys, const Clocks& clocks);

/// What the API said, without a token and with it. Words for the summary.
std::string judge_api(triage::Context& ctx, const TokenParams& p, const triage::Response& without,
                      const triage::Response& with, Worth worth);

/// The codes of judge_token and of judge_api.
std::vector<triage::Code> token_codes();
std::vector<triage::Code> token_api_codes();

}  // namespace clerk
