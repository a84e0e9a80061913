#include <algorithm>

#include <triage/json.hpp>
#include <triage/web_url.hpp>

#include "clock.hpp"
#include "crypto.hpp"
#include "token.hpp"

namespace clerk {

using triage::Context;
using triage::text;

namespace code {
using triage::Code;
using triage::Weight;
namespace {

constexpr Code malformed{
    "clerk.token-malformed", Weight::fail, "What was supplied is no session token",
    "Copy the token from a signed-in browser: await Clerk.session.getToken() in its console"};
constexpr Code algorithm{"clerk.token-algorithm", Weight::fail,
                         "The token is not signed with RS256",
                         "Look who has made it: Clerk signs session tokens with RS256"};
constexpr Code unknown_key{
    "clerk.token-unknown-key", Weight::fail, "The key that signed the token is not in the key set",
    "The token is of another instance, or older than a change of its keys: sign out and in again, "
    "and compare the publishable key that the browser has"};
constexpr Code signature{"clerk.token-signature", Weight::fail, "The token's signature is wrong",
                         "It was changed or cut on its way: copy it anew"};
constexpr Code issuer{
    "clerk.token-issuer", Weight::fail, "The token's issuer is another frontend API",
    "Look which publishable key the browser's page has, and whether a proxy URL is configured on "
    "one side only"};
constexpr Code expired{"clerk.token-expired", Weight::fail, "The token has expired",
                       "A session token lives a minute: get a new one, and run this at once"};
constexpr Code not_yet{"clerk.token-not-yet", Weight::fail, "The token is not valid yet",
                       "Set the clocks by NTP: the token's times are Clerk's"};
constexpr Code claims{
    "clerk.token-claims", Weight::fail, "The token lacks claims that verifiers demand",
    "Use a session token, not one of a JWT template or a machine token, where a session is needed"};
constexpr Code authorized_party{
    "clerk.token-authorized-party", Weight::fail,
    "The token was made for a page that is not among the authorized parties",
    "Add the page's origin to the API's authorized parties, exactly as in the address bar"};

}  // namespace
}  // namespace code

std::vector<triage::Code> token_codes() {
    return {code::malformed,        code::algorithm,  code::unknown_key, code::signature,
            code::issuer,           code::expired,    code::not_yet,     code::claims,
            code::authorized_party, code::clock_wrong};
}

Token parse_token(std::string_view token) {
    Token result;
    const auto first = token.find('.');
    const auto second = first == token.npos ? first : token.find('.', first + 1);
    if (token.starts_with("sk_") || token.starts_with("pk_")) {
        result.wrong = "it is a key, not a token";
    } else if (token.empty() || second == token.npos || token.find('.', second + 1) != token.npos) {
        result.wrong =
            text("it has ", std::ranges::count(token, '.') + 1, " parts between dots, expected 3");
    }
    if (!result.wrong.empty()) return result;
    const auto head_text = decode_base64(token.substr(0, first), Alphabet::url);
    const auto body_text =
        decode_base64(token.substr(first + 1, second - first - 1), Alphabet::url);
    const auto signature = decode_base64(token.substr(second + 1), Alphabet::url);
    const auto head = head_text ? triage::Json::parse(*head_text) : std::nullopt;
    const auto body = body_text ? triage::Json::parse(*body_text) : std::nullopt;
    if (!head || !body || !signature || !head->is_object() || !body->is_object()) {
        result.wrong =
            "its parts are not JSON in base64: a part of it is missing, or there is more";
        return result;
    }
    if (head->has("/crit")) {  // RFC 7515, 4.1.11: whoever does not know them must refuse it
        result.wrong = text("its header demands extensions (crit: ",
                            triage::excerpt(head->text("/crit").value_or(""), 60),
                            "), which verifiers of session tokens do not know");
        return result;
    }
    result.signed_text = token.substr(0, second);
    result.signature = *signature;
    result.alg = head->string("/alg").value_or("");
    result.kid = head->string("/kid").value_or("");
    result.iss = body->string("/iss").value_or("");
    result.azp = body->string("/azp");
    result.exp = body->integer("/exp");
    result.nbf = body->integer("/nbf");
    result.iat = body->integer("/iat");
    result.has_sub = body->string("/sub").has_value();
    return result;
}

namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr std::chrono::minutes most_leeway{5};  // no API may allow more

class Judge {
public:
    Judge(Context& ctx, const TokenParams& p, const Token& token, const Clocks& clocks)
        : ctx_(ctx), p_(p), token_(token), clocks_(clocks) {}

    Worth worth() const {
        if (bad_) return Worth::bad;
        if (not_now_) return Worth::not_now;
        return verified_ ? Worth::good : Worth::unknown;
    }

    void signature(const KeySet* keys) {
        ctx_.evaluated(code::algorithm);
        if (token_.alg != "RS256") {
            bad(code::algorithm, text("it is signed with \"", triage::excerpt(token_.alg, 20),
                                      "\", expected RS256"));
            return;
        }
        if (keys == nullptr) return;
        ctx_.evaluated(code::unknown_key);
        const auto* key = keys->find(token_.kid);
        if (key == nullptr || !key->wrong.empty()) {
            bad(code::unknown_key, text("signed with key ", shown(token_.kid),
                                        ", the frontend API has ", list(keys->kids())));
            return;
        }
        ctx_.evaluated(code::signature);
        verified_ = verifies_rs256(key->n, key->e, token_.signed_text, token_.signature);
        if (!verified_) {
            bad(code::signature, text("it is not what key ", shown(token_.kid), " has signed"));
        }
    }

    void issuer() {
        ctx_.evaluated(code::issuer);
        const auto expected =
            triage::parse_web_url(p_.issuer.empty() ? p_.frontend_api.str() : p_.issuer);
        const auto issuer = triage::parse_web_url(token_.iss);
        if (expected && issuer && expected->host_port() == issuer->host_port()) return;
        bad(code::issuer, text("its issuer is ", shown(token_.iss), ", expected ",
                               expected ? expected->host_port() : p_.issuer));
    }

    void claims() {
        ctx_.evaluated(code::claims);
        std::vector<std::string> missing;
        if (!token_.exp) missing.emplace_back("exp");
        if (!token_.iat) missing.emplace_back("iat");
        if (!token_.nbf) missing.emplace_back("nbf");
        if (!token_.has_sub) missing.emplace_back("sub");
        if (!missing.empty()) bad(code::claims, "it has no " + list(missing));
    }

    void authorized_party() {
        if (p_.authorized_parties.empty()) return;
        ctx_.evaluated(code::authorized_party);
        if (token_.azp &&
            std::ranges::find(p_.authorized_parties, *token_.azp) != p_.authorized_parties.end()) {
            return;
        }
        bad(code::authorized_party,
            text(token_.azp ? "it was made for " + shown(*token_.azp) : "it has no azp",
                 ", authorized are ", list(p_.authorized_parties)));
    }

    /// By this machine's clock; where that is off and Clerk's clock finds the token good, it is the
    /// clock that is wrong.
    void times() {
        ctx_.evaluated(code::expired, code::not_yet);
        if (clocks_.skew) ctx_.evaluated(code::clock_wrong);
        const auto* late = late_or_early(clocks_.now);
        if (late == nullptr) return;
        not_now_ = true;
        const auto by_clerk = clocks_.skew ? late_or_early(clocks_.now - *clocks_.skew) : late;
        if (by_clerk == nullptr) {
            not_now_ = false;
            ctx_.found(code::clock_wrong, "clock",
                       text("this clock is ", describe_skew(*clocks_.skew),
                            " Clerk's, by which the token is valid: here it is ",
                            late == &code::expired ? "expired" : "not valid yet"));
            return;
        }
        const auto bound = late == &code::expired ? *token_.exp : earliest();
        const auto off = std::chrono::abs(clocks_.now - at(bound));
        if (off > most_leeway) bad_ = true;
        found(*late, late == &code::expired ? text("it expired ", off, " ago")
                                            : text("it is valid in ", off, " only"));
    }

private:
    static triage::WallTime at(std::int64_t seconds_since_1970) {
        constexpr std::int64_t most = 253402300799;  // the year 9999: no overflow of microseconds
        return triage::WallTime(seconds(std::clamp<std::int64_t>(seconds_since_1970, 0, most)));
    }

    std::int64_t earliest() const {
        return std::max(token_.nbf.value_or(0), token_.iat.value_or(0));
    }

    const triage::Code* late_or_early(triage::WallTime now) const {
        if (token_.exp && now >= at(*token_.exp) + p_.leeway) return &code::expired;
        if (now < at(earliest()) - p_.leeway) return &code::not_yet;
        return nullptr;
    }

    static std::string shown(const std::string& value) {
        return value.empty() ? "absent" : text("\"", triage::excerpt(value, 80), "\"");
    }

    void found(const triage::Code& code, const std::string& message) {
        auto finding = ctx_.found(code, "token", message);
        if (!token_.kid.empty()) finding.evidence("kid", triage::excerpt(token_.kid, 80));
        if (!token_.iss.empty()) finding.evidence("iss", triage::excerpt(token_.iss, 80));
        if (token_.azp) finding.evidence("azp", triage::excerpt(*token_.azp, 80));
        if (token_.exp) finding.evidence("exp", *token_.exp);
    }

    void bad(const triage::Code& code, const std::string& message) {
        bad_ = true;
        found(code, message);
    }

    Context& ctx_;
    const TokenParams& p_;
    const Token& token_;
    const Clocks& clocks_;
    bool bad_ = false, not_now_ = false, verified_ = false;
};

}  // namespace

Worth judge_token(Context& ctx, const TokenParams& p, const Token& token, const KeySet* keys,
                  const Clocks& clocks) {
    ctx.evaluated(code::malformed);
    if (!token.wrong.empty()) {
        ctx.found(code::malformed, "token", token.wrong);
        return Worth::bad;
    }
    Judge judge(ctx, p, token, clocks);
    judge.signature(keys);
    judge.issuer();
    judge.claims();
    judge.authorized_party();
    judge.times();
    return judge.worth();
}

}  // namespace clerk
