// One event loop: file descriptors, timers, and work posted from other threads.
//
// Everything is called on the thread that runs the loop, except post(), which any thread may call.
// The same loop serves the host and the worker processes. Under a VirtualClock time passes only
// when nothing else is left to do, so deadlines and races can be tested exactly and at once.
//
// The methods are virtual so that a library loaded at run time (libtriage-net.so) may be handed a
// Loop&: its calls arrive in the program's code, and it needs to know nothing of the loop's inside.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace triage::loop {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = std::chrono::microseconds;
using Task = std::move_only_function<void()>;

// Where time comes from.
class TimeSource {
public:
    virtual ~TimeSource() = default;
    virtual TimePoint now() const = 0;
    // True if the loop may jump to the next timer instead of waiting for it.
    virtual bool jumps() const { return false; }
    virtual void advance_to(TimePoint) {}
};

class RealClock final : public TimeSource {
public:
    TimePoint now() const override { return Clock::now(); }
};

// Starts at an arbitrary fixed point.
class VirtualClock final : public TimeSource {
public:
    TimePoint now() const override { return now_; }
    bool jumps() const override { return true; }
    void advance_to(TimePoint when) override {
        if (when > now_) now_ = when;
    }

private:
    TimePoint now_{std::chrono::hours(1)};
};

enum class TimerId : std::uint64_t { none = 0 };

// What a descriptor is ready for; combined with |.
enum Ready : std::uint32_t { ready_none = 0, ready_read = 1, ready_write = 2, ready_error = 4 };

class Loop {
public:
    // Throws std::system_error if epoll or eventfd cannot be had.
    explicit Loop(const std::shared_ptr<TimeSource>& time = std::make_shared<RealClock>());
    virtual ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    virtual TimePoint now() const;

    // Timers fire in order of time, then of creation, at or after `when`, never within this call.
    virtual TimerId call_at(TimePoint when, Task task);
    virtual TimerId call_after(Duration delay, Task task);
    virtual void cancel(TimerId timer);  // unknown or fired timers are ignored

    // Runs `task` in this thread once the current callback has returned, before any waiting.
    virtual void defer(Task task);

    // [any thread] Runs `task` on the loop's thread. While outstanding work of another thread has
    // been announced with expect_post(), a virtual clock does not jump.
    virtual void post(Task task);
    virtual void expect_post();  // one post() will follow from another thread

    // Calls `on_ready` with Ready bits whenever `fd` is ready (level-triggered). One watch per fd;
    // watching again replaces interest and callback. Hang-up counts as ready_read | ready_error.
    virtual void watch(int fd, std::uint32_t interest,
                       std::function<void(std::uint32_t ready)> on_ready);
    // Changes what is waited for; cheap: the system call is made once, at the end of the turn, if
    // the interest then differs. 0 keeps the watch but asks for nothing. A descriptor that cannot
    // be watched (a regular file, a closed one) is reported once, as ready_error.
    virtual void set_interest(int fd, std::uint32_t interest);
    virtual void unwatch(int fd);  // call before closing fd; unknown descriptors are ignored
    // The same and closes `fd`, which must have no duplicate: the kernel forgets it by itself.
    virtual void unwatch_and_close(int fd);

    // Called after the callbacks of each turn, before waiting: the place to flush what was batched.
    // Lives as long as the loop, so it must not hold on to what lives shorter.
    virtual void at_turn_end(std::function<void()> hook);

    // Runs until `done()` is true (asked after every turn) or stop() is called. Not from within a
    // callback. Throws std::logic_error if under a virtual clock nothing can ever happen again.
    virtual void run_until(const std::function<bool()>& done);
    virtual void stop();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace triage::loop
