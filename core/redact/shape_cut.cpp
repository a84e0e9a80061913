// Credentials whose end was cut off: texts are shortened in many places, by servers, plugins and
// limits, and what is left of a password is still most of a password.
#include <algorithm>
#include <string_view>

#include <re2/re2.h>

#include "core/redact/shapes.hpp"
#include "core/redact/value.hpp"

namespace triage::redact {
namespace {

bool begins_next_url(std::string_view text) {
    static const re2::RE2 list(R"([,;|](?i:https?|wss?)://)");
    return list.Match({text.data(), text.size()}, 0, text.size(), re2::RE2::ANCHOR_START, nullptr,
                      0);
}

// "8000", "8000/path", "8000)" and "8000,http://…" after a host, not after a user.
bool is_port(std::string_view text) {
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto rest = text.substr(digits);
    return digits <= 5 &&
           (rest.find_first_of("/?#") == 0 || rest.find_first_not_of(").,;:!>]}") == rest.npos ||
            begins_next_url(rest));
}

// What follows the last ":" of a list of URLs: "8000" of "3000/x,http://h:8000".
std::string_view last_of_list(std::string_view text) {
    static const re2::RE2 one(R"(\d{1,5}(?:[/?#][^:]*)?[,;|](?i:https?|wss?)://[^/?#:\[]*:)");
    re2::StringPiece rest(text.data(), text.size());
    while (re2::RE2::Consume(&rest, one)) {
    }
    return {rest.data(), rest.size()};
}

// Most texts with a URL have just one, and what follows its host is a port: nothing to look for.
bool has_only_a_port(std::string_view text) {
    const auto scheme_end = text.find("://");
    if (text.find("://", scheme_end + 1) != text.npos) return false;
    const auto host = text.substr(scheme_end + 3);
    const auto colon =
        std::min(host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-"), host.size());
    return colon == host.size() || host[colon] == '/' ||
           (host[colon] == ':' && is_port(host.substr(colon + 1)));
}

}  // namespace

// scheme://user:passw…, where the "@" would have followed.
std::vector<Span> find_cut_url_passwords(std::string_view text) {
    static const re2::RE2 pattern(R"(://[^\s/?#"'@:\[…]*:([^\s"'@…]+)(?:…|$))");
    std::vector<Span> spans;
    if (has_only_a_port(text)) return spans;
    for_each_match<1>(pattern, text, [&](const auto& groups) {
        const std::size_t end = offset_in(text, groups[1]) + groups[1].size();
        const auto password = last_of_list({groups[1].data(), groups[1].size()});
        if (!is_port(password)) spans.push_back({end - password.size(), end, "<password>"});
        return end;
    });
    return spans;
}

// A JWT's header, or a key behind its prefix, too short to be known for one if it were whole.
std::vector<Span> find_cut_keys(std::string_view text) {
    static const re2::RE2 pattern(
        R"((eyJ)([\w-]{5,})(?:…|\.\.\.|$)|((?:sk|rk)_(?:live|test)_|whsec_|gh[opsur]_|github_pat_)"
        R"(|glpat-|xox[a-z]-|npm_|AKIA|ASIA|AIza)([\w-]{3,})(?:…|\.\.\.|$))");
    std::vector<Span> spans;
    for_each_match<4>(pattern, text, [&](const auto& groups) {
        const bool jwt = !groups[1].empty();
        const auto& cut = groups[jwt ? 2 : 4];
        const std::size_t begin = offset_in(text, jwt ? groups[1] : cut);
        const std::size_t end = offset_in(text, cut) + cut.size();
        spans.push_back({begin, end, jwt ? "<jwt>" : "<key>"});
        return end;
    });
    return spans;
}

}  // namespace triage::redact
