// HTTP requests and responses between the C ABI and the host's values.
#pragma once

#include <string_view>
#include <vector>

#include <triage/abi.h>

#include "core/base/error.hpp"
#include "core/net/http.hpp"

namespace triage::plugin {

inline constexpr std::size_t max_request_body_bytes = std::size_t{8} << 20;
inline constexpr std::size_t max_response_body_bytes = std::size_t{24} << 20;
inline constexpr std::size_t max_headers = 1000;

std::string_view view(const triage_str& text);  // "" if it has no data
triage_str borrow(std::string_view text);

// A copy of what the plugin asks for; an error says which member is not as the ABI says.
base::Result<net::Request> copy_request(const triage_http_request* request);

// A response as the ABI shows it. What it points to is borrowed from the response and from this
// object, until the next call of show().
class ResponseView {
public:
    const triage_http_response* show(const net::Response& response);

private:
    void show_headers(const net::Response& response);
    void show_redirects(const net::Response& response);
    void show_certificates(const net::Response& response);

    triage_http_response response_{};
    std::vector<triage_http_header> headers_;
    std::vector<const triage_http_header*> header_pointers_;
    std::vector<triage_str> redirects_;
    std::vector<const triage_str*> redirect_pointers_;
    std::vector<triage_http_certificate> certificates_;
    std::vector<const triage_http_certificate*> certificate_pointers_;
};

}  // namespace triage::plugin
