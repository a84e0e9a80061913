#include "core/net/destination.hpp"

#include <arpa/inet.h>

#include <utility>

#include <fmt/compile.h>
#include <fmt/format.h>

namespace triage::net {
namespace {

constexpr std::size_t max_remembered = 1024;

bool is_address(const std::string& host) {
    in6_addr any{};
    return ::inet_pton(AF_INET, host.c_str(), &any) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

base::Result<std::shared_ptr<const base::Url>> url_of(const Request& request) {
    if (request.parsed) return request.parsed;
    auto url = base::parse_url(request.url);
    if (!url) return std::unexpected(std::move(url.error()));
    return std::make_shared<const base::Url>(*std::move(url));
}

}  // namespace

base::Result<Destination> Destinations::of(const Request& request) {
    auto url = url_of(request);
    if (!url) return std::unexpected(std::move(url.error()));
    Destination result{.url = *std::move(url), .text = {}, .host = {}};
    result.text = result.url->request_url();
    const auto& scheme = result.url->scheme;
    if (!request.connect_to.empty()) {
        const auto endpoint = base::parse_endpoint(request.connect_to);
        if (!endpoint) return std::unexpected(endpoint.error());
        result.host = host_at(scheme, endpoint->host, endpoint->port);
    } else if (request.unix_socket.empty()) {
        result.host = host_at(scheme, result.url->host, result.url->port);
    }
    if (!request.unix_socket.empty())
        result.host = std::make_shared<const Host>("unix:" + request.unix_socket);
    return result;
}

std::shared_ptr<const Host> Destinations::host_at(const std::string& scheme,
                                                  const std::string& name, std::uint16_t port) {
    auto target = fmt::format(FMT_COMPILE("{}://{}:{}"), scheme, name, port);
    if (const auto found = by_target_.find(target); found != by_target_.end()) return found->second;
    auto host = std::make_shared<Host>(target);
    if (!is_address(name)) {
        host->name = name;
        host->name_port = fmt::format("{}:{}", name, port);
    }
    if (by_target_.size() >= max_remembered) by_target_.clear();
    return by_target_.emplace(std::move(target), std::move(host)).first->second;
}

}  // namespace triage::net
