/// One pattern and its groups, for lines that a search has already found. The only place that knows
/// PCRE2.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace logs {

/// A compiled pattern of PCRE2; may be used by several threads at once.
class Regex {
public:
    /// What it is searched in. Lines end where their text ends: `$` is not before a line break. Of
    /// UTF-8 a letter may be several bytes; what is broken of it is no letter, or is told.
    enum class Of : std::uint8_t { text, lines, utf8_lines, broken_utf8_lines };
    /// Throws std::invalid_argument, with what is wrong, if the pattern is none.
    explicit Regex(const char* pattern, Of of = Of::text);
    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;
    ~Regex();

    /// Is it in `text`? `groups` are then the match and its groups, empty where one took no part.
    /// Gives up on a text that would take long, and says no.
    bool search(std::string_view text, std::vector<std::string_view>& groups) const;
    /// Is it in `text`? nullopt if the text is not what it was to be, UTF-8.
    std::optional<bool> find(std::string_view text) const;

private:
    struct Code;
    std::unique_ptr<Code> code_;
};

}  // namespace logs
