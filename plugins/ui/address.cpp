#include "address.hpp"

#include <algorithm>

#include <boost/url/parse.hpp>
#include <boost/url/src.hpp>  // compiled in: Debian's archive is not position independent
#include <boost/url/url.hpp>

namespace ui {
namespace {

namespace urls = boost::urls;

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

std::string_view default_port(std::string_view scheme) { return scheme == "https" ? "443" : "80"; }

std::string_view without_slashes(std::string_view path) {
    while (path.ends_with('/'))
        path.remove_suffix(1);
    return path;
}

}  // namespace

std::string Address::origin() const {
    return scheme + "://" + host + (port == default_port(scheme) ? "" : ":" + port);
}

bool Address::is_loopback() const {
    return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") ||
           host == "[::1]";
}

bool Address::is_internal() const {
    if (is_loopback() || host.starts_with('[')) return false;
    return host.find('.') == std::string::npos || host.ends_with(".internal") ||
           host.ends_with(".local");
}

std::optional<Address> parse_address(std::string_view text) {
    const auto url = urls::parse_uri({text.data(), text.size()});
    if (!url || !url->has_authority() || url->encoded_host().empty()) return std::nullopt;
    const std::string_view path(url->encoded_path().data(), url->encoded_path().size());
    Address out{lower(std::string(url->scheme())), lower(std::string(url->encoded_host())),
                std::string(url->port()), std::string(without_slashes(path))};
    if (out.scheme != "http" && out.scheme != "https") return std::nullopt;
    if (out.port.empty()) out.port = default_port(out.scheme);
    return out;
}

bool same_origin(const Address& one, const Address& other) {
    const bool same_host = one.host == other.host || (one.is_loopback() && other.is_loopback());
    return same_host && one.scheme == other.scheme && one.port == other.port;
}

std::optional<std::string> resolve(std::string_view base, std::string_view reference) {
    const auto from = urls::parse_uri({base.data(), base.size()});
    const auto to = urls::parse_uri_reference({reference.data(), reference.size()});
    if (!from || !to) return std::nullopt;
    urls::url resolved;
    if (!urls::resolve(*from, *to, resolved)) return std::nullopt;
    resolved.remove_fragment();
    std::string path(resolved.encoded_path());  // the library keeps what leads above the root
    while (path.starts_with("/../"))
        path.erase(0, 3);
    resolved.set_encoded_path(path);
    std::string text(resolved.buffer());
    return parse_address(text) ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace ui
