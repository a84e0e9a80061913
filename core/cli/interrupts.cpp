#include "core/cli/interrupts.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>
#include <utility>

#include "core/model/verdict.hpp"

namespace triage::cli {
namespace {

bool is_ignored(int signal) {
    struct sigaction action{};
    return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

// A blocked signal would be seen although it is ignored.
sigset_t interrupting_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (!is_ignored(SIGHUP)) sigaddset(&signals, SIGHUP);
    return signals;
}

}  // namespace

// Also a signal handler: it may do nothing but make system calls.
void end_interrupted() noexcept {
    constexpr std::string_view words = "triage: interrupted before it was done\n";
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, words.data(), words.size());
    ::_exit(model::exit_interrupted);
}

void end_at_interrupts() {
    const auto signals = interrupting_signals();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        if (sigismember(&signals, signal) == 1) std::signal(signal, [](int) { end_interrupted(); });
    }
}

Interrupts::Interrupts(loop::Loop& loop, std::function<void()> on_interrupt)
    : loop_(loop), on_interrupt_(std::move(on_interrupt)) {
    const auto signals = interrupting_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    fd_.reset(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd_) throw std::system_error(errno, std::generic_category(), "signalfd");
    loop_.watch(fd_.get(), loop::ready_read, [this](std::uint32_t) {
        if (read()) tell();
    });
}

Interrupts::~Interrupts() { loop_.unwatch(fd_.get()); }

void Interrupts::leave_loop() { loop_.unwatch(fd_.get()); }

bool Interrupts::read() {
    signalfd_siginfo info;
    bool any = false;
    while (::read(fd_.get(), &info, sizeof info) == sizeof info) {
        // Who hangs up may do it twice, shell and terminal; only a person or a supervisor insists.
        const bool insists = info.ssi_signo != SIGHUP;
        if (std::exchange(interrupted_, true) && insists) end_interrupted();
        any = true;
    }
    return any;
}

void Interrupts::end_from_now_on() {
    const auto signals = interrupting_signals();
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace triage::cli
