/// Patterns that find a setting in a script. The only place that knows the library for regular
/// expressions.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ui {

/// An expression of RE2 with a group, which is the setting's value. Immutable.
class Pattern {
public:
    /// `text` is one that the host has validated.
    explicit Pattern(const std::string& text);
    Pattern(Pattern&&) noexcept;
    Pattern& operator=(Pattern&&) noexcept;
    ~Pattern();

    /// It can be read, and has a group.
    bool has_group() const;
    /// What the group holds at each place where it fits; each value once, ten of them at most.
    std::vector<std::string> values_in(std::string_view script) const;

private:
    struct Compiled;
    std::unique_ptr<Compiled> compiled_;
};

}  // namespace ui
