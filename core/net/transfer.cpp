#include "core/net/transfer.hpp"

#include <utility>

namespace triage::net {
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
