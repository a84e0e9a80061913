/// What makes lines alike: everything that changes from one occurrence to the next taken out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace logs {

/// What comes behind so many bytes of a text makes no difference.
inline constexpr std::size_t max_masked = 1024;

/// A text with numbers, ids, hex, UUIDs, addresses and quoted values replaced by "#" and "'#'".
/// Words are kept, and short versions ("v1").
std::string masked(std::string_view text);

/// The same for texts that are alike: a hash of masked(), without making it.
std::uint64_t likeness(std::string_view text);

}  // namespace logs
