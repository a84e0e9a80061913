// Waits of checks for file descriptors: each is answered once. Several may wait for one descriptor,
// which the loop watches once. [loop]
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/loop/loop.hpp"

namespace triage::plugin {

class FdWaits {
public:
    using OnReady = std::move_only_function<void(std::uint32_t ready)>;  // TRIAGE_FD_*

    explicit FdWaits(loop::Loop& loop) : loop_(loop) {}
    ~FdWaits();
    FdWaits(const FdWaits&) = delete;
    FdWaits& operator=(const FdWaits&) = delete;

    // Calls `on_ready` once, later, when `fd` is ready for `interest` (TRIAGE_FD_*) or broken. A
    // descriptor that is not open is "ready" with TRIAGE_FD_ERROR; one that cannot be waited for (a
    // file) is ready at once.
    std::uint64_t wait(int fd, std::uint32_t interest, OnReady on_ready);
    void cancel(std::uint64_t wait);

private:
    struct Wait {
        std::uint64_t id;
        std::uint32_t interest;
        OnReady on_ready;
    };

    void watch(int fd);
    void answer(int fd, std::uint32_t ready);

    loop::Loop& loop_;
    std::unordered_map<int, std::vector<Wait>> by_fd_;
    std::unordered_map<std::uint64_t, int> fds_;  // of each wait
    std::uint64_t last_ = 0;
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // for what was deferred
};

}  // namespace triage::plugin
