#include "core/net/transfer.hpp"

#include <utility>

namespace triage::net {
namespace {

constexpr unsigned index_bits = 24;
constexpr std::uint64_t index_mask = (1U << index_bits) - 1;

std::size_t index_of(TransferId id) { return std::uint64_t(id) & index_mask; }

}  // namespace

Transfers::Transfers() {
    static std::uint64_t made = 0;  // on the loop's thread, like everything here
    number_ = made++ & 0xff;
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
    slots_[index]->id = TransferId((use << 32) | (number_ << index_bits) | index);
    return *slots_[index];
}

Transfer* Transfers::find(TransferId id) {
    const std::size_t index = index_of(id);
    if (id == TransferId::none || index >= slots_.size() || slots_[index]->id != id) return nullptr;
    return slots_[index].get();
}

void Transfers::remove(TransferId id) {
    Transfer* const transfer = find(id);
    if (!transfer) return;
    *transfer = Transfer{};
    free_.push_back(std::uint32_t(index_of(id)));
}

}  // namespace triage::net
