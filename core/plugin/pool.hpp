// Threads for blocking work: as many as are needed at the same time, up to a limit.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace triage::plugin {

class Pool {
public:
    using Job = std::move_only_function<void()>;

    struct Options {
        unsigned limit = 32;  // more jobs wait in a queue
        // Called first on each new thread with its number, 0 to limit - 1.
        std::function<void(unsigned)> on_thread_start;
    };

    explicit Pool(Options options);
    // Does not wait for jobs under way, which may never end: their threads are left alone, and find
    // what they need in the job itself. Jobs that wait in the queue are dropped.
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // [any thread] False if not even one thread could be started: the job will not run.
    bool submit(Job job);

    // The number of the pool thread that calls this, or -1.
    static int this_thread();

private:
    struct State;
    static void work(const std::shared_ptr<State>& state, unsigned number);

    std::shared_ptr<State> state_;
};

}  // namespace triage::plugin
