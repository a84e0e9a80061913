// epoll with as few system calls as possible: changes of interest are collected and made just
// before waiting, and only where the kernel's set differs by then.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/unique_fd.hpp"
#include "core/loop/loop.hpp"

namespace triage::loop {

class Poller {
public:
    using Callback = std::function<void(std::uint32_t ready)>;

    Poller();  // throws std::system_error

    void watch(int fd, std::uint32_t interest, Callback on_ready);
    void set_interest(int fd, std::uint32_t interest);
    void unwatch(int fd);
    void forget(int fd);  // unwatch() for one that is closed
    bool waits_for_anything() const { return interested_ > 0; }

    // Waits at most `limit` (none: for ever) and calls back for what is ready; never for a
    // descriptor that a callback before it has unwatched, even if its number is in use again.
    // Returns whether anything was ready.
    bool wait(std::optional<Duration> limit);

    // wake() [any thread] ends a wait(); it stays in force until clear_wake().
    void wake() noexcept;
    void clear_wake() noexcept;

private:
    struct Watch {
        std::shared_ptr<const Callback> on_ready;  // shared with a running call
        std::uint32_t generation = 0;              // tells late events of an earlier watch
        std::uint32_t interest = 0;                // wanted
        std::uint32_t in_kernel = 0;               // what epoll was told last
        bool registered = false;                   // with epoll, under this generation
        bool dirty = false;                        // listed in dirty_
    };

    Watch* find(int fd);
    void mark(int fd, Watch& watch, std::uint32_t interest);
    void apply_changes();
    void apply(int fd, Watch& watch);
    void report_broken();
    void dispatch(std::uint64_t tag, std::uint32_t events);
    void forget_in_kernel(int fd, Watch& watch);

    base::UniqueFd epoll_;
    base::UniqueFd wake_;
    std::unordered_map<int, Watch> watches_;  // by descriptor
    std::vector<int> dirty_;
    std::vector<std::pair<int, std::uint32_t>> broken_;  // (descriptor, generation)
    std::uint32_t last_generation_ = 0;
    std::size_t interested_ = 0;  // watches that wait for something
};

}  // namespace triage::loop
