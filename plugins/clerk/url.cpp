#include "url.hpp"

#include <algorithm>

#include <boost/url/parse.hpp>
#include <boost/url/src.hpp>  // compiled in: Debian's archive is not position independent
#include <boost/url/url.hpp>

namespace clerk {
namespace {

namespace urls = boost::urls;

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

/// Boost.URL ends a host behind an IPv4 address that it begins with: what follows is no path.
bool is_cut(const urls::url_view& url) {
    return url.has_authority() && !url.encoded_path().empty() && url.encoded_path()[0] != '/';
}

std::optional<Link> to_link(const urls::url_view& url) {
    if (!url.has_authority() || url.encoded_host().empty() || is_cut(url)) return std::nullopt;
    const std::string_view path(url.encoded_path().data(), url.encoded_path().size());
    Link link{std::string(url.buffer()), lower(std::string(url.scheme())),
              lower(std::string(url.encoded_host())), std::string(url.port()),
              path.empty() ? "/" : std::string(path)};
    if (link.scheme != "http" && link.scheme != "https") return std::nullopt;
    if (link.port.empty()) link.port = link.scheme == "https" ? "443" : "80";
    return link;
}

}  // namespace

std::string Link::host_port() const {
    const bool is_default = port == (scheme == "https" ? "443" : "80");
    return is_default ? host : host + ":" + port;
}

std::string Link::origin() const { return scheme + "://" + host_port(); }

std::optional<std::string> Link::query(std::string_view name) const {
    const auto url = urls::parse_uri({text.data(), text.size()});
    if (!url) return std::nullopt;
    for (const auto& parameter : url->params()) {
        if (parameter.key == urls::string_view(name.data(), name.size())) return parameter.value;
    }
    return std::nullopt;
}

std::optional<Link> parse_link(std::string_view text) {
    const auto url = urls::parse_uri({text.data(), text.size()});
    return url ? to_link(*url) : std::nullopt;
}

std::optional<Link> resolve_link(const Link& base, std::string_view location) {
    const auto from = urls::parse_uri({base.text.data(), base.text.size()});
    const auto reference = urls::parse_uri_reference({location.data(), location.size()});
    if (!from || !reference || is_cut(*reference)) return std::nullopt;
    urls::url resolved;
    if (!urls::resolve(*from, *reference, resolved)) return std::nullopt;
    return to_link(resolved);
}

bool is_host(std::string_view text) {
    const auto link = parse_link("https://" + std::string(text) + "/");
    if (!link || link->path != "/" || text.find_first_of("@/?#%") != text.npos) return false;
    const auto name = std::string_view(link->host);
    if (name.starts_with('[')) return true;
    if (name.find('.') == name.npos || name.starts_with('.') || name.ends_with('.')) return false;
    return std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

}  // namespace clerk
