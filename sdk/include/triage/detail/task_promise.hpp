/// What makes triage::Task a coroutine.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace triage {
template <class T>
class Task;
}

namespace triage::detail {

/// Who waits for tasks: resumed by the last of `left` tasks to finish.
struct Join {
    std::coroutine_handle<> waiter;
    std::size_t left = 1;

    std::coroutine_handle<> arrive() noexcept {
        return --left == 0 ? waiter : std::noop_coroutine();
    }
};

struct TaskPromiseBase {
    Join* join = nullptr;
    std::exception_ptr thrown;

    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
        struct Finish {
            Join* join;
            bool await_ready() noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<>) noexcept {
                return join->arrive();
            }
            void await_resume() noexcept {}
        };
        return Finish{join};
    }
    void unhandled_exception() noexcept { thrown = std::current_exception(); }
    void rethrow() const {
        if (thrown) std::rethrow_exception(thrown);
    }
};

template <class T>
class TaskPromise : public TaskPromiseBase {
public:
    Task<T> get_return_object() {
        return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
    }
    template <class V>
    void return_value(V&& value) {
        value_.emplace(std::forward<V>(value));
    }
    T take() {
        rethrow();
        return std::move(*value_);
    }

private:
    std::optional<T> value_;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
public:
    Task<void> get_return_object();
    void return_void() noexcept {}
    void take() const { rethrow(); }
};

template <class T>
class AwaitOne {
public:
    using Frame = std::coroutine_handle<TaskPromise<T>>;
    explicit AwaitOne(Frame frame) : frame_(frame) {}

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) noexcept {
        join_.waiter = waiter;
        frame_.promise().join = &join_;
        return frame_;
    }
    T await_resume() { return frame_.promise().take(); }

private:
    Frame frame_;
    Join join_;
};

/// Starts `frames`; true if the waiter must stay suspended. The extra count in `join` keeps the
/// waiter from being resumed by a task that finishes while others are still being started.
template <class Start>
bool start_all(Join& join, std::size_t count, std::coroutine_handle<> waiter, Start start) {
    join = {waiter, count + 1};
    start();
    return --join.left > 0;
}

template <class T>
class AwaitMany {
public:
    explicit AwaitMany(std::vector<Task<T>> tasks) : tasks_(std::move(tasks)) {}

    bool await_ready() const noexcept { return tasks_.empty(); }
    bool await_suspend(std::coroutine_handle<> waiter) {
        return start_all(join_, tasks_.size(), waiter, [&] {
            for (auto& task : tasks_) {
                task.frame_.promise().join = &join_;
                task.frame_.resume();
            }
        });
    }
    std::vector<T> await_resume() {
        std::vector<T> values;
        values.reserve(tasks_.size());
        for (auto& task : tasks_) {
            values.push_back(task.frame_.promise().take());
        }
        return values;
    }

private:
    std::vector<Task<T>> tasks_;
    Join join_;
};

template <class... T>
class AwaitTuple {
public:
    explicit AwaitTuple(Task<T>... tasks) : tasks_(std::move(tasks)...) {}

    bool await_ready() const noexcept { return sizeof...(T) == 0; }
    bool await_suspend(std::coroutine_handle<> waiter) {
        return start_all(join_, sizeof...(T), waiter, [&] {
            std::apply(
                [&](auto&... task) {
                    ((task.frame_.promise().join = &join_, task.frame_.resume()), ...);
                },
                tasks_);
        });
    }
    std::tuple<T...> await_resume() {
        return std::apply(
            [](auto&... task) { return std::tuple<T...>{task.frame_.promise().take()...}; },
            tasks_);
    }

private:
    std::tuple<Task<T>...> tasks_;
    Join join_;
};

}  // namespace triage::detail
