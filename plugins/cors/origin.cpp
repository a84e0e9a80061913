#include "origin.hpp"

#include <algorithm>
#include <array>

#include <boost/url/parse.hpp>
#include <boost/url/src.hpp>
#include <boost/url/url.hpp>

namespace cors {
namespace {

namespace urls = boost::urls;

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

struct Parts {
    std::string scheme, host, port;  // host in brackets if it is an IPv6 address
    std::string text() const { return scheme + "://" + host + (port.empty() ? "" : ":" + port); }
};

std::string_view default_port(std::string_view scheme) { return scheme == "https" ? "443" : "80"; }

/// As written but for letter case; nullopt if it is no http or https URL.
std::optional<Parts> parse(std::string_view text) {
    const auto url = urls::parse_uri({text.data(), text.size()});
    if (!url || !url->has_authority() || url->encoded_host().empty()) return std::nullopt;
    Parts parts{lower(std::string(url->scheme())), lower(std::string(url->encoded_host())),
                std::string(url->port())};
    if (parts.scheme != "http" && parts.scheme != "https") return std::nullopt;
    return parts;
}

bool is_loopback(std::string_view host) {
    return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") ||
           host == "[::1]";
}

}  // namespace

std::optional<std::string> serialised_origin(std::string_view url) {
    auto parts = parse(url);
    if (!parts) return std::nullopt;
    if (parts->port == default_port(parts->scheme)) parts->port.clear();
    return parts->text();
}

std::vector<NearMiss> near_misses(const std::string& origin) {
    const auto parts = parse(origin);
    if (!parts) return {};
    std::vector<NearMiss> out{{origin + "/", "a slash at the end"}};
    const auto add = [&](const Parts& other, std::string what) {
        if (other.text() != origin) out.push_back({other.text(), std::move(what)});
    };
    const auto& [scheme, host, port] = *parts;
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

std::optional<std::string> difference(const std::string& entry, const std::string& origin) {
    if (entry == origin) return std::nullopt;
    const auto ours = parse(origin);
    const auto theirs = parse(entry);
    if (!ours || !theirs) return std::nullopt;
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
