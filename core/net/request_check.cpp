#include "core/net/request_check.hpp"

#include <sys/un.h>

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/net/reception.hpp"

namespace triage::net {
namespace {

bool is_token(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        const bool alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return alphanumeric ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

bool breaks_a_line(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

// Of the message itself, not of its content: another value than the real one would let one request
// be read as two.
bool is_framing(std::string_view name) {
    return equal_ignoring_case(name, "content-length") ||
           equal_ignoring_case(name, "transfer-encoding");
}

std::string malformed(const Header& header) {
    const std::string name = base::elide(base::printable(header.name), 60);
    if (!is_token(header.name)) {
        return fmt::format("\"{}\" is not a header name: expected letters, digits and '-'", name);
    }
    if (is_framing(header.name)) {
        return fmt::format("the header {} is set by the host: leave it out", name);
    }
    if (breaks_a_line(header.value)) {
        return fmt::format("the value of the header {} has a line break or a NUL in it", name);
    }
    return {};
}

bool has_nul(const std::string& text) { return text.find('\0') != text.npos; }

}  // namespace

std::string malformed(const Request& request) {
    if (!is_token(request.method) || request.method.size() > 32 || request.method == "CONNECT") {
        return fmt::format("\"{}\" is not a method that can be sent, like GET or OPTIONS",
                           base::elide(base::printable(request.method), 60));
    }
    for (const Header& header : request.headers) {
        if (std::string why = malformed(header); !why.empty()) return why;
    }
    if (request.unix_socket.size() >= sizeof(sockaddr_un::sun_path)) {
        return fmt::format("the path of the unix socket has {} characters, at most {} are possible",
                           request.unix_socket.size(), sizeof(sockaddr_un::sun_path) - 1);
    }
    for (const auto* const path : {&request.unix_socket, &request.ca_file,
                                   &request.client_cert_file, &request.client_key_file}) {
        if (has_nul(*path)) return "a file name has a NUL in it";
    }
    return {};
}

}  // namespace triage::net
