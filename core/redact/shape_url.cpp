// Credentials in URLs.
#include <string_view>
#include <utility>

#include <re2/re2.h>

#include "core/redact/shapes.hpp"
#include "core/redact/value.hpp"

namespace triage::redact {

std::vector<Span> find_url_passwords(std::string_view text) {
    // scheme://user:password@, in two spellings: for all schemes as RFC 3986 has it, and for
    // those of databases also with a password in which "/", "?" and "#" were not encoded.
    static const re2::RE2 any(R"(([A-Za-z][A-Za-z0-9+.-]*)://([^\s/?#"']*)@)");
    static const re2::RE2 database(
        R"((?i)((?:postgres(?:ql)?|mysql|mariadb|mssql|oracle|rediss?|amqps?|mongodb))"
        R"((?:\+[a-z0-9]+)?://[^\s:/@"']*:)([^\s@"']+(?:@[^\s@"',;]+)*)@)");
    std::vector<Span> spans;
    if (!text.contains('@')) return spans;
    for_each_match<2>(any, text, [&](const auto& groups) {
        const std::string_view user_info(groups[2].data(), groups[2].size());
        const std::size_t begin = offset_in(text, groups[2]);
        const std::size_t colon = user_info.find(':');
        const std::size_t end = begin + user_info.size();
        if (colon != std::string_view::npos) {
            spans.push_back({begin + colon + 1, end, "<password>"});
        } else if (user_info.size() >= 16) {  // a key in place of a user's name
            spans.push_back({begin, end, "<token>"});
        }
        return end;
    });
    for_each_match<2>(database, text, [&](const auto& groups) {
        const std::size_t begin = offset_in(text, groups[2]);
        spans.push_back({begin, begin + groups[2].size(), "<password>"});
        return begin;
    });
    return spans;
}

// Go's user:password@tcp(host:port)/database, mysql -pPassword, and passwords in sentences.
std::vector<Span> find_spoken_passwords(std::string_view text) {
    static const re2::RE2 pattern(
        R"(:([^\s@:/"']+)@(?:tcp[46]?|unix)\(|)"
        R"(\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n|;&]*?\s-p([^\s"']+)|)"
        R"((?i:\bpassword\s+(?:is|was|for\s[^\n:]{1,60}:))\s+["']?([^\s"']+))");
    std::vector<Span> spans;
    for_each_match<3>(pattern, text, [&](const auto& groups) {
        const auto& value = !groups[1].empty()  ? groups[1]
                            : groups[2].empty() ? groups[3]
                                                : groups[2];
        const std::string_view word(value.data(), value.size());
        const std::size_t begin = offset_in(text, value);
        const bool is_prose = !groups[3].empty() && is_word(word);
        if (!is_prose && !is_token(word))
            spans.push_back({begin, begin + word.size(), "<password>"});
        return begin + word.size();
    });
    return spans;
}

// The same in a URL that is a part of another one: http%3A%2F%2Fuser%3Apassword%40host.
std::vector<Span> find_encoded_url_passwords(std::string_view text) {
    static const re2::RE2 pattern(R"((?i)%3A(?://|%2F%2F)[^\s%:@/"'&]*(?::|%3A))"
                                  R"(((?:[^\s%@/"'&]|%(?:[0-35-9A-F][0-9A-F]|4[1-9A-F]))+))"
                                  R"((?:@|%40))");
    std::vector<Span> spans;
    for_each_match<1>(pattern, text, [&](const auto& groups) {
        const std::size_t begin = offset_in(text, groups[1]);
        spans.push_back({begin, begin + groups[1].size(), "<password>"});
        return begin + groups[1].size();
    });
    return spans;
}

std::vector<Span> find_query_credentials(std::string_view text) {
    // "?" and "&" may be percent-encoded (a URL in a URL) or JSON-escaped.
    static const re2::RE2 pattern(
        R"((?i)(?:[?&;#]|%3F|%26|%23|\\u0026)((?:[\w.\[\]-]*[_.-])?))"
        R"((token|jwt|key|secret|password|passwd|pwd|pass|signature|sig|credentials?|assertion)"
        R"(|code|auth|ticket|session|apikey|accesskey|secretkey|clerk_handshake))"
        R"((?:=|%3D)([^&\s"'<>#;\]]+))");
    std::vector<Span> spans;
    if (text.find_first_of("?&;#%") == std::string_view::npos) return spans;
    for_each_match<3>(pattern, text, [&](const auto& groups) {
        const std::string_view name(groups[2].data(), groups[2].size());
        const std::size_t begin = offset_in(text, groups[3]);
        // status_code=, error_code=, code=404 are no credentials; OAuth's code is long.
        const bool short_code = name.size() == 4 && (name[0] | 0x20) == 'c' &&
                                (!groups[1].empty() || groups[3].size() < 8);
        const bool publishable = groups[3].starts_with("pk_");
        if (!short_code && !publishable) {
            spans.push_back({begin, begin + groups[3].size(), "<token>"});
        }
        return begin + groups[3].size();
    });
    return spans;
}

}  // namespace triage::redact
