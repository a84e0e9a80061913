#include "jwks.hpp"

#include <algorithm>

#include <triage/json.hpp>
#include <triage/text.hpp>

#include "crypto.hpp"

namespace clerk {
namespace {

using triage::Json;
using triage::text;

constexpr int least_bits = 2048;  // RFC 7518, 3.3
constexpr int most_bits = 16384;  // OpenSSL verifies with no larger one
constexpr std::size_t most_shown = 4;

class JwkReader {
public:
    JwkReader(const Json& json, std::size_t index) : json_(json), at_(text("/keys/", index, "/")) {}

    Jwk read() {
        Jwk key;
        key.kid = member("kid");
        key.n = decode_base64(member("n"), Alphabet::url).value_or("");
        key.e = decode_base64(member("e"), Alphabet::url).value_or("");
        key.bits = bits_of(key.n);
        key.wrong = wrong(key);
        return key;
    }

private:
    std::string member(const char* name) const {
        return std::string(json_.string(at_ + name).value_or(""));
    }

    std::string wrong(const Jwk& key) const {
        const auto kty = member("kty"), alg = member("alg"), use = member("use");
        if (key.kid.empty()) return "it has no kid";
        if (kty != "RSA") return text("its type is \"", triage::excerpt(kty, 20), "\", not RSA");
        if (!alg.empty() && alg != "RS256") {
            return text("its algorithm is \"", triage::excerpt(alg, 20), "\", not RS256");
        }
        if (!use.empty() && use != "sig") {
            return text("its use is \"", triage::excerpt(use, 20), "\", not sig");
        }
        if (json_.has(at_ + "d")) return "its private part is published";
        if (key.n.empty() || !is_rsa_exponent(key.e)) return "its numbers n and e cannot be read";
        if (key.bits < least_bits || key.bits > most_bits) {
            return text("it has ", key.bits, " bits, expected ", least_bits, " to ", most_bits);
        }
        return "";
    }

    const Json& json_;
    std::string at_;
};

}  // namespace

const Jwk* KeySet::find(std::string_view kid) const {
    const auto found = std::ranges::find(keys, kid, &Jwk::kid);
    return found == keys.end() ? nullptr : &*found;
}

std::vector<std::string> KeySet::kids() const {
    std::vector<std::string> result;
    for (const auto& key : keys) {
        if (key.wrong.empty()) result.push_back(key.kid);
    }
    return result;
}

KeySet parse_key_set(std::string_view body) {
    KeySet set;
    std::string why;
    const auto json = triage::Json::parse(body, &why);
    if (!json) {
        set.wrong = "it is not JSON: " + why;
        return set;
    }
    const auto size = json->array_size("/keys");
    if (!size || *size == 0) {
        set.wrong = size ? "its list of keys is empty" : "it has no list \"keys\"";
        return set;
    }
    for (std::size_t i = 0; i < *size; ++i) {
        auto key = JwkReader(*json, i).read();
        if (key.wrong.empty() && set.find(key.kid) != nullptr) {
            key.wrong = "another key has the same kid";
        }
        set.keys.push_back(std::move(key));
    }
    return set;
}

std::string list(const std::vector<std::string>& names) {
    if (names.empty()) return "none";
    std::string result;
    for (std::size_t i = 0; i < names.size() && i < most_shown; ++i) {
        result += (i == 0 ? "" : ", ") + triage::excerpt(names[i], 60);
    }
    return names.size() > most_shown ? text(result, " and ", names.size() - most_shown, " more")
                                     : result;
}

}  // namespace clerk
