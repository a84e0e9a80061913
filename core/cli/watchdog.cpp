#include "core/cli/watchdog.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <exception>
#include <system_error>
#include <utility>

#include "core/model/verdict.hpp"

namespace triage::cli {
namespace {

using std::chrono::milliseconds;

// So long a loop that turns may take to end by itself: it tells every check first.
constexpr milliseconds grace{500};

constexpr milliseconds longest_wait{std::chrono::hours(1)};

// The loop's thread may be busy with the report, which who reads it may keep waiting: then a second
// Ctrl-C must still be seen.
constexpr milliseconds between_signals{100};

}  // namespace

Watchdog::Watchdog(loop::Loop& loop, Interrupts& interrupts, LastWords last_words)
    : loop_(loop),
      interrupts_(interrupts),
      last_words_(std::move(last_words)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!wake_) throw std::system_error(errno, std::generic_category(), "eventfd");
    lock_.enter();
    interrupts_.leave_loop();
    thread_ = std::thread([this] { watch(); });
}

Watchdog::~Watchdog() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    ::eventfd_write(wake_.get(), 1);
    lock_.leave_for_good();
    thread_.join();
}

void Watchdog::expect_end(loop::TimePoint due) {
    const std::scoped_lock lock(mutex_);
    due_ = interrupted_ ? std::min(due, loop::Clock::now()) : due;
    ::eventfd_write(wake_.get(), 1);
}

void Watchdog::watch() {
    for (;;) {
        pollfd events[] = {{.fd = wake_.get(), .events = POLLIN, .revents = 0},
                           {.fd = interrupts_.fd(), .events = POLLIN, .revents = 0}};
        ::poll(events, std::size(events), milliseconds_left());
        std::uint64_t count = 0;
        ::eventfd_read(wake_.get(), &count);
        if (events[1].revents != 0) on_signal();
        if (is_due()) bite();
        const std::scoped_lock lock(mutex_);
        if (stopping_) return;
    }
}

void Watchdog::on_signal() {
    if (!interrupts_.read()) return;
    loop_.post([this] { interrupts_.tell(); });
    const std::scoped_lock lock(mutex_);
    interrupted_ = true;
    due_ = std::min(due_, loop::Clock::now());
}

bool Watchdog::is_due() {
    const std::scoped_lock lock(mutex_);
    return !stopping_ && due_ != loop::TimePoint::max() && loop::Clock::now() >= due_ + grace;
}

int Watchdog::milliseconds_left() {
    const std::scoped_lock lock(mutex_);
    if (due_ == loop::TimePoint::max()) return -1;
    const auto left = std::chrono::ceil<milliseconds>(due_ + grace - loop::Clock::now());
    return static_cast<int>(std::clamp(left, milliseconds(0), longest_wait).count());
}

void Watchdog::bite() {
    if (!lock_.seize(between_signals)) return;
    if (!is_due()) {  // it has moved on in the meantime
        lock_.give_back();
        return;
    }
    interrupts_.end_from_now_on();  // whoever cannot wait for the last words need not
    int exit_code = model::exit_unknown;
    try {
        exit_code = last_words_(lock_.under_way(), interrupted_);
    } catch (const std::exception&) {
        // Out of memory, if anything: nothing was told, so nothing may look like a pass.
        if (interrupted_) exit_code = model::exit_interrupted;
    }
    ::_exit(exit_code);
}

}  // namespace triage::cli
