#include "core/runbook/key_depth.hpp"

#include <algorithm>
#include <string>

namespace triage::runbook {
namespace {

// Walks over TOML text just as far as to tell keys from strings and comments.
class KeyScanner {
public:
    explicit KeyScanner(std::string_view text) : text_(text) {}

    // Offset of the dot that makes a key too deep, or npos.
    std::size_t find_deep_key() {
        std::size_t dots = 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"' || c == '\'') {
                skip_string(c);
                continue;
            }
            if (c == '#') {
                at_ = std::min(text_.find('\n', at_), text_.size());
                continue;
            }
            if (c == '.') {
                if (++dots >= max_key_parts) return at_;
            } else if (std::string_view("\n=,[]{}").contains(c)) {
                dots = 0;
            }
            ++at_;
        }
        return std::string_view::npos;
    }

private:
    void skip_string(char quote) {
        const std::string triple(3, quote);
        const bool multi_line = text_.substr(at_, 3) == triple;
        at_ += multi_line ? 3 : 1;
        while (at_ < text_.size()) {
            if (text_[at_] == '\\' && quote == '"') {
                at_ += 2;
            } else if (multi_line ? text_.substr(at_, 3) == triple : text_[at_] == quote) {
                at_ += multi_line ? 3 : 1;
                return;
            } else if (!multi_line && text_[at_] == '\n') {
                return;  // unterminated: toml++ will say so
            } else {
                ++at_;
            }
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::size_t find_deep_key(std::string_view text) { return KeyScanner(text).find_deep_key(); }

}  // namespace triage::runbook
