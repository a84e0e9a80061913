#include "core/runbook/key_depth.hpp"

#include <algorithm>

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
            switch (const char c = text_[at_]) {
                case '"':
                case '\'':
                    skip_string(c);
                    continue;
                case '#':
                    at_ = std::min(text_.find('\n', at_), text_.size());
                    continue;
                case '.':
                    if (++dots >= max_key_parts) return at_;
                    break;
                case '\n':
                case '=':
                case ',':
                case '[':
                case ']':
                case '{':
                case '}':
                    dots = 0;
                    break;
                default:
                    break;
            }
            ++at_;
        }
        return std::string_view::npos;
    }

private:
    void skip_string(char quote) {
        const bool multi_line = is_triple(quote);
        const std::size_t length = multi_line ? 3 : 1;
        at_ += length;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '\\' && quote == '"') {
                at_ += 2;
            } else if (c == quote && (!multi_line || is_triple(quote))) {
                at_ += length;
                return;
            } else if (c == '\n' && !multi_line) {
                return;  // unterminated: toml++ will say so
            } else {
                ++at_;
            }
        }
    }

    bool is_triple(char quote) const {
        return at_ + 2 < text_.size() && text_[at_ + 1] == quote && text_[at_ + 2] == quote;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace

std::size_t find_deep_key(std::string_view text) { return KeyScanner(text).find_deep_key(); }

}  // namespace triage::runbook
