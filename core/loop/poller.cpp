#include "core/loop/poller.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>
#include <utility>

namespace triage::loop {
namespace {

constexpr std::uint64_t wake_tag = ~std::uint64_t{0};

std::uint64_t tag_of(int fd, std::uint32_t generation) {
    return (std::uint64_t{generation} << 32) | std::uint32_t(fd);
}

std::uint32_t to_epoll(std::uint32_t interest) {
    return ((interest & ready_read) ? EPOLLIN : 0U) | ((interest & ready_write) ? EPOLLOUT : 0U);
}

std::uint32_t from_epoll(std::uint32_t events) {
    std::uint32_t ready = ready_none;
    if (events & (EPOLLIN | EPOLLRDHUP)) ready |= ready_read;
    if (events & EPOLLOUT) ready |= ready_write;
    if (events & (EPOLLERR | EPOLLHUP)) ready |= ready_read | ready_error;
    return ready;
}

int to_epoll_timeout(std::optional<Duration> limit) {
    if (!limit) return -1;
    // Rounded up: a timer that is waited for must be due when the wait is over.
    const auto whole = std::chrono::ceil<std::chrono::milliseconds>(*limit).count();
    return int(std::clamp<std::int64_t>(whole, 0, std::numeric_limits<int>::max()));
}

int checked(int fd, const char* what) {
    if (fd < 0) throw std::system_error(errno, std::system_category(), what);
    return fd;
}

}  // namespace

Poller::Poller()
    : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wake_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = wake_tag}};
    checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event), "epoll_ctl");
}

Poller::Watch* Poller::find(int fd) {
    const auto found = watches_.find(fd);
    return found == watches_.end() ? nullptr : &found->second;
}

void Poller::watch(int fd, std::uint32_t interest, Callback on_ready) {
    const auto [entry, added] = watches_.try_emplace(fd);
    Watch& watch = entry->second;
    if (added) watch.generation = ++last_generation_;
    auto dropped = std::make_shared<const Callback>(std::move(on_ready));
    watch.on_ready.swap(dropped);
    mark(fd, watch, interest);
}

void Poller::set_interest(int fd, std::uint32_t interest) {
    if (Watch* const watch = find(fd)) mark(fd, *watch, interest);
}

void Poller::mark(int fd, Watch& watch, std::uint32_t interest) {
    interest &= ready_read | ready_write;
    if (watch.interest == 0 && interest != 0) ++interested_;
    if (watch.interest != 0 && interest == 0) --interested_;
    watch.interest = interest;
    if (!watch.dirty && interest != watch.in_kernel) {
        watch.dirty = true;
        dirty_.push_back(fd);
    }
}

void Poller::unwatch(int fd) {
    // At once, not at the end of the turn: by then the number may belong to another file.
    Watch* const watch = find(fd);
    if (watch && watch->registered) forget_in_kernel(fd, *watch);
    forget(fd);
}

void Poller::forget(int fd) {
    const auto found = watches_.find(fd);
    if (found == watches_.end()) return;
    mark(fd, found->second, ready_none);
    // Its destructor may come back here, so it goes last.
    const auto dropped = std::move(found->second.on_ready);
    watches_.erase(found);
}

void Poller::forget_in_kernel(int fd, Watch& watch) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);  // fails if it is closed: as well
    watch.registered = false;
    watch.in_kernel = 0;
}

void Poller::apply_changes() {
    for (const int fd : dirty_) {
        Watch* const watch = find(fd);
        if (!watch || !std::exchange(watch->dirty, false)) continue;
        // What nobody asks for stays registered until it makes itself heard (see dispatch): most
        // idle connections are used again first.
        if (watch->interest != 0 && watch->interest != watch->in_kernel) apply(fd, *watch);
    }
    dirty_.clear();
}

void Poller::apply(int fd, Watch& watch) {
    epoll_event event{.events = to_epoll(watch.interest),
                      .data = {.u64 = tag_of(fd, watch.generation)}};
    int operation = watch.registered ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    int result = ::epoll_ctl(epoll_.get(), operation, fd, &event);
    // The descriptor was closed and its number used again without unwatch().
    if (result != 0 && (errno == ENOENT || errno == EEXIST)) {
        operation = operation == EPOLL_CTL_ADD ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
        result = ::epoll_ctl(epoll_.get(), operation, fd, &event);
    }
    watch.registered = result == 0;
    watch.in_kernel = result == 0 ? watch.interest : 0;
    if (result != 0) broken_.emplace_back(fd, watch.generation);
}

bool Poller::wait(std::optional<Duration> limit) {
    apply_changes();
    const bool reported = !broken_.empty();
    if (reported) {
        limit = Duration::zero();
        report_broken();
    }
    std::array<epoll_event, 256> events;
    const int count =
        ::epoll_wait(epoll_.get(), events.data(), int(events.size()), to_epoll_timeout(limit));
    if (count < 0 && errno != EINTR) {
        throw std::system_error(errno, std::system_category(), "epoll_wait");
    }
    for (int i = 0; i < count; ++i) {
        dispatch(events[std::size_t(i)].data.u64, events[std::size_t(i)].events);
    }
    return reported || count > 0;
}

void Poller::dispatch(std::uint64_t tag, std::uint32_t events) {
    if (tag == wake_tag) return;
    const int fd = int(tag & 0xffffffffU);
    const auto generation = std::uint32_t(tag >> 32);
    Watch* const watch = find(fd);
    if (!watch || watch->generation != generation) return;
    const std::uint32_t ready = from_epoll(events);
    if (watch->interest == 0) {
        forget_in_kernel(fd, *watch);  // nobody asks, and it would be reported for ever
    } else if (ready & (watch->interest | ready_error)) {
        const auto running = watch->on_ready;  // it may unwatch or replace itself
        (*running)((ready & ready_error) ? ready : ready & watch->interest);
    }
}

void Poller::report_broken() {
    for (const auto& [fd, generation] : std::exchange(broken_, {})) {
        Watch* const watch = find(fd);
        if (!watch || watch->generation != generation) continue;
        mark(fd, *watch, ready_none);
        const auto running = watch->on_ready;
        (*running)(ready_error);
    }
}

void Poller::wake() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);  // full: as well
}

void Poller::clear_wake() noexcept {
    std::uint64_t count = 0;
    // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection): it is non-blocking
    [[maybe_unused]] const auto read = ::read(wake_.get(), &count, sizeof count);
}

}  // namespace triage::loop
