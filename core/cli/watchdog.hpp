// In-process only: ends the program in time when a plugin does not give the loop's thread back.
#pragma once

#include <functional>
#include <mutex>
#include <thread>

#include "core/base/unique_fd.hpp"
#include "core/cli/interrupts.hpp"
#include "core/loop/loop.hpp"
#include "core/plugin/host_lock.hpp"

namespace triage::cli {

// A thread that reads the signals in the loop's place, and knows until when the loop should have
// come to an end. If it has not, it stops the loop's thread at the next callback of a plugin, says
// the last words and leaves with _exit(): a thread that is stuck in a plugin cannot be ended.
class Watchdog {
public:
    // Says what is known; returns the exit code.
    using LastWords = std::function<int(const plugin::UnderWay& callback, bool interrupted)>;

    // The thread that makes it is the loop's. Both must outlive it.
    Watchdog(loop::Loop& loop, Interrupts& interrupts, LastWords last_words);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    plugin::HostLock& lock() { return lock_; }

    // [loop] What is under way ends at `due` by itself, or it is ended shortly after.
    void expect_end(loop::TimePoint due);
    void expect_nothing() { expect_end(loop::TimePoint::max()); }
    void say_last(LastWords last_words) { last_words_ = std::move(last_words); }

private:
    void watch();
    void on_signal();
    bool is_due();
    int milliseconds_left();
    void bite();

    loop::Loop& loop_;
    Interrupts& interrupts_;
    plugin::HostLock lock_;
    LastWords last_words_;  // under lock_
    base::UniqueFd wake_;   // an eventfd: due_ or stopping_ has changed
    std::mutex mutex_;      // for what follows
    loop::TimePoint due_ = loop::TimePoint::max();
    bool interrupted_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace triage::cli
