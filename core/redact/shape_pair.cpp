// Names that announce a credential, with a value beside them: password=x, "token": "x".
#include <algorithm>
#include <string_view>

#include <re2/re2.h>

#include "core/redact/shapes.hpp"
#include "core/redact/value.hpp"

namespace triage::redact {
namespace {

// How name and value stand to each other.
struct Pair {
    bool password = false;     // the name is that of a password, not of some key or token
    bool working_dir = false;  // or it is PWD
    bool variable = false;     // in capitals, as of the environment
    bool quoted_name = false;  // as in JSON
    bool tight = false;        // no space around the separator
    bool option = false;       // --name value
    bool equals = false;       // "=", not ":"
    std::string_view value;
    bool quoted_value = false;
    bool last = false;  // nothing comes after it on its line
};

bool ends_line(std::string_view text, std::size_t at) {
    const auto next = text.find_first_not_of(" \t.,;'\"", at);
    return next == text.npos || text[next] == '\n';
}

// Prose has colons too ("invalid token: expected three parts"), so it is the company that tells.
bool is_secret(const Pair& pair) {
    const std::string_view value = pair.value;
    // "sk_test_<key>" says more than "<token>".
    const bool hidden = is_token(value) || value.ends_with("<key>");
    if (is_no_value(value) || hidden || value.starts_with("pk_")) return false;
    if (pair.working_dir && value.starts_with('/')) return false;
    const bool announced = pair.quoted_name || pair.option || (pair.equals && pair.tight);
    if (pair.password)
        return announced || pair.quoted_value || pair.last || is_machine_made(value) ||
               (!is_word(value) && value.size() >= 6);
    if (pair.quoted_name && pair.quoted_value) return true;
    if (announced) {
        const bool small_number =
            value.size() <= 6 && value.find_first_not_of("0123456789") == std::string_view::npos;
        if (pair.variable && pair.equals) return true;
        return pair.quoted_value || (!is_word(value) && !small_number);
    }
    return !pair.tight && is_machine_made(value);
}

}  // namespace

std::vector<Span> find_credential_pairs(std::string_view text) {
    // A token of ours ("<secret:name>") has the same form: it is matched first, and left alone.
    static const re2::RE2 pattern(
        R"((?i)<[a-z]+:[\w.:\[\]-]+>|)"
        R"((--[a-z-]*)?((password|passwd|passphrase|pwd|[_-]pass)|\b(?:pass|pw)\b|secret|token)"
        R"(|api[_-]?key|(?:secret|access|private|signing|encryption)[_-]?key(?:_base)?))"
        R"((["'\\]*)(?:([ \t]*)([=:])([ \t]*)|[ \t]+))");
    std::vector<Span> spans;
    for_each_match<7>(pattern, text, [&](const auto& groups) {
        const auto& [whole, option, name, password, quote, before, separator, after] = groups;
        const std::size_t at = offset_in(text, whole) + whole.size();
        if (whole.starts_with("<") || (separator.empty() && option.empty())) return at;
        Value value = read_value(text, at);
        if (text.substr(value.end).starts_with("<key>")) value.end += 5;
        const Pair pair = {
            .password = !password.empty(),
            .working_dir = password.size() == 3,
            .variable = !name.empty() && name[name.size() - 1] <= 'Z',
            .quoted_name = !quote.empty(),
            .tight = before.empty() && after.empty(),
            .option = !option.empty(),
            .equals = separator == "=",
            .value = text.substr(value.begin, value.end - value.begin),
            .quoted_value = value.quoted,
            .last = !separator.empty() && ends_line(text, value.end),
        };
        if (!is_secret(pair)) return at;
        spans.push_back({value.begin, value.end, pair.password ? "<password>" : "<token>"});
        return value.end;
    });
    return spans;
}

}  // namespace triage::redact
