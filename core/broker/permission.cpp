#include "core/broker/permission.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"
#include "core/base/url.hpp"

namespace triage::broker {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& item) {
    return std::ranges::find(list, item) != list.end();
}

std::string allow_line(const Permit& permit, const std::string& entry) {
    return fmt::format("The runbook would allow it with `[allow]` `{} = {{ {} }}`.", permit.plugin,
                       entry);
}

Refusal denied(std::string what, const Permit& permit, const std::string& entry) {
    return {net::Failure::denied, std::move(what), allow_line(permit, entry)};
}

std::optional<Refusal> check_target(const std::string& method, const base::Url& url,
                                    const std::string& origin, const Permit& permit) {
    if (permit.grants->may_send(method, origin, url.path)) return std::nullopt;
    if (!permit.grants->may_send("GET", origin, url.path)) {
        return denied(fmt::format("no permission for {}", origin), permit,
                      fmt::format(R"(http = ["{}"])", origin));
    }
    return denied(fmt::format("no permission to {} {}: only GET, HEAD and OPTIONS are granted",
                              method, url.path),
                  permit, fmt::format(R"(write = ["{} {}"])", method, url.path));
}

// A socket, another address to connect to, files to read: each needs its own grant.
std::optional<Refusal> check_extras(const net::Request& request, const Permit& permit) {
    if (!request.unix_socket.empty() &&
        !contains(permit.grants->unix_sockets, request.unix_socket)) {
        return denied(fmt::format("no permission for the socket {}", request.unix_socket), permit,
                      fmt::format(R"(unix = ["{}"])", request.unix_socket));
    }
    if (!request.connect_to.empty() && !contains(permit.grants->net, request.connect_to)) {
        return denied(fmt::format("no permission to connect to {}", request.connect_to), permit,
                      fmt::format(R"(net = ["{}"])", request.connect_to));
    }
    for (const auto* file :
         {&request.ca_file, &request.client_cert_file, &request.client_key_file}) {
        if (!file->empty() && !contains(permit.grants->read, *file)) {
            return denied(fmt::format("no permission to read {}", *file), permit,
                          fmt::format(R"(read = ["{}"])", *file));
        }
    }
    return std::nullopt;
}

// Where the text is from, only who runs the check knows: the secret's name leads there.
std::optional<Refusal> check_text(const std::string& header, const Sealed& secret) {
    if (secret.text.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos)
        return std::nullopt;
    return Refusal{net::Failure::bad_request,
                   fmt::format("the header {} cannot be sent: the text of the secret {} has a line "
                               "break or a NUL in it",
                               header, secret.name),
                   "Take it out where [secrets] says that the text is from: it must be one line."};
}

std::optional<Refusal> check_secrets(const net::Request& request, const std::string& origin,
                                     const Permit& permit) {
    for (const auto& header : request.headers) {
        if (header.secret == 0) continue;
        if (header.secret < 0 || static_cast<std::size_t>(header.secret) > permit.secrets.size()) {
            return Refusal{net::Failure::bad_request,
                           fmt::format("header {}: {} is no secret handle of this check",
                                       header.name, header.secret),
                           ""};
        }
        const auto& secret = permit.secrets[static_cast<std::size_t>(header.secret) - 1];
        const bool unbound = secret.send_to.empty();
        if (contains(unbound ? permit.grants->named : secret.send_to, origin)) {
            if (auto refusal = check_text(header.name, secret)) return refusal;
            continue;
        }
        return Refusal{
            net::Failure::denied,
            fmt::format("the secret {} may only be sent to {}, not to {}", secret.name,
                        unbound ? std::string("the origins that the check's own URLs name")
                                : fmt::format("{}", fmt::join(secret.send_to, ", ")),
                        origin),
            "Its `send-to` in [secrets] says where it may go."};
    }
    return std::nullopt;
}

bool is_method_override(std::string_view header) {
    static constexpr std::array<std::string_view, 3> names = {"x-http-method-override",
                                                              "x-http-method", "x-method-override"};
    return std::ranges::any_of(names,
                               [&](auto name) { return base::equal_ignoring_case(name, header); });
}

// A Host header makes the request one to that origin.
std::optional<Refusal> check_host(const net::Header& header, const std::string& method,
                                  const base::Url& url, const Permit& permit) {
    const auto other =
        base::parse_url(fmt::format("{}://{}{}", url.scheme, header.value, url.path));
    if (!other || header.secret != 0 || header.value.find_first_of("/?#@") != std::string::npos) {
        return Refusal{net::Failure::bad_request,
                       fmt::format("the Host header '{}' is no host, or host:port", header.value),
                       ""};
    }
    return check_target(method, *other, other->origin(), permit);
}

// Headers and bodies by which servers take a request for another one than it looks like.
std::optional<Refusal> check_disguise(const net::Request& request, const base::Url& url,
                                      const std::string& origin, const Permit& permit) {
    for (const auto& header : request.headers) {
        if (base::equal_ignoring_case(header.name, "host")) {
            if (auto refusal = check_host(header, request.method, url, permit)) return refusal;
        }
        if (!is_method_override(header.name)) continue;
        if (auto refusal = check_target(header.value, url, origin, permit)) return refusal;
    }
    if (request.body.empty() || !plan::is_safe(request.method)) return std::nullopt;
    if (permit.grants->may_send("POST", origin, url.path)) return std::nullopt;
    return denied(fmt::format("no permission to send a body with {} {}: servers may take it for a "
                              "write",
                              request.method, url.path),
                  permit, fmt::format(R"(write = ["POST {}"])", url.path));
}

// A check's own URLs are read when the run is planned.
base::Result<std::shared_ptr<const base::Url>> url_of(const net::Request& request,
                                                      const Permit& permit) {
    const auto& known = permit.grants->urls;
    const auto found = std::ranges::find(known, request.url, &runbook::ReadUrl::text);
    if (found != known.end()) return std::shared_ptr<const base::Url>(*found, &(*found)->url);
    auto url = base::parse_url(request.url);
    if (!url) return std::unexpected(std::move(url.error()));
    return std::make_shared<const base::Url>(*std::move(url));
}

// What is asked for is what was checked: dot segments are gone, the host is in lower case.
std::string normalised(const base::Url& url) {
    std::string text = url.request_url();
    if (!url.user_info.empty()) text.insert(url.scheme.size() + 3, url.user_info + "@");
    return text;
}

}  // namespace

std::optional<Refusal> check_request(net::Request& request, const Permit& permit) {
    const auto read = url_of(request, permit);
    if (!read) return Refusal{net::Failure::bad_request, read.error().message, ""};
    const auto& url = **read;
    const auto origin = url.origin();
    if (auto refusal = check_target(request.method, url, origin, permit)) return refusal;
    if (auto refusal = check_disguise(request, url, origin, permit)) return refusal;
    if (auto refusal = check_extras(request, permit)) return refusal;
    if (auto refusal = check_secrets(request, origin, permit)) return refusal;
    request.url = normalised(url);
    request.parsed = *read;
    return std::nullopt;
}

std::optional<Refusal> check_redirect(const std::string& text, const std::string& method,
                                      const Permit& permit) {
    const auto url = base::parse_url(text);
    if (!url) return Refusal{net::Failure::denied, url.error().message, ""};
    const auto origin = url->origin();
    auto refusal = check_target(method, *url, origin, permit);
    if (refusal) refusal->detail = fmt::format("redirected to {}: {}", origin, refusal->detail);
    return refusal;
}

bool insert_secrets(net::Request& request, const Permit& permit) {
    bool any = false;
    for (auto& header : request.headers) {
        if (header.secret == 0) continue;
        header.value += permit.secrets[static_cast<std::size_t>(header.secret) - 1].text;
        header.secret = 0;
        header.sensitive = true;
        any = true;
    }
    return any;
}

}  // namespace triage::broker
