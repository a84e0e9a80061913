/// base64 and RSA signatures. The only place that knows OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace clerk {

/// RFC 4648, 4 or 5, with or without padding; nullopt if it is anything else.
enum class Alphabet : bool { standard, url };
std::optional<std::string> decode_base64(std::string_view text, Alphabet alphabet);

/// Length of the big-endian number in bits.
int bits_of(const std::string& number);

/// Whether the exponent is one that RSA can use: odd, and at least 3.
bool is_rsa_exponent(const std::string& exponent);

/// Whether `signature` is RS256's (RSASSA-PKCS1-v1_5 with SHA-256) of `message` by the key n, e.
bool verifies_rs256(const std::string& n, const std::string& e, std::string_view message,
                    const std::string& signature);

}  // namespace clerk
