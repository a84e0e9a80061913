#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include <boost/url/parse.hpp>
#include <boost/url/src.hpp>  // compiled in: Debian's archive is not position independent
#include <boost/url/url_view.hpp>
#include <triage/web_url.hpp>

namespace triage {
namespace {

namespace urls = boost::urls;

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

std::string_view default_port(std::string_view scheme) { return scheme == "https" ? "443" : "80"; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Four numbers up to 255 and three dots.
bool is_ipv4(std::string_view host) {
    int numbers = 0;
    while (true) {
        const auto part = host.substr(0, host.find('.'));
        if (part.empty() || part.size() > 3 || !std::ranges::all_of(part, is_digit)) return false;
        if (part.size() == 3 && part > "255") return false;
        ++numbers;
        if (part.size() == host.size()) return numbers == 4;
        host.remove_prefix(part.size() + 1);
    }
}

struct Span {
    std::size_t begin, end;
};

/// Where the host of a URL or reference is, with its port; empty if there is none.
Span host_of(std::string_view text) {
    const auto slashes = text.find("//");
    if (slashes == text.npos) return {0, 0};
    // Only at the beginning or after a scheme: "/a//b" is a path.
    const auto before = text.substr(0, slashes);
    if (!before.empty() && (!before.ends_with(':') || before.find_first_of("/?#") != before.npos))
        return {0, 0};
    const auto end = std::min(text.find_first_of("/?#", slashes + 2), text.size());
    const auto at = text.substr(0, end).rfind('@');
    return {at == text.npos || at < slashes ? slashes + 2 : at + 1, end};
}

/// Boost.URL 1.81 ends a host after what looks like an IPv4 address: 127.0.0.1.evil.com becomes
/// 127.0.0.1. With its first digit percent-encoded it is a name like any other.
std::string guarded(std::string_view text) {
    const auto [begin, end] = host_of(text);
    std::string out(text);
    if (begin < end && is_digit(text[begin])) out.insert(begin, "%3");
    return out;
}

/// The same without that; also what was written so, as browsers do.
std::string unguarded(std::string text) {
    const auto [begin, end] = host_of(text);
    if (begin + 2 < end && text.compare(begin, 2, "%3") == 0 && is_digit(text[begin + 2]))
        text.erase(begin, 2);
    return text;
}

/// As written in a URL: none is the scheme's. Nullopt if it is no port.
std::optional<std::string> port_of(std::string_view text, std::string_view scheme) {
    if (text.empty()) return std::string(default_port(scheme));
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return std::to_string(port);
}

/// What browsers take off and drop from a reference, and its fragment.
std::string cleaned(std::string_view text) {
    const auto is_space = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
    while (!text.empty() && is_space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
    std::string out(text.substr(0, text.find('#')));
    std::erase_if(out, [](char c) { return c == '\t' || c == '\r' || c == '\n'; });
    const auto query = std::min(out.find('?'), out.size());
    std::replace(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(query), '\\', '/');
    return out;
}

/// "///host" is "//host" to browsers, after http: and https: too.
std::string with_two_slashes(std::string text) {
    const auto scheme = lower(text.substr(0, text.find_first_of(":/?")));
    const bool is_http = (scheme == "http" || scheme == "https") && text.size() > scheme.size() &&
                         text[scheme.size()] == ':';
    const auto begin = is_http ? scheme.size() + 1 : 0;
    const auto end = std::min(text.find_first_not_of('/', begin), text.size());
    if (end > begin + 2) text.erase(begin + 2, end - begin - 2);
    return text;
}

/// With what RFC 3986 does not allow percent-encoded. A "%XX" stays.
std::string encoded(std::string_view text) {
    constexpr std::string_view hex = "0123456789ABCDEF";
    const auto host = host_of(text);
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool in_host = i >= host.begin && i < host.end;
        const bool is_code =
            c == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2]);
        if (is_alpha(c) || is_digit(c) || is_code || (in_host && (c == '[' || c == ']')) ||
            std::string_view("-._~:/?@!$&'()*+,;=").find(c) != std::string_view::npos) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += {'%', hex[byte >> 4U], hex[byte & 0xFU]};
    }
    return out;
}

/// A URL or reference without its fragment, each part as written.
struct Parts {
    std::string_view scheme;                    ///< empty: none
    std::optional<std::string_view> authority;  ///< what follows "//"
    std::string_view path;
    std::string_view query;  ///< with its "?"; empty: none
};

Parts split(std::string_view text) {
    Parts out;
    text = text.substr(0, text.find('#'));
    const auto query = std::min(text.find('?'), text.size());
    out.query = text.substr(query);
    text = text.substr(0, query);
    const auto colon = text.find(':');
    const auto is_of_scheme = [](char c) {
        return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
    };
    if (colon != text.npos && colon > 0 && is_alpha(text.front()) &&
        std::ranges::all_of(text.substr(0, colon), is_of_scheme)) {
        out.scheme = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    if (text.starts_with("//")) {
        text.remove_prefix(2);
        out.authority = text.substr(0, text.find('/'));
        text.remove_prefix(out.authority->size());
    }
    out.path = text;
    return out;
}

/// How many dots a segment of a path is, "%2e" being one to browsers; 0 if it is more than that.
std::size_t dots_of(std::string_view segment) {
    std::size_t dots = 0;
    while (!segment.empty()) {
        const bool is_code = lower(std::string(segment.substr(0, 3))) == "%2e";
        if (!is_code && segment.front() != '.') return 0;
        segment.remove_prefix(is_code ? 3 : 1);
        ++dots;
    }
    return dots <= 2 ? dots : 0;
}

/// Without "." and "..", none of which leads above the root. `path` begins with '/', or is empty.
std::string without_dots(std::string_view path) {
    std::string out;
    bool is_directory = path.empty();
    while (!path.empty()) {
        path.remove_prefix(1);
        const auto segment = path.substr(0, path.find('/'));
        const auto dots = dots_of(segment);
        is_directory = dots > 0;
        if (dots == 2) out.resize(out.empty() ? 0 : out.rfind('/'));
        if (dots == 0) out.append("/").append(segment);
        path.remove_prefix(segment.size());
    }
    return is_directory ? out + "/" : out;
}

/// Whether a host has an ASCII character in percent-encoding that no host has: "a%20b".
bool hides_a_character(std::string_view host) {
    for (std::size_t at = 0; (at = host.find('%', at)) != host.npos; ++at) {
        unsigned byte = 0;
        std::from_chars(host.data() + at + 1, host.data() + std::min(at + 3, host.size()), byte,
                        16);
        const auto c = static_cast<char>(byte);
        if (byte < 0x80 && !is_alpha(c) && !is_digit(c) && c != '-' && c != '.' && c != '_')
            return true;
    }
    return false;
}

}  // namespace

std::string WebUrl::host_port() const {
    return port == default_port(scheme) ? host : host + ":" + port;
}

std::string WebUrl::origin() const { return scheme + "://" + host_port(); }

std::optional<std::string> WebUrl::parameter(std::string_view name) const {
    const auto safe = guarded(text);
    const auto url = urls::parse_uri(safe);
    if (!url) return std::nullopt;
    for (const auto& one : url->params())
        if (one.key == urls::string_view(name.data(), name.size())) return one.value;
    return std::nullopt;
}

bool WebUrl::is_loopback() const {
    return host == "localhost" || host.ends_with(".localhost") || host == "[::1]" ||
           (host.starts_with("127.") && is_ipv4(host));
}

std::optional<WebUrl> parse_web_url(std::string_view text) {
    auto plain = unguarded(std::string(text.substr(0, text.find('#'))));
    const auto parts = split(plain);
    const auto scheme = lower(std::string(parts.scheme));
    if (scheme != "http" && scheme != "https") return std::nullopt;
    // Boost.URL 1.81 fails an assertion of its own about some texts that are no URL.
    if (!parts.authority || parts.authority->empty() || encoded(plain) != plain)
        return std::nullopt;
    const auto safe = guarded(plain);
    const auto url = urls::parse_uri(safe);
    if (!url || !url->has_authority() || url->encoded_host().empty()) return std::nullopt;
    const std::string_view path(url->encoded_path().data(), url->encoded_path().size());
    // The library ends the host at the first character that cannot belong to it.
    if (!path.empty() && !path.starts_with('/')) return std::nullopt;
    auto port = port_of(std::string(url->port()), scheme);
    if (!port) return std::nullopt;
    auto host = lower(std::string(url->encoded_host()));
    if (host.starts_with("%3") && host.size() > 2 && is_digit(host[2])) host.erase(0, 2);
    if (hides_a_character(host)) return std::nullopt;
    const bool has_fragment = text.contains('#');
    return WebUrl{.text = std::move(plain),
                  .scheme = scheme,
                  .host = std::move(host),
                  .port = std::move(*port),
                  .path = path.empty() ? "/" : std::string(path),
                  .has_user = url->has_userinfo(),
                  .has_query = url->has_query(),
                  .has_fragment = has_fragment};
}

std::optional<WebUrl> resolve_web_url(std::string_view base, std::string_view reference) {
    // Longer than what servers take.
    constexpr std::size_t longest = 8192;
    if (reference.size() > longest || !parse_web_url(base)) return std::nullopt;
    const auto read = encoded(with_two_slashes(cleaned(reference)));
    const auto from = split(base), to = split(read);
    // By hand: Boost.URL 1.81 loses count of "..", and fails an assertion of its own.
    std::string path(to.path);
    auto query = to.query;
    auto authority = to.authority;
    if (!to.scheme.empty() && !authority) return std::nullopt;
    if (!authority) {
        authority = from.authority;
        const std::string_view directory = from.path.substr(0, from.path.rfind('/') + 1);
        if (path.empty()) {
            path = from.path;
            if (query.empty()) query = from.query;
        } else if (!path.starts_with('/')) {
            path.insert(0, directory.empty() ? "/" : directory);
        }
    }
    auto text = std::string(to.scheme.empty() ? from.scheme : to.scheme) + "://";
    text.append(*authority).append(without_dots(path)).append(query);
    return parse_web_url(text);
}

}  // namespace triage
