#include "core/loop/loop.hpp"

#include <unistd.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include "core/loop/poller.hpp"
#include "core/loop/timers.hpp"

namespace triage::loop {

struct Loop::State {
    explicit State(std::shared_ptr<TimeSource> source) : time(std::move(source)) {}

    std::shared_ptr<TimeSource> time;
    Poller poller;
    Timers timers;
    std::vector<Task> deferred;
    std::deque<std::function<void()>> turn_end;  // stays in place while a hook adds another
    bool stopped = false;
    std::size_t expected_posts = 0;

    std::mutex mutex;          // guards `posted`
    std::vector<Task> posted;  // not yet taken over by the loop's thread

    void take_posted();
    void run_deferred();
    void run_hooks();
    void wait();
    void wait_or_jump();
};

void Loop::State::take_posted() {
    std::vector<Task> taken;
    {
        const std::lock_guard lock(mutex);
        if (posted.empty()) return;
        poller.clear_wake();
        taken.swap(posted);
    }
    expected_posts -= std::min(expected_posts, taken.size());
    for (Task& task : taken)
        deferred.push_back(std::move(task));
}

void Loop::State::run_deferred() {
    // What defers itself again and again must not keep descriptors and timers waiting for ever.
    constexpr int max_rounds = 64;
    take_posted();
    for (int round = 0; round < max_rounds && !deferred.empty(); ++round) {
        std::vector<Task> tasks = std::exchange(deferred, {});
        for (Task& task : tasks)
            task();
    }
}

void Loop::State::run_hooks() {
    // By index: a hook that adds another makes iterators invalid.
    // NOLINTNEXTLINE(modernize-loop-convert): for the same reason
    for (std::size_t i = 0; i < turn_end.size(); ++i)
        turn_end[i]();
}

void Loop::State::wait() {
    if (!deferred.empty()) {
        poller.wait(Duration::zero());
    } else if (time->jumps()) {
        wait_or_jump();
    } else if (const auto next = timers.next()) {
        const auto left = std::chrono::ceil<Duration>(*next - time->now());
        poller.wait(std::max(left, Duration::zero()));
    } else {
        poller.wait(std::nullopt);
    }
}

void Loop::State::wait_or_jump() {
    const auto next = timers.next();
    const bool due = next && *next <= time->now();
    if (poller.wait(Duration::zero()) || due || !deferred.empty()) return;
    if (expected_posts > 0 || (!next && poller.waits_for_anything())) {
        poller.wait(std::nullopt);
    } else if (next) {
        time->advance_to(*next);
    } else {
        throw std::logic_error(
            "loop: no timer, no watched descriptor, no expected post: waiting would never end");
    }
}

Loop::Loop(const std::shared_ptr<TimeSource>& time) : state_(std::make_unique<State>(time)) {}
Loop::~Loop() = default;

TimePoint Loop::now() const { return state_->time->now(); }

TimerId Loop::call_at(TimePoint when, Task task) {
    return state_->timers.add(when, std::move(task));
}

TimerId Loop::call_after(Duration delay, Task task) {
    // Far beyond any run, and no overflow in the sum.
    constexpr auto longest = std::chrono::duration_cast<Duration>(std::chrono::years(10));
    return call_at(now() + std::min(delay, longest), std::move(task));
}

void Loop::cancel(TimerId timer) { state_->timers.cancel(timer); }

void Loop::defer(Task task) { state_->deferred.push_back(std::move(task)); }

void Loop::post(Task task) {
    const std::lock_guard lock(state_->mutex);
    state_->posted.push_back(std::move(task));
    // Within the lock: once it is released the loop may be done, and gone.
    if (state_->posted.size() == 1) state_->poller.wake();
}

void Loop::expect_post() { ++state_->expected_posts; }

void Loop::watch(int fd, std::uint32_t interest, std::function<void(std::uint32_t)> on_ready) {
    state_->poller.watch(fd, interest, std::move(on_ready));
}

void Loop::set_interest(int fd, std::uint32_t interest) {
    state_->poller.set_interest(fd, interest);
}

void Loop::unwatch(int fd) { state_->poller.unwatch(fd); }

void Loop::unwatch_and_close(int fd) {
    ::close(fd);
    state_->poller.forget(fd);
}

void Loop::at_turn_end(std::function<void()> hook) { state_->turn_end.push_back(std::move(hook)); }

void Loop::run_until(const std::function<bool()>& done) {
    State& state = *state_;
    state.stopped = false;
    for (;;) {
        state.timers.run_due(state.time->now());
        state.run_deferred();
        state.run_hooks();
        if (state.stopped || done()) return;
        state.wait();
    }
}

void Loop::stop() { state_->stopped = true; }

}  // namespace triage::loop
