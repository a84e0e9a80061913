#include "core/net/destination.hpp"

#include <arpa/inet.h>

#include <utility>

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

base::Result<std::shared_ptr<const Destination>> read(const Request& request) {
    const auto read = url_of(request);
    if (!read) return std::unexpected(read.error());
    const auto& url = *read;
    base::Endpoint where{.host = url->host, .port = url->port};
    if (!request.connect_to.empty()) {
        auto endpoint = base::parse_endpoint(request.connect_to);
        if (!endpoint) return std::unexpected(std::move(endpoint.error()));
        where = std::move(*endpoint);
    }
    auto result = std::make_shared<Destination>();
    result->url = url;
    result->text = url->request_url();
    if (!request.unix_socket.empty()) {
        result->target = "unix:" + request.unix_socket;
        return result;
    }
    result->target = fmt::format("{}://{}:{}", url->scheme, where.host, where.port);
    if (!is_address(where.host)) {
        result->name = where.host;
        result->name_port = fmt::format("{}:{}", where.host, where.port);
    }
    return result;
}

}  // namespace

base::Result<std::shared_ptr<const Destination>> Destinations::of(const Request& request) {
    if (!request.connect_to.empty() || !request.unix_socket.empty()) return read(request);
    if (const auto found = by_url_.find(request.url); found != by_url_.end()) return found->second;
    auto result = read(request);
    if (by_url_.size() >= max_remembered) by_url_.clear();
    if (result) by_url_.emplace(request.url, *result);
    return result;
}

}  // namespace triage::net
