// Credentials in HTTP headers, as headers are written in logs, dictionaries and commands.
#include <algorithm>
#include <string>
#include <string_view>

#include <re2/re2.h>

#include "core/redact/encodings.hpp"
#include "core/redact/shapes.hpp"
#include "core/redact/value.hpp"

namespace triage::redact {
namespace {

// Where the rest of the header's line ends.
std::size_t line_end(std::string_view text, std::size_t at) {
    return std::min(text.find_first_of("\n\"'", at), text.size());
}

bool is_basic_credential(std::string_view value) {
    const std::string decoded = decode_base64(value);
    return decoded.contains(':') && std::ranges::all_of(decoded, [](char c) {
               return static_cast<unsigned char>(c) >= 0x20;
           });
}

void find_named(std::string_view text, std::vector<Span>& spans) {
    static const re2::RE2 pattern(
        R"((?i)authorization["'\\]*[ \t]*[:=,][ \t]*(?:b["'\\]+)?["'\\]*)"
        R"((?:(bearer|basic|token|bot|apikey|negotiate|ntlm|(digest|aws4-hmac-sha256))[ \t]+)?)"
        R"(([^\s"'\\]+))");
    for_each_match<3>(pattern, text, [&](const auto& groups) {
        const std::size_t begin = offset_in(text, groups[3]);
        std::size_t end = begin + groups[3].size();
        if (!groups[2].empty()) end = line_end(text, begin);  // several key="value"
        if (is_reference(text.substr(begin, end - begin))) return end;
        if (groups[1].empty() && !is_machine_made(text.substr(begin, end - begin))) return begin;
        spans.push_back({begin, end, "<token>"});
        return end;
    });
}

void find_bare(std::string_view text, std::vector<Span>& spans) {
    static const re2::RE2 pattern(R"((?i)\b(bearer|basic)(?:[ \t]+|%20|\+)([\w.~+/=-]{8,}))");
    for_each_match<2>(pattern, text, [&](const auto& groups) {
        const std::size_t begin = offset_in(text, groups[2]);
        std::string_view value(groups[2].data(), groups[2].size());
        while (value.ends_with('.'))
            value.remove_suffix(1);
        const bool bearer = groups[1].size() == std::string_view("bearer").size();
        // `Bearer realm="x"` is a challenge, "Bearer authentication" is prose.
        std::string_view word = value;
        while (word.ends_with('='))
            word.remove_suffix(1);
        if (bearer ? !is_word(word) : is_basic_credential(value)) {
            spans.push_back({begin, begin + value.size(), "<token>"});
        }
        return begin + groups[2].size();
    });
}

}  // namespace

std::vector<Span> find_authorizations(std::string_view text) {
    std::vector<Span> spans;
    find_named(text, spans);
    find_bare(text, spans);
    return spans;
}

std::vector<Span> find_cookies(std::string_view text) {
    static const re2::RE2 pattern(
        R"((?i)cookie["'\\]*[ \t]*[:=,][ \t]*(?:b["'\\]+)?["'\\]*([^\s"'\\=:;,]+=[^\n"']+))");
    std::vector<Span> spans;
    for_each_match<1>(pattern, text, [&](const auto& groups) {
        const std::size_t begin = offset_in(text, groups[1]);
        spans.push_back({begin, begin + groups[1].size(), "<cookie>"});
        return begin;
    });
    return spans;
}

}  // namespace triage::redact
