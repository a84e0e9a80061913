#include "call.hpp"

#include <algorithm>
#include <array>

#include <triage/text.hpp>

#include "words.hpp"

namespace cors {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::ranges::find(words, word) != words.end();
}

constexpr std::array<std::string_view, 21> forbidden_names{"accept-charset",
                                                           "accept-encoding",
                                                           "access-control-request-headers",
                                                           "connection",
                                                           "content-length",
                                                           "access-control-request-method",
                                                           "cookie",
                                                           "cookie2",
                                                           "date",
                                                           "dnt",
                                                           "expect",
                                                           "host",
                                                           "keep-alive",
                                                           "origin",
                                                           "referer",
                                                           "set-cookie",
                                                           "te",
                                                           "trailer",
                                                           "upgrade",
                                                           "transfer-encoding",
                                                           "via"};

bool has_unsafe_byte(std::string_view value) {  // "CORS-unsafe request-header byte"
    return std::ranges::any_of(value, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f ||
               std::string_view("\"():<>?@[\\]{}").find(c) != std::string_view::npos;
    });
}

bool is_language(std::string_view value) {
    return std::ranges::all_of(value, [](char c) {
        return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               std::string_view(" *,-.;=").find(c) != std::string_view::npos;
    });
}

bool is_form(std::string_view content_type) {
    constexpr std::array<std::string_view, 3> forms{"application/x-www-form-urlencoded",
                                                    "multipart/form-data", "text/plain"};
    const auto essence = trimmed(content_type.substr(0, content_type.find(';')));
    return !has_unsafe_byte(content_type) && is_one_of(lower(essence), forms);
}

/// "bytes=N-" or "bytes=N-M" with N ≤ M.
bool is_simple_range(std::string_view value) {
    if (!value.starts_with("bytes=")) return false;
    value.remove_prefix(6);
    const auto dash = value.find('-');
    if (dash == value.npos) return false;
    const auto from = value.substr(0, dash), to = value.substr(dash + 1);
    if (from.empty() || !std::ranges::all_of(from, is_digit)) return false;
    if (!std::ranges::all_of(to, is_digit)) return false;
    return to.empty() || from.size() < to.size() || (from.size() == to.size() && from <= to);
}

/// "CORS-safelisted request-header". `name` is in lower case.
bool is_safelisted_header(std::string_view name, std::string_view value, bool has_value) {
    if (value.size() > 128) return false;
    if (name == "accept") return !has_unsafe_byte(value);
    if (name == "accept-language" || name == "content-language") return is_language(value);
    if (name == "content-type") return has_value && is_form(value);
    return name == "range" && has_value && is_simple_range(value);
}

}  // namespace

bool is_safelisted(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "POST";
}

std::string normalised(std::string_view method) {
    constexpr std::array<std::string_view, 6> known{"DELETE",  "GET",  "HEAD",
                                                    "OPTIONS", "POST", "PUT"};
    const auto* found = std::ranges::find_if(
        known, [&](std::string_view one) { return triage::same_ignoring_case(one, method); });
    return std::string(found == known.end() ? method : *found);
}

bool is_forbidden_method(std::string_view method) {
    const auto small = lower(method);
    return small == "connect" || small == "trace" || small == "track";
}

bool is_forbidden_header(std::string_view name) {
    const auto small = lower(name);
    return is_one_of(small, forbidden_names) || small.starts_with("proxy-") ||
           small.starts_with("sec-");
}

std::string forbidden_header_pattern() {
    std::string out = "(?i)(proxy-.*|sec-.*";
    for (const auto name : forbidden_names) {
        out += '|';
        out += name;
    }
    return out + ")";
}

std::string name_of_header(std::string_view header) {
    return lower(header.substr(0, header.find(':')));
}

std::vector<std::string> unsafe_names(const std::vector<std::string>& headers) {
    std::vector<std::string> out;
    for (const std::string_view header : headers) {
        const auto colon = header.find(':');
        const bool has_value = colon != header.npos;
        const auto value = has_value ? trimmed(header.substr(colon + 1)) : std::string_view();
        auto name = name_of_header(header);
        if (!is_safelisted_header(name, value, has_value)) out.push_back(std::move(name));
    }
    std::ranges::sort(out);
    const auto twice = std::ranges::unique(out);
    out.erase(twice.begin(), twice.end());
    return out;
}

}  // namespace cors
