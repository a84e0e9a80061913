/// One pattern and its groups, for lines that a search has already found. The only place that knows
/// PCRE2.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

namespace logs {

/// A compiled pattern of PCRE2; may be used by several threads at once.
class Regex {
public:
    /// Throws std::invalid_argument if the pattern is none.
    explicit Regex(const char* pattern);
    Regex(Regex&&) noexcept;
    Regex& operator=(Regex&&) noexcept;
    ~Regex();

    /// Is it in `text`? `groups` are then the match and its groups, empty where one took no part.
    /// Gives up on a text that would take long, and says no.
    bool search(std::string_view text, std::vector<std::string_view>& groups) const;

private:
    struct Code;
    std::unique_ptr<Code> code_;
};

}  // namespace logs
