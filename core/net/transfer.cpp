#include "core/net/transfer.hpp"

#include <arpa/inet.h>

#include <utility>

#include <fmt/format.h>

#include "core/net/request_check.hpp"

namespace triage::net {
namespace {

bool is_address(const std::string& host) {
    in6_addr any{};
    return ::inet_pton(AF_INET, host.c_str(), &any) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), &any) == 1;
}

}  // namespace

base::Result<std::string> read_target(Transfer& transfer) {
    Request& request = transfer.request;
    if (std::string why = malformed(request); !why.empty()) return base::fail(std::move(why));
    auto url = base::parse_url(request.url);
    if (!url) return std::unexpected(std::move(url.error()));
    transfer.url = std::move(*url);
    transfer.url_text = transfer.url.request_url();
    transfer.name.clear();
    transfer.addresses.clear();
    if (!request.unix_socket.empty()) return "unix:" + request.unix_socket;

    base::Endpoint where{.host = transfer.url.host, .port = transfer.url.port};
    if (!request.connect_to.empty()) {
        auto endpoint = base::parse_endpoint(request.connect_to);
        if (!endpoint) return std::unexpected(std::move(endpoint.error()));
        where = std::move(*endpoint);
    }
    if (!is_address(where.host)) {
        transfer.name = where.host;
        transfer.name_port = where.port;
    }
    return fmt::format("{}://{}:{}", transfer.url.scheme, where.host, where.port);
}

Transfer& Transfers::add() {
    if (free_.empty()) {
        free_.push_back(std::uint32_t(slots_.size()));
        slots_.push_back(std::make_unique<Transfer>());
        uses_.push_back(0);
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    const std::uint64_t use = ++uses_[index];
    slots_[index]->id = TransferId((use << 32) | index);
    return *slots_[index];
}

Transfer* Transfers::find(TransferId id) {
    const std::size_t index = std::uint64_t(id) & 0xffffffffU;
    if (id == TransferId::none || index >= slots_.size() || slots_[index]->id != id) return nullptr;
    return slots_[index].get();
}

void Transfers::remove(TransferId id) {
    Transfer* const transfer = find(id);
    if (!transfer) return;
    *transfer = Transfer{};
    free_.push_back(std::uint32_t(std::uint64_t(id) & 0xffffffffU));
}

}  // namespace triage::net
