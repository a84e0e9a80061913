// In-process, a plugin's callback that does not return keeps the loop's thread for ever. So that
// another thread can then tell what is known, the loop's thread holds this lock all the time but
// while it is in a plugin's callback: who gets it finds the host between two of its steps.
//
// What callbacks reach through the service functions is not guarded: the loop, requests, the calls
// themselves. Who seizes the lock leaves those alone.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>

#include "core/plugin/breadcrumb.hpp"

namespace triage::plugin {

// The callback that the loop's thread is in, when that is asked.
struct UnderWay {
    std::string plugin;  // its id; while it is being loaded, its path
    Callback callback = Callback::none;
    CallId call{};  // from create to destroy
    std::chrono::microseconds elapsed{0};
};

// "plugin 'health': step() has not returned for 3 s".
std::string describe(const UnderWay& callback);

class HostLock {
public:
    // [loop] Holds it from the first enter() on; leave() and enter() stand around each callback.
    void enter() {
        if (seizing_.load(std::memory_order_relaxed)) seizing_.wait(true);
        mutex_.lock();
    }
    void leave(const std::string& plugin, const Crumb& crumb) {
        plugin_ = &plugin;
        crumb_ = &crumb;
        mutex_.unlock();
    }
    // [loop] No callback follows any more.
    void leave_for_good() { mutex_.unlock(); }

    // [another thread] Waits for the next callback, however short it is and however many there are.
    // False if there was none within `patience`.
    bool seize(std::chrono::milliseconds patience);
    void give_back() { mutex_.unlock(); }
    // While it is seized.
    UnderWay under_way() const;

private:
    std::timed_mutex mutex_;
    std::atomic<bool> seizing_ = false;  // the loop's thread lets the other one go first
    const std::string* plugin_ = nullptr;
    const Crumb* crumb_ = nullptr;
};

// One callback on the loop's thread. Costs nothing but a look if there is no lock.
class OutsideHost {
public:
    OutsideHost(HostLock* lock, const std::string& plugin, const Crumb& crumb) : lock_(lock) {
        if (lock_ != nullptr) lock_->leave(plugin, crumb);
    }
    ~OutsideHost() {
        if (lock_ != nullptr) lock_->enter();
    }
    OutsideHost(const OutsideHost&) = delete;
    OutsideHost& operator=(const OutsideHost&) = delete;

private:
    HostLock* lock_;
};

}  // namespace triage::plugin
