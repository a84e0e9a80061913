#include "core/redact/value.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace triage::redact {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

// Where `quote`, a quotation mark with the backslashes of its own escape before it, closes: a mark
// with more backslashes belongs to the content, unless those are pairs.
std::size_t find_close(std::string_view text, std::size_t at, std::string_view quote) {
    const std::size_t own = quote.size() - 1;
    std::size_t slashes = 0;
    for (std::size_t i = at; i < text.size() && text[i] != '\n'; ++i) {
        if (text[i] == '\\') {
            ++slashes;
            continue;
        }
        const bool closes =
            text[i] == quote.back() && slashes >= own && (slashes - own) / (own + 1) % 2 == 0;
        if (closes) return i - own;
        slashes = 0;
    }
    return std::string_view::npos;
}

}  // namespace

bool is_token(std::string_view value) {
    if (!value.starts_with('<') || !value.ends_with('>')) return false;
    static const re2::RE2 pattern(
        "<(?:password|token|jwt|key|private-key|cookie|input|parameters|"
        "[a-z]+:[A-Za-z0-9_.:\\[\\]-]+)>");
    return re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), pattern);
}

bool is_reference(std::string_view value) {
    static const re2::RE2 pattern(R"(\$\{(?:secret|var|env|fact)\.[\w.-]+\}?)");
    return value.starts_with("${") && re2::RE2::FullMatch({value.data(), value.size()}, pattern);
}

bool is_no_value(std::string_view value) {
    static constexpr std::array<std::string_view, 10> words = {
        "", "null", "none", "nil", "true", "false", "undefined", "unset", "redacted", "[redacted]"};
    if (value.find_first_not_of('*') == std::string_view::npos || is_reference(value)) return true;
    return std::ranges::any_of(words, [&](std::string_view word) {
        return std::ranges::equal(value, word, {}, [](unsigned char c) { return std::tolower(c); });
    });
}

bool is_word(std::string_view value) {
    if (value.empty() || value.size() > 24) return false;
    const std::string_view rest = value.substr(1);  // the first may be a capital
    return std::isalpha(static_cast<unsigned char>(value[0])) != 0 &&
           std::ranges::all_of(rest, [](char c) { return is_lower(c) || c == '_' || c == '-'; });
}

bool is_machine_made(std::string_view value) {
    if (is_word(value)) return false;
    return value.size() >= 20 || (value.size() >= 8 && std::ranges::any_of(value, is_digit));
}

bool is_secret_like(std::string_view value) {
    constexpr std::size_t shortest = 16;
    constexpr std::size_t fewest = 10;
    const auto count = [value](int (*is)(int)) {
        return std::ranges::count_if(value,
                                     [is](unsigned char c) { return c < 0x80 && is(c) != 0; });
    };
    const auto others = [](unsigned char c) {
        return std::isalnum(c) == 0 && !std::string_view("-_.~+/=").contains(static_cast<char>(c));
    };
    return value.size() >= shortest && count(&::isdigit) > 1 && count(&::isalpha) > 1 &&
           std::ranges::none_of(value, others) &&
           std::set<char>(value.begin(), value.end()).size() >= fewest;
}

Value read_value(std::string_view text, std::size_t at) {
    const std::size_t slashes_end = std::min(text.find_first_not_of('\\', at), text.size());
    const bool quoted =
        slashes_end < text.size() && (text[slashes_end] == '"' || text[slashes_end] == '\'');
    if (quoted) {
        const std::string_view quote = text.substr(at, slashes_end + 1 - at);
        const std::size_t begin = at + quote.size();
        std::size_t end = find_close(text, begin, quote);
        if (end == std::string_view::npos) end = std::min(text.find('\n', begin), text.size());
        return {begin, end, true};
    }
    std::size_t end = std::min(text.find_first_of(" \t\n\"'&;<", at), text.size());
    while (end > at && std::string_view(",.:)]}\\").contains(text[end - 1]))
        --end;
    return {at, end, false};
}

}  // namespace triage::redact
