#include "core/plugin/pool.hpp"

#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace triage::plugin {
namespace {

thread_local int thread_number = -1;

// While it lives, new threads inherit a mask that leaves signals from outside to the main thread;
// those that a thread's own fault raises must stay open, or their handlers are never called.
class QuietSignals {
public:
    QuietSignals() {
        sigset_t quiet;
        sigfillset(&quiet);
        for (const int fault : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS})
            sigdelset(&quiet, fault);
        pthread_sigmask(SIG_SETMASK, &quiet, &before_);
    }
    ~QuietSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    QuietSignals(const QuietSignals&) = delete;
    QuietSignals& operator=(const QuietSignals&) = delete;

private:
    sigset_t before_{};
};

}  // namespace

struct Pool::State {
    Options options;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<Job> queue;
    unsigned threads = 0;
    unsigned idle = 0;
    bool stopped = false;
};

Pool::Pool(Options options) : state_(std::make_shared<State>()) {
    state_->options = std::move(options);
}

Pool::~Pool() {
    const std::scoped_lock lock(state_->mutex);
    state_->stopped = true;
    state_->queue.clear();
    state_->changed.notify_all();
}

bool Pool::submit(Job job) {
    const std::scoped_lock lock(state_->mutex);
    state_->queue.push_back(std::move(job));
    if (state_->idle >= state_->queue.size() || state_->threads == state_->options.limit) {
        state_->changed.notify_one();
        return true;
    }
    try {
        const QuietSignals quiet;
        std::thread(work, state_, state_->threads).detach();
        ++state_->threads;
    } catch (const std::system_error&) {
        if (state_->threads > 0) return true;  // one of the others will come to it
        state_->queue.pop_back();
        return false;
    }
    return true;
}

int Pool::this_thread() { return thread_number; }

void Pool::work(const std::shared_ptr<State>& state, unsigned number) {
    thread_number = static_cast<int>(number);
    if (state->options.on_thread_start) state->options.on_thread_start(number);
    std::unique_lock lock(state->mutex);
    while (!state->stopped) {
        if (state->queue.empty()) {
            ++state->idle;
            state->changed.wait(lock);
            --state->idle;
            continue;
        }
        Job job = std::move(state->queue.front());
        state->queue.pop_front();
        lock.unlock();
        job();
        job = nullptr;
        lock.lock();
    }
}

}  // namespace triage::plugin
