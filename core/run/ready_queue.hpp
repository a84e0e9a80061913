// Checks that could start now, and which of them may.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

namespace triage::run {

// Gives out checks in the runbook's order, but never more than `per_target` at once that look at
// the same target: a check that would only wait for its turn at a busy server is better not begun,
// because its time would run out in our own queue. Time per operation: logarithmic.
class ReadyQueue {
public:
    explicit ReadyQueue(unsigned per_target) : per_target_(per_target) {}

    // `target` is what load is limited by (an origin); empty: nothing.
    void push(std::size_t check, const std::string& target);
    // The next check to start; its target counts as busy until done().
    std::optional<std::size_t> pop();
    void done(const std::string& target);

private:
    struct Lane {
        unsigned running = 0;
        std::deque<std::size_t> waiting;
    };
    using Entry = std::pair<std::size_t, Lane*>;

    unsigned per_target_;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> ready_;
    std::unordered_map<std::string, Lane> lanes_;  // nodes are stable: Lane* stays valid
};

}  // namespace triage::run
