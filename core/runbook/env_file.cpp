// Docker Compose's .env dialect: what stands on the lines. env_template.cpp puts variables in.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/runbook/env_template.hpp"
#include "core/runbook/parse.hpp"
#include "core/runbook/validate.hpp"

namespace triage::runbook {
namespace {

using Variables = std::map<std::string, std::string>;
using Lookup = std::function<std::optional<std::string>(const std::string&)>;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }

bool is_name(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string_view("_.-[]").contains(c) || (c & 0x80) != 0;
}

// Three octal digits, "\0101", or one of the letters that a shell knows.
std::string unescape(std::string_view text) {
    constexpr std::string_view letters = "abfnrtv\"\\";
    constexpr std::string_view values = "\a\b\f\n\r\t\v\"\\";
    const auto is_octal = [](char c) { return c >= '0' && c <= '7'; };
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if (text[i] != '\\') {
            result += text[i];
        } else if (next == '$') {
            result += "$$";  // for the template: a dollar sign
            ++i;
        } else if (const auto found = letters.find(next); found != std::string_view::npos) {
            result += values[found];
            ++i;
        } else if (next == '0' && i + 4 < text.size() && text[i + 2] <= '3' &&
                   std::ranges::all_of(text.substr(i + 2, 3), is_octal)) {
            result += static_cast<char>((text[i + 2] - '0') * 64 + (text[i + 3] - '0') * 8 +
                                        (text[i + 4] - '0'));
            i += 4;
        } else {
            result += '\\';
        }
    }
    return result;
}

class EnvFileParser {
public:
    EnvFileParser(std::string_view text, const Lookup& environment)
        : text_(text), environment_(environment) {}

    base::Result<Variables> parse() {
        if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
        while (skip_to_statement()) {
            if (auto done = statement(); !done) return std::unexpected(done.error());
        }
        return std::move(values_);
    }

private:
    bool skip_to_statement() {
        while (at_ < text_.size()) {
            if (text_[at_] == '#') {
                at_ = end_of_line();
            } else if (is_blank(text_[at_]) || text_[at_] == '\n') {
                ++at_;
            } else {
                return true;
            }
        }
        return false;
    }

    base::Result<void> statement() {
        constexpr std::string_view keyword = "export";
        if (text_.substr(at_).starts_with(keyword) && at_ + keyword.size() < text_.size() &&
            is_blank(text_[at_ + keyword.size()])) {
            at_ += keyword.size();
            skip_blanks();
        }
        const auto start = at_;
        while (at_ < text_.size() && is_name(text_[at_]))
            ++at_;
        const std::string key(text_.substr(start, at_ - start));
        skip_blanks();
        if (at_ == text_.size() || text_[at_] == '\n') return inherit(key);
        if (text_[at_] != '=' && text_[at_] != ':') {
            return error(at_, "unexpected character in the name of a variable");
        }
        if (key.empty()) return error(at_, "a name is missing before '='");
        ++at_;
        skip_blanks();
        auto text = value();
        if (!text) return std::unexpected(text.error());
        bytes_ += text->size();
        if (bytes_ > max_expanded_bytes) {
            return error(at_, fmt::format("the values are more than {} MiB in all",
                                          max_expanded_bytes >> 20));
        }
        values_.insert_or_assign(key, std::move(*text));
        return {};
    }

    // "NAME" alone takes the environment's value.
    base::Result<void> inherit(const std::string& key) {
        if (auto found = environment(key)) values_.insert_or_assign(key, std::move(*found));
        return {};
    }

    base::Result<std::string> value() {
        const auto start = at_;
        if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
            const char quote = text_[at_];
            auto inside = quoted(quote);
            if (!inside || quote == '\'') return inside;
            return expand(unescape(*inside), start);
        }
        const auto end = end_of_line();
        auto line = text_.substr(at_, end - at_);
        at_ = end;
        line = line.substr(0, line.find(" #"));
        while (!line.empty() && is_blank(line.back()))
            line.remove_suffix(1);
        return expand(line, start);
    }

    // May span lines. A backslash before the quote is taken away, every other one stays.
    base::Result<std::string> quoted(char quote) {
        const auto start = at_++;
        std::string result;
        bool escaped = false;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == quote && !escaped) {
                ++at_;
                return result;
            }
            if (c == '\\' && !escaped) {
                escaped = true;
                continue;
            }
            if (escaped && c != quote) result += '\\';
            escaped = false;
            result += c;
        }
        return std::unexpected(error(start, "a quoted value has no end").error());
    }

    base::Result<std::string> expand(std::string_view text, std::size_t start) const {
        auto result = expand_env_template(text, [this](const std::string& name) {
            if (auto found = environment(name)) return found;
            const auto own = values_.find(name);
            return own == values_.end() ? std::nullopt : std::optional(own->second);
        });
        if (!result) return std::unexpected(error(start, result.error().message).error());
        return result;
    }

    std::optional<std::string> environment(const std::string& name) const {
        return environment_ ? environment_(name) : std::nullopt;
    }

    // Never shows the line: secrets stand there.
    base::Result<void> error(std::size_t at, std::string_view message) const {
        const auto before = text_.substr(0, at);
        const auto line = std::ranges::count(before, '\n') + 1;
        const auto column = before.size() - (before.rfind('\n') + 1) + 1;
        return base::fail(fmt::format("line {}, column {}: {}", line, column, message));
    }

    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_]))
            ++at_;
    }

    std::size_t end_of_line() const { return std::min(text_.find('\n', at_), text_.size()); }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t bytes_ = 0;  // of all values
    const Lookup& environment_;
    Variables values_;
};

}  // namespace

base::Result<std::map<std::string, std::string>> parse_env_file(
    std::string_view text,
    const std::function<std::optional<std::string>(const std::string&)>& environment) {
    return EnvFileParser(text, environment).parse();
}

}  // namespace triage::runbook
