// Keys that say by themselves what they are.
#include <algorithm>
#include <string_view>

#include <re2/re2.h>

#include "core/redact/shapes.hpp"
#include "core/redact/value.hpp"

namespace triage::redact {
namespace {

constexpr std::string_view pem_end = "PRIVATE KEY";

// The end of the block that `at`, behind a BEGIN line, is in; npos if no END line follows.
std::size_t closed_block(std::string_view text, std::size_t at) {
    const std::size_t end = text.find("-----END ", at);
    if (end == std::string_view::npos) return end;
    const std::size_t key = text.find(pem_end, end);
    if (key == std::string_view::npos) return key;
    const std::size_t dashes = text.find("-----", key);
    return dashes == std::string_view::npos ? text.size() : dashes + 5;
}

// The end of a block that was cut off: lines of base64, in which "\n" may be written out, and
// those of an encrypted key's header.
std::size_t truncated_block(std::string_view text, std::size_t at) {
    static const re2::RE2 pattern(
        R"((?:(?:\s|\\[nr])*(?:Proc-Type:|DEK-Info:|Version:)[^\n\\]*)*)"
        R"((?:(?:\s|\\[nr])*[A-Za-z0-9+/=]{20,})*(?:(?:\s|\\[nr])*[A-Za-z0-9+/=]+)?)");
    re2::StringPiece match;
    pattern.Match({text.data(), text.size()}, at, text.size(), re2::RE2::ANCHOR_START, &match, 1);
    return at + match.size();
}

}  // namespace

std::vector<Span> find_private_keys(std::string_view text) {
    static const re2::RE2 header(R"(-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)");
    std::vector<Span> spans;
    bool may_be_closed = true;
    for_each_match<0>(header, text, [&](const auto& groups) {
        const std::size_t begin = offset_in(text, groups[0]);
        const std::size_t body = begin + groups[0].size();
        std::size_t end = may_be_closed ? closed_block(text, body) : std::string_view::npos;
        if (end == std::string_view::npos) {
            may_be_closed = false;  // nor can any later one be: do not search again
            end = truncated_block(text, body);
        }
        spans.push_back({begin, end, "<private-key>"});
        return end;
    });
    return spans;
}

std::vector<Span> find_jwts(std::string_view text) {
    static const re2::RE2 pattern(R"(eyJ[\w-]{5,}(?:\.[\w-]*){1,4})");
    std::vector<Span> spans;
    for_each_match<0>(pattern, text, [&](const auto& groups) {
        std::string_view jwt(groups[0].data(), groups[0].size());
        while (jwt.ends_with('.'))
            jwt.remove_suffix(1);
        const std::size_t begin = offset_in(text, groups[0]);
        spans.push_back({begin, begin + jwt.size(), "<jwt>"});
        return begin;
    });
    return spans;
}

std::vector<Span> find_prefixed_keys(std::string_view text) {
    // The prefix stays: "sk_test_" or "sk_live_" is what a person needs to know. Before it stands
    // no letter, but for one that belongs to an escape.
    static const re2::RE2 pattern(
        R"((?:^|[^A-Za-z0-9]|%[0-9A-Fa-f]{2}|\\[nrtbf]|\\u[0-9A-Fa-f]{4})(?:)"
        R"(((?:sk|rk)_(?:live|test)_)([A-Za-z0-9]{6,})|(whsec_)([\w+/=-]{8,}))"
        R"(|(gh[opsur]_|github_pat_)(\w{16,})|(glpat-)([\w-]{16,})|(AKIA|ASIA)([A-Z0-9]{12,}))"
        R"(|(xox[a-z]-|xapp-)([\w-]{8,})|(sk-(?:[a-z]+-)?)([\w-]{20,})|(AIza)([\w-]{30,}))"
        R"(|(npm_|hf_|dop_v1_)(\w{30,})|(SG\.)([\w-]{16,}\.[\w-]{16,}))"
        R"(|(hooks\.slack\.com/services/)([\w/]{16,})))");
    constexpr std::size_t groups_count = 22;
    std::vector<Span> spans;
    for_each_match<groups_count>(pattern, text, [&](const auto& groups) {
        for (std::size_t group = 2; group <= groups_count; group += 2) {
            if (groups[group].empty()) continue;
            const std::size_t begin = offset_in(text, groups[group]);
            spans.push_back({begin, begin + groups[group].size(), "<key>"});
        }
        return std::size_t{0};
    });
    return spans;
}

}  // namespace triage::redact
