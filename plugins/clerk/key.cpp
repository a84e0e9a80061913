#include "key.hpp"

#include <algorithm>
#include <array>

#include <triage/text.hpp>
#include <triage/web_url.hpp>

#include "crypto.hpp"

namespace clerk {
namespace {

using triage::text;

std::optional<Kind> kind_of(std::string_view key, std::string_view prefix) {
    if (!key.starts_with(prefix)) return std::nullopt;
    key.remove_prefix(prefix.size());
    if (key.starts_with("_test_")) return Kind::test;
    if (key.starts_with("_live_")) return Kind::live;
    return std::nullopt;
}

bool is_alphanumeric(std::string_view part) {
    return std::ranges::all_of(part, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    });
}

/// What copying and quoting leaves around a value; empty if nothing.
std::string wrapping(std::string_view key) {
    if (key.empty()) return "it is empty";
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
    if (is_space(key.front()) || is_space(key.back())) return "white space around it";
    if (key.front() == '"' || key.front() == '\'') return "quotes around it";
    return "";
}

bool is_placeholder(std::string_view key) {
    static constexpr std::array<std::string_view, 6> marks = {"xxx",  "XXX", "your",
                                                              "YOUR", "...", "…"};
    return key.starts_with('<') || key.starts_with('$') ||
           std::ranges::any_of(marks, [&](auto mark) { return key.find(mark) != key.npos; });
}

/// What is wrong with what the third part of a publishable key says, or empty.
std::string wrong_host(std::string_view decoded) {
    if (!decoded.ends_with('$')) {
        return text(
            "it does not decode to \"HOST$\", there is no \"$\" at the end: a part of it is "
            "missing");
    }
    decoded.remove_suffix(1);
    if (is_host(decoded)) return "";
    return "what it decodes to is not a host name";
}

}  // namespace

bool is_host(std::string_view text) {
    if (text.find_first_of("@/?#%") != text.npos) return false;
    const auto url = triage::parse_web_url("https://" + std::string(text));
    if (!url) return false;
    const std::string_view name = url->host;
    if (name.starts_with('[')) return true;
    if (name.find('.') == name.npos || name.starts_with('.') || name.ends_with('.')) return false;
    return std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

const char* instance_name(Kind kind) { return kind == Kind::test ? "development" : "production"; }

const char* name_of(Kind kind) { return kind == Kind::test ? "test" : "live"; }

PublishableKey parse_publishable_key(std::string_view key) {
    PublishableKey result;
    if (key.find("sk_") != key.npos) {
        result.is_secret_key = true;
        result.wrong = "it is a secret key";
        return result;
    }
    result.wrong = wrapping(key);
    if (!result.wrong.empty()) return result;
    result.kind = kind_of(key, "pk");
    const auto underscores = std::ranges::count(key, '_');
    if (!result.kind) {
        result.wrong = is_placeholder(key) ? "it is a placeholder"
                                           : "it begins with neither pk_test_ nor pk_live_";
    } else if (underscores != 2) {
        result.wrong = is_placeholder(key)
                           ? "it is a placeholder"
                           : text("it has ", underscores + 1, " parts between \"_\", expected 3");
    } else {
        const auto decoded = decode_base64(key.substr(8), Alphabet::standard);
        result.wrong = !decoded ? "its third part is not base64" : wrong_host(*decoded);
        if (!result.wrong.empty() && is_placeholder(key)) result.wrong = "it is a placeholder";
        if (result.wrong.empty()) result.host = decoded->substr(0, decoded->size() - 1);
    }
    return result;
}

bool is_development_host(std::string_view host) {
    static constexpr std::array<std::string_view, 3> domains = {".accounts.dev", ".lcl.dev",
                                                                ".accountsstage.dev"};
    return std::ranges::any_of(domains, [&](auto domain) { return host.ends_with(domain); });
}

SecretKey parse_secret_key(std::string_view key) {
    SecretKey result{kind_of(key, "sk"), wrapping(key)};
    if (!result.wrong.empty()) return result;
    if (kind_of(key, "pk")) {
        result.wrong = "it is a publishable key";
    } else if (!result.kind) {
        result.wrong = "it begins with neither sk_test_ nor sk_live_";
    } else if (key.find_first_not_of("xX", 8) == key.npos ||
               (is_placeholder(key) && !is_alphanumeric(key.substr(8)))) {
        result.wrong = "it is a placeholder";
    } else if (!is_alphanumeric(key.substr(8))) {
        result.wrong = "there is something else than letters and digits in it";
    } else if (key.size() - 8 < 20) {
        result.wrong = text("it has ", key.size() - 8,
                            " characters behind its prefix: a part of it "
                            "is missing");
    }
    return result;
}

}  // namespace clerk
