#include "core/run/ready_queue.hpp"

namespace triage::run {

void ReadyQueue::push(std::size_t check, const std::string& target) {
    ready_.emplace(check, target.empty() ? nullptr : &lanes_[target]);
}

std::optional<std::size_t> ReadyQueue::pop() {
    while (!ready_.empty()) {
        const auto [check, lane] = ready_.top();
        ready_.pop();
        if (lane == nullptr) return check;
        if (lane->running < per_target_) {
            ++lane->running;
            return check;
        }
        lane->waiting.push_back(check);
    }
    return std::nullopt;
}

void ReadyQueue::done(const std::string& target) {
    if (target.empty()) return;
    auto& lane = lanes_[target];
    --lane.running;
    if (lane.waiting.empty()) return;
    ready_.emplace(lane.waiting.front(), &lane);
    lane.waiting.pop_front();
}

}  // namespace triage::run
