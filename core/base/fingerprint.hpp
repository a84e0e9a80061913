// Whether two texts are the same, told without the texts.
#pragma once

#include <string>
#include <string_view>

namespace triage::base {

// 16 hexadecimal digits of BLAKE2b (RFC 7693), keyed with the first 64 bytes of `key`. With a key
// that nobody else knows it can be shown even if `text` is a short secret: without the key nobody
// can try words until one fits.
std::string fingerprint(std::string_view key, std::string_view text);

}  // namespace triage::base
