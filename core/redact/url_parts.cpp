#include "core/redact/url_parts.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/redact/encodings.hpp"
#include "core/redact/value.hpp"

namespace triage::redact {
namespace {

// "a" and "b" of "a@b" by the first of `ends`; all of it and nothing, if there is none.
std::pair<std::string_view, std::string_view> cut(std::string_view text, std::string_view ends) {
    const std::size_t at = std::min(text.find_first_of(ends), text.size());
    return {text.substr(0, at), text.substr(std::min(at + 1, text.size()))};
}

// "db" of "db:5432", "::1" of "[::1]:5432".
std::string_view without_port(std::string_view host) {
    if (host.starts_with('[')) return cut(host.substr(1), "]").first;
    return cut(host, ":").first;
}

bool is_web(std::string_view scheme) {
    return std::ranges::equal(scheme.substr(0, 4), std::string_view("http"), {},
                              [](char c) { return static_cast<char>(c | 0x20); });
}

}  // namespace

UrlParts split_url(std::string_view url) {
    UrlParts parts;
    const std::size_t scheme = url.find("://");
    if (scheme == std::string_view::npos) return parts;
    parts.scheme = url.substr(0, scheme);
    std::string_view rest = url.substr(scheme + 3);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    // A password in which "/" was not encoded: the last "@" of all ends it.
    const std::size_t at = authority.contains('@') ? authority.rfind('@') : rest.rfind('@');
    const std::size_t colon = rest.find(':');
    if (at != std::string_view::npos && (colon < at || authority.contains('@'))) {
        std::tie(parts.user, parts.password) = cut(rest.substr(0, at), ":");
        rest.remove_prefix(at + 1);
    }
    parts.hosts = cut(rest, "/?#").first;
    rest.remove_prefix(parts.hosts.size());
    if (rest.starts_with('/') && !is_web(parts.scheme)) {
        parts.database = cut(rest.substr(1), "/?#").first;
    }
    return parts;
}

std::vector<std::string> ordinary_words(const UrlParts& url) {
    std::vector<std::string> words;
    const auto add = [&words](std::string_view word) {
        if (word.empty()) return;
        words.emplace_back(word);
        words.push_back(unescape(Escaping::percent, word));
    };
    // Without a password, and on the web, a key may stand in the user's place.
    if (!url.password.empty() && (!is_web(url.scheme) || is_word(url.user))) add(url.user);
    for (std::string_view hosts = url.hosts; !hosts.empty();) {
        const auto [host, more] = cut(hosts, ",");
        add(without_port(host));
        hosts = more;
    }
    add(url.database);
    return words;
}

}  // namespace triage::redact
