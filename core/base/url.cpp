#include "core/base/url.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

// Boost.URL itself, compiled here: Debian's archive is not position independent, so it cannot go
// into a shared library, and its shared library is one more to load.
#include <boost/url/src.hpp>
#include <fmt/format.h>

#include "core/base/text.hpp"

namespace triage::base {
namespace {

namespace urls = boost::urls;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    }
    return result;
}

// For messages: printable, and without what may be a password. Not cut: that is for who shows it,
// when secrets are hidden, as what is left of one might not be found.
std::string shown(std::string_view text) {
    const auto scheme_end = text.find("://");
    const auto start = scheme_end == text.npos ? 0 : scheme_end + 3;
    const auto end = text.find_first_of("/?#", start);
    const auto at = text.substr(0, end).rfind('@');
    if (at == text.npos || at < start) return printable(text);
    return printable(fmt::format("{}…{}", text.substr(0, start), text.substr(at)));
}

std::unexpected<Error> not_a_url(std::string_view text, std::string_view why,
                                 std::string remedy = {}) {
    if (remedy.empty()) remedy = "Write it like https://example.com/path or http://127.0.0.1:8000.";
    return fail(fmt::format("\"{}\" is not an http or https URL: {}", shown(text), why),
                std::move(remedy));
}

std::string scheme_of(std::string_view text) {
    const auto end = text.find("://");
    return lower(text.substr(0, end == text.npos ? 0 : end));
}

// RFC 3986 allows only these as they are; everything else is percent-encoded.
bool may_stand_in_url(char c) {
    return is_alpha(c) || is_digit(c) ||
           std::string_view("-._~:/?#[]@!$&'()*+,;=%").find(c) != std::string_view::npos;
}

std::string describe(char c) {
    if (c == ' ') return "a space";
    if (c > ' ' && c < 0x7f) return fmt::format("'{}'", c);
    return fmt::format("byte 0x{:02x}", static_cast<unsigned char>(c));
}

std::string why_not_parsed(std::string_view text, const boost::system::error_code& error) {
    const auto bad = std::find_if_not(text.begin(), text.end(), may_stand_in_url);
    if (bad == text.end()) return fmt::format("{}", error.message());
    return fmt::format("found {} at character {}, expected it percent-encoded (%{:02X})",
                       describe(*bad), bad - text.begin() + 1, static_cast<unsigned char>(*bad));
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (port == 0 || port > 65535) return std::nullopt;
    return std::uint16_t(port);
}

// libcurl and resolvers read "1.2.3", "0x7f.1" and "2130706433" as IPv4 addresses of their own
// making; a permission check does not. So nothing but the usual form is taken.
bool ends_in_a_number(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    const std::string_view last = host.substr(host.rfind('.') + 1);
    if (last.starts_with("0x")) return true;
    return !last.empty() && std::all_of(last.begin(), last.end(), is_digit);
}

// Empty if a name can be looked up as it is; otherwise what is wrong with it.
std::string why_not_a_name(std::string_view host) {
    if (host.empty()) return "it names no host";
    if (host.size() > 253)
        return fmt::format("its host has {} characters, at most 253", host.size());
    const auto bad = std::find_if_not(host.begin(), host.end(), [](char c) {
        return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
    });
    if (bad != host.end()) {
        return fmt::format("its host has {}, expected letters, digits, '-', '_' and '.'",
                           describe(*bad));
    }
    if (host.starts_with('.') || host.find("..") != host.npos) return "its host has an empty label";
    if (ends_in_a_number(host)) return "its host is a number but not an IPv4 address (a.b.c.d)";
    return {};
}

// A host as written, without brackets; empty reason: fine.
struct Host {
    std::string text;
    std::string wrong;
};

// fe80::/10 means another machine on each interface, and a URL does not say which is meant.
bool is_link_local(const urls::ipv6_address& address) {
    const auto bytes = address.to_bytes();
    return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

// Where a name stands that begins as an IPv4 address does, as 203.0.113.7.sslip.io; or npos.
std::size_t name_like_an_address(std::string_view url, std::size_t authority) {
    const auto end = std::min(url.find_first_of("/?#", authority), url.size());
    const auto at = url.substr(0, end).rfind('@');
    const auto begin = at == url.npos || at < authority ? authority : at + 1;
    const auto host = url.substr(begin, end - begin);
    std::size_t dots = 0;
    for (const char c : host) {
        if (c == '.') ++dots;
        if (c != '.' && !is_digit(c)) break;
    }
    return dots > 3 && is_digit(host.front()) ? begin : url.npos;
}

// `first_encoded`: the first letter of the name is percent-encoded.
Host read_host(const urls::url_view& url, bool first_encoded) {
    switch (url.host_type()) {
        case urls::host_type::ipv4:
            return {.text = url.host_ipv4_address().to_string(), .wrong = {}};
        case urls::host_type::ipv6:
            if (is_link_local(url.host_ipv6_address())) {
                return {.text = {},
                        .wrong =
                            "its host is a link-local address, which cannot be reached "
                            "without the name of an interface: use another address or a name"};
            }
            return {.text = url.host_ipv6_address().to_string(), .wrong = {}};
        case urls::host_type::name: {
            std::string host = lower(std::string_view(url.encoded_host()));
            if (first_encoded) host.replace(0, 3, url.host(), 0, 1);
            return {.text = host, .wrong = why_not_a_name(host)};
        }
        case urls::host_type::ipvfuture:
        case urls::host_type::none:
            break;
    }
    return {.text = {}, .wrong = "it names no host"};
}

std::uint16_t default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

void append_bracketed(std::string& text, const std::string& host) {
    const bool is_v6 = host.contains(':');
    text.append(is_v6 ? "[" : "").append(host).append(is_v6 ? "]" : "");
}

// "%2e" is a dot too: so servers and libcurl read it.
std::string_view dots(std::string_view segment) {
    std::string decoded;
    for (std::size_t i = 0; i < segment.size(); ++i) {
        const bool dot = segment[i] == '.';
        const bool encoded = lower(segment.substr(i, 3)) == "%2e";
        if (!dot && !encoded) return {};
        decoded += '.';
        if (encoded) i += 2;
    }
    return decoded == "." ? "." : decoded == ".." ? ".." : "";
}

// Without "." and ".." (RFC 3986, 5.2.4); Boost's own would also decode "%2F".
std::string normal_path(std::string_view path) {
    std::string result;
    bool directory = false;  // the last segment was a dot segment: ends in "/"
    while (!path.empty()) {
        path.remove_prefix(1);  // the "/"
        const auto segment = path.substr(0, path.find('/'));
        const auto meaning = dots(segment);
        directory = !meaning.empty();
        if (meaning == "..") result.resize(result.empty() ? 0 : result.rfind('/'));
        if (!directory) result.append("/").append(segment);
        path.remove_prefix(segment.size());
    }
    return directory || result.empty() ? result + "/" : result;
}

}  // namespace

std::string Url::origin() const {
    std::string text = scheme + "://";
    append_bracketed(text, host);
    if (port != default_port(scheme)) text.append(":").append(fmt::format_int(port).c_str());
    return text;
}

std::string Url::request_url() const {
    std::string text = origin() + path;
    if (!query.empty()) text.append("?").append(query);
    return text;
}

Result<Url> parse_url(std::string_view text) {
    const std::string scheme = scheme_of(text);
    if (text.empty()) return not_a_url(text, "it is empty");
    if (scheme != "http" && scheme != "https") {
        return not_a_url(text, "expected it to start with http:// or https://");
    }
    // Boost.URL ends a host behind the address that it begins with; one that is encoded it does
    // not.
    std::string encoded;
    const auto name = name_like_an_address(text, scheme.size() + 3);
    if (name != text.npos) {
        encoded =
            fmt::format("{}%{:02x}{}", text.substr(0, name), text[name], text.substr(name + 1));
    }
    const auto parsed = urls::parse_uri(name == text.npos ? text : encoded);
    if (!parsed) return not_a_url(text, why_not_parsed(text, parsed.error()));
    const urls::url_view& view = *parsed;
    const std::string_view path = view.encoded_path();
    if (!path.empty() && !path.starts_with('/')) {
        // Boost.URL ends the host or port at the first character that cannot belong to it.
        return not_a_url(text,
                         fmt::format("found {} in its host and port", describe(path.front())));
    }
    Host host = read_host(view, name != text.npos);
    if (!host.wrong.empty()) return not_a_url(text, host.wrong);

    Url url;
    url.scheme = scheme;
    url.host = std::move(host.text);
    url.port = default_port(scheme);
    const std::string_view port = view.has_port() ? std::string_view(view.port()) : "";
    if (!port.empty()) {
        const auto number = parse_port(port);
        if (!number) {
            return not_a_url(text, fmt::format("found port {}, expected 1 to 65535", port));
        }
        url.port = *number;
    }
    url.user_info = std::string_view(view.encoded_userinfo());
    url.path = normal_path(path);
    url.query = std::string_view(view.encoded_query());
    return url;
}

std::string_view why_not_a_url(std::string_view text) {
    if (text.empty()) return "it is empty";
    if (parse_url(text)) return "";
    const auto scheme = scheme_of(text);
    if (scheme != "http" && scheme != "https") return "it does not start with http:// or https://";
    if (!std::ranges::all_of(text, may_stand_in_url))
        return "it has a character that must be percent-encoded";
    auto authority = text.substr(scheme.size() + 3);
    authority = authority.substr(0, authority.find_first_of("/?#"));
    authority.remove_prefix(std::min(authority.rfind('@') + 1, authority.size()));
    const auto colon = authority.find(':', authority.starts_with('[') ? authority.find(']') : 0);
    const auto port = colon == authority.npos ? "" : authority.substr(colon + 1);
    if (!port.empty() && !parse_port(port)) return "its port is not a number from 1 to 65535";
    const bool good_host =
        parse_url(fmt::format("http://{}/", authority.substr(0, colon))).has_value();
    return good_host ? "" : "its host is neither a name nor an address";
}

Result<Endpoint> parse_endpoint(std::string_view text) {
    const std::string expected = "Write it like db.example.com:5432 or [::1]:5432.";
    const auto colon = text.rfind(':');
    const std::string_view host = text.substr(0, colon);
    const auto port = colon == text.npos ? std::nullopt : parse_port(text.substr(colon + 1));
    if (!port) {
        return fail(fmt::format("\"{}\" is not host:port: expected a port from 1 to 65535 after "
                                "the last ':'",
                                shown(text)),
                    expected);
    }
    // As a URL's authority: one grammar for hosts, brackets and numbers.
    const auto url = host.find_first_of("@/?#") == host.npos
                         ? parse_url(fmt::format("http://{}:{}", host, *port))
                         : fail("");
    if (!url) {
        return fail(fmt::format("\"{}\" is not host:port: \"{}\" is neither a host name nor an "
                                "address",
                                shown(text), shown(host)),
                    expected);
    }
    return Endpoint{.host = url->host, .port = *port};
}

}  // namespace triage::base
