#include "core/loop/timers.hpp"

namespace triage::loop {

TimerId Timers::add(TimePoint when, Task task) {
    const std::uint64_t id = ++last_;
    sorted_.emplace(Key(when, id), std::move(task));
    when_.emplace(id, when);
    return TimerId(id);
}

void Timers::cancel(TimerId timer) {
    const auto found = when_.find(std::uint64_t(timer));
    if (found == when_.end()) return;
    const auto entry = sorted_.find(Key(found->second, found->first));
    when_.erase(found);
    // Its destructor may come back here, so the task goes last.
    const Task dropped = std::move(entry->second);
    sorted_.erase(entry);
}

std::optional<TimePoint> Timers::next() const {
    if (sorted_.empty()) return std::nullopt;
    return sorted_.begin()->first.first;
}

void Timers::run_due(TimePoint now) {
    const std::uint64_t newest = last_;
    // Looked up anew each time: the task just run may have removed the one that followed it.
    for (auto entry = sorted_.begin(); entry != sorted_.end() && entry->first.first <= now;) {
        const Key key = entry->first;
        if (key.second <= newest) {
            Task task = std::move(entry->second);
            sorted_.erase(entry);
            when_.erase(key.second);
            task();
        }
        entry = sorted_.upper_bound(key);
    }
}

}  // namespace triage::loop
