// How a thread of the pool reaches the loop, also when the loop's owner has gone in the meantime.
#pragma once

#include <mutex>
#include <utility>

#include "core/loop/loop.hpp"

namespace triage::plugin {

class LoopLink {
public:
    explicit LoopLink(loop::Loop& loop) : loop_(&loop) {}

    // [any thread] Runs the task on the loop, or drops it after cut().
    void post(loop::Task task) {
        const std::scoped_lock lock(mutex_);
        if (loop_ != nullptr) loop_->post(std::move(task));
    }
    // [any thread] The loop's time; the real one after cut().
    loop::TimePoint now() const {
        const std::scoped_lock lock(mutex_);
        return loop_ != nullptr ? loop_->now() : loop::Clock::now();
    }
    // [loop] The loop's owner goes.
    void cut() {
        const std::scoped_lock lock(mutex_);
        loop_ = nullptr;
    }

private:
    mutable std::mutex mutex_;
    loop::Loop* loop_;
};

}  // namespace triage::plugin
