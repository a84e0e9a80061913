#include "core/cli/interrupts.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "core/model/verdict.hpp"

namespace triage::cli {
namespace {

sigset_t interrupting_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

}  // namespace

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
        if (std::exchange(interrupted_, true)) ::_exit(model::exit_interrupted);
        any = true;
    }
    return any;
}

void Interrupts::kill_from_now_on() {
    const auto signals = interrupting_signals();
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
}

}  // namespace triage::cli
