/// triage/task.hpp: parts of a check as coroutines of their own, one after another or together.
///
///     triage::Task<Answer> ask(triage::Context& ctx, triage::Url url);
///
///     Answer one = co_await ask(ctx, a);
///     auto [x, y] = co_await triage::all(ask(ctx, a), ask(ctx, b));        // both at once
///     std::vector<Answer> many = co_await triage::all(std::move(tasks));   // all at once
///
/// A task starts when it is awaited. What it takes by reference must live until it is finished;
/// arguments by value are kept by the task. All of a check's coroutines run in one thread, so
/// nothing needs a lock. When the check ends or is cancelled, its tasks are destroyed where they
/// wait: destructors release what they hold.
#pragma once

#include <cstddef>
#include <exception>
#include <tuple>
#include <utility>
#include <vector>

#include <triage/detail/task_promise.hpp>

namespace triage {

/// A coroutine that gives a T (or nothing). Move-only; await it once.
template <class T = void>
class [[nodiscard]] Task {
public:
    using promise_type = detail::TaskPromise<T>;

    Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    Task& operator=(Task&& other) noexcept {
        std::swap(frame_, other.frame_);
        return *this;
    }
    ~Task() {
        if (frame_) frame_.destroy();
    }

    /// `co_await task`: starts it, and gives its value or throws what it threw.
    auto operator co_await() && noexcept { return detail::AwaitOne<T>(frame_); }

private:
    template <class>
    friend class detail::TaskPromise;
    template <class>
    friend class detail::AwaitMany;
    template <class...>
    friend class detail::AwaitTuple;

    explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

    std::coroutine_handle<promise_type> frame_;
};

/// Runs the tasks at the same time. Gives a std::vector of their values in the tasks' order, when
/// all are finished; then throws what the first of them (in order) threw, if any did.
template <class T>
detail::AwaitMany<T> all(std::vector<Task<T>> tasks) {
    return detail::AwaitMany<T>(std::move(tasks));
}

/// The same for tasks of different types: gives a std::tuple. None of them may be Task<void>.
template <class... T>
detail::AwaitTuple<T...> all(Task<T>... tasks) {
    return detail::AwaitTuple<T...>(std::move(tasks)...);
}

inline Task<void> detail::TaskPromise<void>::get_return_object() {
    return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

}  // namespace triage
