#include "core/base/fingerprint.hpp"

#include <blake2.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace triage::base {

std::string fingerprint(std::string_view key, std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::uint8_t, 8> hash{};
    blake2b(hash.data(), text.data(), key.data(), hash.size(), text.size(),
            std::min<std::size_t>(key.size(), BLAKE2B_KEYBYTES));
    std::string out;
    for (const unsigned byte : hash) {
        out += digits[byte / 16];
        out += digits[byte % 16];
    }
    return out;
}

}  // namespace triage::base
