// The only user of RE2 in this folder.
#include <fmt/format.h>
#include <re2/re2.h>

#include "core/runbook/schemas.hpp"

namespace triage::runbook {

struct Pattern::Compiled {
    explicit Compiled(const std::string& text) : regex(text, RE2::Quiet) {}
    RE2 regex;
};

std::expected<Pattern, std::string> Pattern::compile(const std::string& text) {
    Pattern pattern;
    auto compiled = std::make_shared<Compiled>(text);
    if (!compiled->regex.ok()) {
        return std::unexpected(compiled->regex.error());
    }
    pattern.compiled_ = std::move(compiled);
    return pattern;
}

bool Pattern::has_group() const { return compiled_->regex.NumberOfCapturingGroups() > 0; }

bool Pattern::matches(std::string_view text) const {
    return RE2::FullMatch(re2::StringPiece(text.data(), text.size()), compiled_->regex);
}

}  // namespace triage::runbook
