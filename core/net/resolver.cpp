#include "core/net/resolver.hpp"

#include <utility>

namespace triage::net {

Resolver::Resolver(Lookup lookup, unsigned max_running, Known known)
    : lookup_(std::move(lookup)), max_running_(max_running), state_(std::make_shared<State>()) {
    state_->known = std::move(known);
}

const Addresses* Resolver::find(const std::string& name) const {
    const auto found = state_->entries.find(name);
    const bool known = found != state_->entries.end() && !found->second.running;
    return known ? &found->second.addresses : nullptr;
}

bool Resolver::can_wait_for(const std::string& name) const {
    return state_->running < max_running_ || state_->entries.contains(name);
}

void Resolver::wait_for(const std::string& name, TransferId waiting) {
    const auto [entry, added] = state_->entries.try_emplace(name);
    entry->second.waiting.push_back(waiting);
    if (!added) return;
    entry->second.running = true;
    ++state_->running;
    lookup_(name, [weak = std::weak_ptr(state_), name](Addresses addresses) {
        if (const auto state = weak.lock()) state->done(name, std::move(addresses));
    });
}

void Resolver::State::done(const std::string& name, Addresses addresses) {
    --running;
    Entry& entry = entries[name];
    const std::vector<TransferId> waiting = std::exchange(entry.waiting, {});
    const Addresses answer = addresses;
    if (addresses.failure == Failure::local) {
        entries.erase(name);  // says nothing about the name: the next one asks again
    } else {
        entry.running = false;
        entry.addresses = std::move(addresses);
    }
    known(waiting, answer);
}

}  // namespace triage::net
