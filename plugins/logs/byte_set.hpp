/// Some bytes to look for in a text.
#pragma once

#include <array>
#include <string_view>

namespace logs {

/// What std::string_view's find_first_of() and find_first_not_of() do, without a call of memchr()
/// for each byte: every line that counts is looked at with several of these.
class ByteSet {
public:
    explicit constexpr ByteSet(std::string_view bytes) {
        for (const char c : bytes)
            has_.at(static_cast<unsigned char>(c)) = true;
    }

    constexpr bool has(char c) const { return has_[static_cast<unsigned char>(c)]; }
    /// The first byte at or behind `at` that is one of them, or that is none; npos: there is none.
    constexpr std::size_t first_in(std::string_view text, std::size_t at = 0) const {
        return first(text, at, true);
    }
    constexpr std::size_t first_not_in(std::string_view text, std::size_t at = 0) const {
        return first(text, at, false);
    }

private:
    constexpr std::size_t first(std::string_view text, std::size_t at, bool wanted) const {
        for (; at < text.size(); ++at)
            if (has(text[at]) == wanted) return at;
        return std::string_view::npos;
    }

    std::array<bool, 256> has_{};
};

}  // namespace logs
