/// A key set (RFC 7517): its keys, and which of them session tokens can be verified with.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace clerk {

/// One key. Numbers are big-endian, and empty where they could not be read.
struct Jwk {
    std::string kid, n, e;
    int bits = 0;
    std::string wrong;  ///< why no session token can be verified with it, or empty
};

/// A key set, or why there is none.
struct KeySet {
    std::vector<Jwk> keys;
    std::string wrong;  ///< empty: there is at least one key, good or bad

    const Jwk* find(std::string_view kid) const;
    /// The ids of its good keys.
    std::vector<std::string> kids() const;
};

/// Reads the body of an answer.
KeySet parse_key_set(std::string_view body);

/// The first few, with commas: for evidence.
std::string list(const std::vector<std::string>& names);

}  // namespace clerk
