#include "core/plugin/fd_waits.hpp"

#include <poll.h>

#include <algorithm>
#include <utility>

#include <triage/abi.h>

namespace triage::plugin {
namespace {

static_assert(TRIAGE_FD_READ == loop::ready_read);
static_assert(TRIAGE_FD_WRITE == loop::ready_write);
static_assert(TRIAGE_FD_ERROR == loop::ready_error);

// What `fd` is ready for now.
std::uint32_t look(int fd, std::uint32_t interest) {
    pollfd item{.fd = fd, .events = 0, .revents = 0};
    if ((interest & TRIAGE_FD_READ) != 0) item.events |= POLLIN;
    if ((interest & TRIAGE_FD_WRITE) != 0) item.events |= POLLOUT;
    if (fd < 0 || ::poll(&item, 1, 0) < 0 || (item.revents & POLLNVAL) != 0) return TRIAGE_FD_ERROR;
    std::uint32_t ready = 0;
    if ((item.revents & (POLLIN | POLLHUP)) != 0) ready |= TRIAGE_FD_READ;
    if ((item.revents & POLLOUT) != 0) ready |= TRIAGE_FD_WRITE;
    if ((item.revents & (POLLERR | POLLHUP)) != 0) ready |= TRIAGE_FD_ERROR;
    return ready;
}

}  // namespace

FdWaits::~FdWaits() {
    for (const auto& [fd, waits] : by_fd_)
        loop_.unwatch(fd);
}

std::uint64_t FdWaits::wait(int fd, std::uint32_t interest, OnReady on_ready) {
    const std::uint64_t id = ++last_;
    fds_.emplace(id, fd);
    by_fd_[fd].push_back({id, interest & (TRIAGE_FD_READ | TRIAGE_FD_WRITE), std::move(on_ready)});
    if (const auto ready = look(fd, interest); ready != 0) {
        loop_.defer([this, alive = std::weak_ptr(alive_), id, fd, ready] {
            if (!alive.expired() && fds_.contains(id)) answer(fd, ready);
        });
    } else {
        watch(fd);
    }
    return id;
}

void FdWaits::cancel(std::uint64_t wait) {
    const auto found = fds_.find(wait);
    if (found == fds_.end()) return;
    const int fd = found->second;
    fds_.erase(found);
    std::erase_if(by_fd_[fd], [wait](const Wait& each) { return each.id == wait; });
    watch(fd);
}

// Makes the loop watch for what the remaining waits want.
void FdWaits::watch(int fd) {
    const auto found = by_fd_.find(fd);
    if (found == by_fd_.end()) return;
    if (found->second.empty()) {
        loop_.unwatch(fd);
        by_fd_.erase(found);
        return;
    }
    std::uint32_t interest = 0;
    for (const auto& wait : found->second)
        interest |= wait.interest;
    loop_.watch(fd, interest, [this, fd](std::uint32_t ready) { answer(fd, ready); });
}

void FdWaits::answer(int fd, std::uint32_t ready) {
    const auto found = by_fd_.find(fd);
    if (found == by_fd_.end()) return;
    std::vector<Wait> answered;
    std::erase_if(found->second, [&](Wait& wait) {
        if ((ready & (wait.interest | TRIAGE_FD_ERROR)) == 0) return false;
        answered.push_back(std::move(wait));
        return true;
    });
    watch(fd);
    for (auto& wait : answered) {
        // One that was answered before may have cancelled this one.
        if (fds_.erase(wait.id) == 0) continue;
        wait.on_ready(ready & (wait.interest | TRIAGE_FD_ERROR));
    }
}

}  // namespace triage::plugin
