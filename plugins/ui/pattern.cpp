#include "pattern.hpp"

#include <algorithm>

#include <re2/re2.h>

namespace ui {

struct Pattern::Compiled {
    explicit Compiled(const std::string& text) : re(text, RE2::Quiet) {}
    RE2 re;
};

Pattern::Pattern(const std::string& text) : compiled_(std::make_unique<Compiled>(text)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

bool Pattern::has_group() const {
    return compiled_->re.ok() && compiled_->re.NumberOfCapturingGroups() > 0;
}

std::vector<std::string> Pattern::values_in(std::string_view script) const {
    constexpr std::size_t most = 10;
    std::vector<std::string> out;
    const re2::StringPiece text(script.data(), script.size());
    std::size_t at = 0;
    re2::StringPiece found[2];
    while (out.size() < most && at <= text.size() &&
           compiled_->re.Match(text, at, text.size(), RE2::UNANCHORED, found, 2)) {
        std::string value(found[1].data(), found[1].size());
        if (std::ranges::find(out, value) == out.end()) out.push_back(std::move(value));
        at = static_cast<std::size_t>(found[0].end() - text.begin()) + (found[0].empty() ? 1 : 0);
    }
    return out;
}

}  // namespace ui
