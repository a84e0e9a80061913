#include "origin.hpp"

#include <idn2.h>

#include <algorithm>
#include <array>
#include <memory>

#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>
#include <boost/url/src.hpp>
#include <triage/params.hpp>

#include "words.hpp"

namespace cors {
namespace {

namespace urls = boost::urls;

struct Parts {
    std::string scheme, host, port;  // host in brackets if it is an IPv6 address
    std::string text() const { return scheme + "://" + host + (port.empty() ? "" : ":" + port); }
};

using Read = std::expected<Parts, std::string>;

bool is_web(std::string_view scheme) { return scheme == "http" || scheme == "https"; }

std::string_view default_port(std::string_view scheme) {
    return scheme == "https" ? "443" : scheme == "http" ? "80" : "";
}

/// Of no page: other networks', and what http is easily mistyped as. Others may be an app's.
constexpr std::array<std::string_view, 11> schemes_of_no_page{
    "ws", "wss", "ftp", "ftps", "htp", "htps", "ttp", "ttps", "httpp", "httpss", "htttps"};

bool is_of_a_page(std::string_view scheme) {
    const auto goes_on = [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || c == '+' || c == '-' || c == '.';
    };
    return !scheme.empty() && scheme.front() >= 'a' && scheme.front() <= 'z' &&
           std::ranges::all_of(scheme, goes_on) &&
           std::ranges::find(schemes_of_no_page, scheme) == schemes_of_no_page.end();
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// "xn--mnchen-3ya.example" of "münchen.example", as browsers make it (UTS #46, nontransitional).
std::optional<std::string> punycode(const std::string& host) {
    char* ascii = nullptr;
    if (idn2_to_ascii_8z(host.c_str(), &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
        return std::nullopt;
    const std::unique_ptr<char, void (*)(void*)> owner(ascii, idn2_free);
    return std::string(ascii);
}

/// The same of a URL's host: what is around it stays.
std::optional<std::string> punycode_of_url(std::string_view url) {
    const auto from = url.find("://");
    if (from == url.npos) return std::nullopt;
    const auto to = std::min(url.find_first_of(":/", from + 3), url.size());
    const auto host = punycode(std::string(url.substr(from + 3, to - from - 3)));
    if (!host) return std::nullopt;
    return std::string(url.substr(0, from + 3)) + *host + std::string(url.substr(to));
}

std::string unicode_host(const Parts& parts) {
    auto ascii = parts;
    if (auto host = punycode(parts.host)) {
        ascii.host = std::move(*host);
        return "browsers send such a host in ASCII: write " + ascii.text();
    }
    return "browsers send such a host in ASCII (xn--…): write it so";
}

/// What is wrong with the characters of a host.
std::optional<std::string> character_trouble(const Parts& parts) {
    const auto& host = parts.host;
    if (!is_ascii(host)) return unicode_host(parts);
    if (host.find('*') != host.npos) return "that is a pattern: name one page's origin";
    const bool usual = std::ranges::all_of(host, [](char c) {
        return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
    });
    if (!usual) return "its host has characters that no host name has";
    return std::nullopt;
}

/// The same of a host that is neither an IP address nor a usual name.
std::optional<std::string> name_trouble(const Parts& parts) {
    if (auto trouble = character_trouble(parts)) return trouble;
    // URL, "ends in a number": browsers then read all of it as an IPv4 address, or refuse it.
    auto label = std::string_view(parts.host);
    if (label.ends_with('.')) label.remove_suffix(1);
    label = label.substr(label.rfind('.') + 1);  // npos + 1 is 0
    if (label.empty() || label.starts_with('.')) return "its host is no host name";
    const bool is_hex =
        label.starts_with("0x") && label.find_first_not_of("0123456789abcdef", 2) == label.npos;
    if (is_hex || std::ranges::all_of(label, is_digit))
        return "browsers read its host as an IPv4 address: write it as four decimal numbers";
    return std::nullopt;
}

/// A port as browsers write it: without leading zeros. "" is the scheme's own.
std::optional<std::string> port_of(std::string_view text) {
    if (text.empty()) return "";
    if (!std::ranges::all_of(text, is_digit)) return std::nullopt;
    text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
    const bool is_one = !text.empty() && text.size() <= 5 && std::stoi(std::string(text)) <= 65535;
    return is_one ? std::optional<std::string>(text) : std::nullopt;
}

/// The host as browsers write it; else what is wrong with it.
std::optional<std::string> normalise_host(Parts& parts) {
    const auto& host = parts.host;
    if (host.starts_with('[')) {
        const auto address = urls::parse_ipv6_address(
            {host.data() + 1, host.size() - (host.ends_with(']') ? 2 : 1)});
        if (!address) return "its host is no IPv6 address";
        parts.host = "[" + address->to_string() + "]";
        return std::nullopt;
    }
    if (!is_web(parts.scheme)) return character_trouble(parts);  // only a name, whatever it is
    if (host.empty()) return "it has no host";
    if (urls::parse_ipv4_address({host.data(), host.size()})) return std::nullopt;
    return name_trouble(parts);
}

/// Scheme, host and port of a page's URL, as browsers write them but for default ports.
Read parse(std::string_view url) {
    const auto end = url.find("://");
    const auto scheme = lower(url.substr(0, end));
    if (end == url.npos || !is_of_a_page(scheme))
        return std::unexpected("expected http:// or https:// before a host");
    const auto authority = url.substr(end + 3, url.find_first_of("/?#\\", end + 3) - end - 3);
    if (authority.find('@') != authority.npos)
        return std::unexpected("an origin has no user name or password");
    const auto bracket = authority.rfind(']');
    const auto colon = authority.find(':', bracket == authority.npos ? 0 : bracket);
    Parts parts{scheme, lower(authority.substr(0, colon)), ""};
    if (auto trouble = normalise_host(parts)) return std::unexpected(std::move(*trouble));
    if (colon == authority.npos) return parts;
    auto port = port_of(authority.substr(colon + 1));
    if (!port) return std::unexpected("its port is no number from 1 to 65535");
    parts.port = std::move(*port);
    return parts;
}

/// Secure Contexts, 3.1, 4 and 5: loopback addresses, localhost and what is below it.
bool is_loopback(std::string_view host) {
    if (host.starts_with('[')) return host == "[::1]";
    if (const auto address = urls::parse_ipv4_address({host.data(), host.size()}))
        return address->is_loopback();
    if (host.ends_with('.')) host.remove_suffix(1);
    return host == "localhost" || host.ends_with(".localhost");
}

}  // namespace

std::expected<std::string, std::string> page_origin(std::string_view url) {
    if (url == opaque) return std::string(opaque);
    auto parts = parse(url);
    if (!parts) return std::unexpected(std::move(parts.error()));
    // Some web views say so of a file; browsers that show one say nothing.
    if (parts->scheme == "file" && lower(url) != "file://") return std::string(opaque);
    if (parts->port == default_port(parts->scheme)) parts->port.clear();
    return parts->text();
}

std::string no_origin_pattern() {
    using triage::text;
    const std::string label = R"([^.:/?#\\]*)", number = "(?:[0-9]+|0x[0-9a-f]*)";
    // A number that is none of 0 to 255, as decimals are written; and what may be no number at all.
    const std::string wrong = "0[0-9]+|[1-9][0-9]{3,}|[3-9][0-9]{2}|2[6-9][0-9]|25[6-9]";
    const auto wrong_end = text("(?:0x[0-9a-f]*|", wrong, ")");
    const auto wrong_label = text("(?:", label, R"([^.:/?#\\0-9])", label, "||", wrong, ")");
    const auto dotted = [&](std::string_view count) { return text("(?:", label, "[.])", count); };
    const std::array no_addresses{text(dotted("{0,2}"), number, "[.]?"),  // of less than four parts
                                  text(dotted("{4,}"), number, "[.]?"),
                                  text(dotted("{3}"), number, "[.]"),
                                  text(wrong_label, "[.]", dotted("{2}"), number),
                                  text(dotted("{1}"), wrong_label, "[.]", dotted("{1}"), number),
                                  text(dotted("{2}"), wrong_label, "[.]", number),
                                  text(dotted("{3}"), wrong_end)};
    constexpr const char* end = R"((?:[/?#\\].*)?)";
    const std::array none{
        text(R"([^:]*://[^/?#\\]*[^/?#\\0-9A-Za-z._:\[\]-].*)"),  // no character of a host
        text(R"([^:]*://[^/?#\\]*:)", triage::no_port, end),
        text("https?://(?:", joined(no_addresses, "|"), ")?(?::[0-9]*)?", end),
        text("(?:", joined(schemes_of_no_page, "|"), ")://.*")};
    return text("(?i)(?:", joined(none, "|"), ")");
}

std::optional<std::string> serialised_origin(std::string_view url) {
    auto origin = page_origin(url);
    return origin ? std::optional(std::move(*origin)) : std::nullopt;
}

std::vector<NearMiss> near_misses(const std::string& origin) {
    const auto parts = parse(origin);
    if (!parts) return {};
    std::vector<NearMiss> out{{origin + "/", "a slash at the end"}};
    const auto add = [&](const Parts& other, std::string what) {
        if (other.text() != origin) out.push_back({other.text(), std::move(what)});
    };
    const auto& [scheme, host, port] = *parts;
    if (!is_web(scheme)) return out;  // an app has one, whatever its server has
    add({scheme == "http" ? "https" : "http", host, port}, "another scheme");
    for (const std::string_view loopback : {"localhost", "127.0.0.1", "[::1]"}) {
        if (is_loopback(host))
            add({scheme, std::string(loopback), port}, std::string(loopback) + " for " + host);
    }
    if (port.empty()) {
        add({scheme, host, std::string(default_port(scheme))}, "the default port written out");
    } else {
        add({scheme, host, ""}, "no port");
    }
    if (host.starts_with("www.")) {
        add({scheme, host.substr(4), port}, "no www");
    } else if (!is_loopback(host)) {
        add({scheme, "www." + host, port}, "www before it");
    }
    if (host.front() >= 'a' && host.front() <= 'z') {
        auto capital = host;
        capital.front() = static_cast<char>(capital.front() - 'a' + 'A');
        add({scheme, capital, port}, "capital letters");
    }
    return out;
}

std::vector<std::string> entries(std::string_view setting) {
    constexpr std::string_view between = " \t\r\n,;[]\"'";
    std::vector<std::string> out;
    for (std::size_t at = 0; (at = setting.find_first_not_of(between, at)) != setting.npos;) {
        const auto end = std::min(setting.find_first_of(between, at), setting.size());
        out.emplace_back(setting.substr(at, end - at));
        at = end;
    }
    return out;
}

namespace {

/// How an entry that no browser would send means `ours` all the same.
std::optional<std::string> spelling(const std::string& entry, const Parts& ours) {
    if (lower(entry) == ours.text().substr(ours.scheme.size() + 3)) return "no scheme before it";
    const auto ascii = is_ascii(entry) ? std::nullopt : punycode_of_url(entry);
    if (ascii && serialised_origin(*ascii) == serialised_origin(ours.text()))
        return "browsers send the host in ASCII";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> difference(const std::string& entry, const std::string& origin) {
    if (entry == origin) return std::nullopt;
    const auto ours = parse(origin);
    const auto theirs = parse(entry);
    if (!ours) return std::nullopt;
    if (!theirs) return spelling(entry, *ours);
    for (const auto& miss : near_misses(origin)) {
        if (entry == miss.text) return miss.what;
    }
    if (serialised_origin(entry) != origin) {
        if (ours->scheme == theirs->scheme && ours->host == theirs->host) return "another port";
        return std::nullopt;
    }
    if (lower(entry) == origin || lower(entry) == origin + "/") return "capital letters";
    return "a path or the default port after it";
}

bool is_mixed_content(std::string_view page_origin, std::string_view url) {
    const auto page = parse(page_origin);
    const auto target = parse(url);
    return page && target && page->scheme == "https" && target->scheme == "http" &&
           !is_loopback(target->host);
}

}  // namespace cors
