// The loop's timers, sorted by time and then by creation.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/loop/loop.hpp"

namespace triage::loop {

class Timers {
public:
    TimerId add(TimePoint when, Task task);
    void cancel(TimerId timer);
    std::optional<TimePoint> next() const;

    // Runs what is due at `now`. The tasks may add and cancel: what they add waits for the next
    // call, or one that adds "now" again and again would starve everything else.
    void run_due(TimePoint now);

private:
    using Key = std::pair<TimePoint, std::uint64_t>;

    std::map<Key, Task> sorted_;
    std::unordered_map<std::uint64_t, TimePoint> when_;
    std::uint64_t last_ = 0;
};

}  // namespace triage::loop
