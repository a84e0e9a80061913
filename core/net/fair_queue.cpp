#include "core/net/fair_queue.hpp"

#include <algorithm>
#include <utility>

namespace triage::net {

FairQueue::FairQueue(unsigned total, unsigned per_target)
    : total_(std::max(total, 1U)), per_target_(std::max(per_target, 1U)) {}

FairQueue::Target FairQueue::target(std::string_view key) {
    if (const auto found = index_.find(key); found != index_.end()) return found->second;
    lines_.emplace_back();
    index_.emplace(key, lines_.size() - 1);
    return lines_.size() - 1;
}

void FairQueue::push(Target target, TransferId id) {
    lines_[target].waiting.push_back(id);
    list(target);
}

void FairQueue::push_front(Target target, TransferId id) {
    lines_[target].waiting.push_front(id);
    list(target);
}

void FairQueue::list(Target target) {
    Line& line = lines_[target];
    if (line.in_turn || line.blocked || line.waiting.empty() || line.running >= per_target_) return;
    line.in_turn = true;
    turns_.push_back(target);
}

std::optional<TransferId> FairQueue::next(const Ask& ask) {
    while (running_ < total_ && !turns_.empty()) {
        const Target target = turns_.front();
        Line& line = lines_[target];
        const TransferId first = line.waiting.front();
        const Answer answer = ask(first);
        turns_.pop_front();
        line.in_turn = false;
        if (answer == Answer::stay) {
            line.blocked = true;
            blocked_.push_back(target);
            continue;
        }
        line.waiting.pop_front();
        if (answer == Answer::start) {
            ++line.running;
            ++running_;
        }
        list(target);
        if (answer == Answer::start) return first;
    }
    return std::nullopt;
}

void FairQueue::finished(Target target) {
    --lines_[target].running;
    --running_;
    list(target);
}

void FairQueue::unblock() {
    for (const Target target : std::exchange(blocked_, {})) {
        lines_[target].blocked = false;
        list(target);
    }
}

}  // namespace triage::net
