// Which callback of the plugin is running, in memory that the host shares with a worker: what is
// left when the worker is not.
//
// Written around each callback with relaxed atomics and no system call. The host reads it when a
// callback takes too long or the worker has died; it is hostile input there, good for words and for
// finding the culprit, nothing else.
#pragma once

#include <time.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>

#include "core/plugin/call.hpp"

namespace triage::plugin {

enum class Callback : std::uint32_t { none, load, open, create, step, destroy, run, work, close };
std::string_view name(Callback callback);

inline constexpr unsigned max_pool_threads = 32;

// One thread's callback under way.
struct Crumb {
    std::atomic<std::uint32_t> callback;  // Callback
    std::atomic<std::uint64_t> call;      // CallId; meaningful from create to work
    std::atomic<std::int64_t> since_us;   // of CLOCK_MONOTONIC, a few milliseconds coarse
};

struct Breadcrumbs {
    std::array<Crumb, 1 + max_pool_threads> threads;  // 0: the loop's; then the pool's by number
    std::atomic<std::uint64_t> begun;                 // calls whose create was called, ever
    // Left by the handler of a fatal signal or of exit(): thread is an index into threads, plus 1;
    // 0 is a thread that the plugin has started itself.
    std::atomic<std::int32_t> signal;
    std::atomic<std::uint64_t> address;
    std::atomic<std::uint32_t> stack_overflow;  // 1: the address is close to the stack pointer
    std::atomic<std::uint32_t> exiting;         // 1: exit() was called
    std::atomic<std::uint32_t> thread;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(std::is_standard_layout_v<Breadcrumbs>);

inline std::int64_t coarse_now_us() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

// Shares the breadcrumbs that are behind `fd` (a file of at least their size). NULL if it cannot be
// mapped.
std::shared_ptr<Breadcrumbs> map_breadcrumbs(int fd);

// Marks a callback for as long as it lives.
class CrumbScope {
public:
    CrumbScope(Crumb& crumb, Callback callback, CallId call) : crumb_(crumb) {
        crumb.call.store(std::to_underlying(call), std::memory_order_relaxed);
        crumb.since_us.store(coarse_now_us(), std::memory_order_relaxed);
        crumb.callback.store(std::to_underlying(callback), std::memory_order_release);
    }
    ~CrumbScope() { crumb_.callback.store(0, std::memory_order_release); }
    CrumbScope(const CrumbScope&) = delete;
    CrumbScope& operator=(const CrumbScope&) = delete;

private:
    Crumb& crumb_;
};

}  // namespace triage::plugin
