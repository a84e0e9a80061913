/// Comparing with words that are known when this is compiled.
#pragma once

#include <cstring>
#include <string_view>

namespace logs {

/// What starts_with() does, compared in place: GCC calls strlen() and memcmp() for each of them,
/// and every line is asked a dozen times.
template <std::size_t Size>
constexpr bool begins_with(std::string_view text, const char (&word)[Size]) {
    constexpr auto length = Size - 1;
    // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): the size goes with it
    return text.size() >= length && std::memcmp(text.data(), word, length) == 0;
}

}  // namespace logs
