#include "core/net/redirect.hpp"

#include <memory>
#include <utility>
#include <vector>

#include <curl/curl.h>
#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/net/reception.hpp"

namespace triage::net {
namespace {

struct FreeUrl {
    void operator()(CURLU* url) const { ::curl_url_cleanup(url); }
};

bool describes_body(const Header& header) {
    return header.name.size() > 8 &&
           equal_ignoring_case(std::string_view(header.name).substr(0, 8), "content-");
}

bool is_private(const Header& header) {
    return header.sensitive || equal_ignoring_case(header.name, "authorization") ||
           equal_ignoring_case(header.name, "cookie") || equal_ignoring_case(header.name, "host");
}

}  // namespace

base::Result<base::Url> resolve_location(const base::Url& from, const std::string& location) {
    const std::unique_ptr<CURLU, FreeUrl> url(::curl_url());
    const auto bad = [&](std::string_view why) {
        return base::fail(
            fmt::format("the Location that {} sends cannot be read: {}", from.origin(), why));
    };
    // Servers send spaces and UTF-8 as they are: encoded, as browsers do.
    CURLUcode code = ::curl_url_set(url.get(), CURLUPART_URL, from.request_url().c_str(), 0);
    if (code == CURLUE_OK) {
        code = ::curl_url_set(url.get(), CURLUPART_URL, location.c_str(),
                              CURLU_URLENCODE | CURLU_NON_SUPPORT_SCHEME | CURLU_PATH_AS_IS);
    }
    char* text = nullptr;
    if (code == CURLUE_OK) code = ::curl_url_get(url.get(), CURLUPART_URL, &text, 0);
    if (code != CURLUE_OK) {
        return bad(fmt::format("\"{}\": {}", base::printable(location), ::curl_url_strerror(code)));
    }
    const std::unique_ptr<char, decltype(&::curl_free)> owner(text, &::curl_free);
    auto target = base::parse_url(text);
    if (!target) return bad(target.error().message);
    target->user_info.clear();  // never credentials of a server's choosing
    if (target->origin() == from.origin()) target->user_info = from.user_info;
    return target;
}

std::string redirected_method(const std::string& method, int status) {
    const bool becomes_get = (status == 303 && method != "HEAD") ||
                             ((status == 301 || status == 302) && method == "POST");
    return becomes_get ? "GET" : method;
}

void redirect_request(Request& request, int status, const base::Url& from, const base::Url& to) {
    std::string method = redirected_method(request.method, status);
    if (method != request.method) {
        request.method = std::move(method);
        request.body.clear();
        std::erase_if(request.headers, describes_body);
    }
    request.url = to.request_url();
    if (!to.user_info.empty()) request.url.insert(to.scheme.size() + 3, to.user_info + "@");
    request.parsed = std::make_shared<const base::Url>(to);
    if (to.origin() == from.origin()) return;
    std::erase_if(request.headers, is_private);
    request.client_cert_file.clear();
    request.client_key_file.clear();
    request.unix_socket.clear();
    request.connect_to.clear();
}

}  // namespace triage::net
