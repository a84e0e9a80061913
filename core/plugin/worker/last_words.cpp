#include "core/plugin/worker/last_words.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <cstdint>
#include <cstdlib>

namespace triage::plugin {
namespace {

constexpr std::size_t signal_stack_bytes = 64UL * 1024;
constexpr std::uint64_t near_stack_bytes = 64UL * 1024;

constexpr std::uint32_t loop_place = 1;

Breadcrumbs* words = nullptr;
thread_local std::uint32_t thread_place = 0;  // see Breadcrumbs::thread
const Channel* unsent = nullptr;              // of the loop's thread

// While the loop's thread is in a callback, it is not in the middle of writing a frame.
void send_outcomes() {
    if (thread_place == loop_place && unsent != nullptr) unsent->send_last();
}

std::uint64_t stack_pointer(const void* context) {
    const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
    return static_cast<std::uint64_t>(machine.gregs[REG_RSP]);
#else
    return machine.sp;
#endif
}

// Async-signal-safe: plain stores, then the signal once more with its default action.
void on_fatal(int signal, siginfo_t* info, void* context) {
    const auto address = reinterpret_cast<std::uint64_t>(info->si_addr);
    const std::uint64_t distance = address - stack_pointer(context) + near_stack_bytes;
    const bool overflow = signal == SIGSEGV && info->si_code > 0 && distance < 2 * near_stack_bytes;
    words->address.store(address);
    words->stack_overflow.store(overflow ? 1 : 0);
    words->thread.store(thread_place);
    words->signal.store(signal);
    send_outcomes();
    // A fault comes again when this returns; a signal that was sent must be sent again.
    if (info->si_code <= 0) ::raise(signal);
}

void on_exit() {
    words->thread.store(thread_place);
    words->exiting.store(1);
    send_outcomes();
}

void use_signal_stack() {
    void* const memory = ::mmap(nullptr, signal_stack_bytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) return;  // then an overflow has no words: no reason not to run
    stack_t stack{};
    stack.ss_sp = memory;
    stack.ss_size = signal_stack_bytes;
    ::sigaltstack(&stack, nullptr);
}

}  // namespace

void leave_last_words(Breadcrumbs& crumbs) {
    words = &crumbs;
    thread_place = loop_place;
    use_signal_stack();
    struct sigaction action{};
    action.sa_sigaction = on_fatal;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | static_cast<int>(SA_RESETHAND) | SA_NODEFER;
    for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS})
        ::sigaction(signal, &action, nullptr);
    std::atexit(on_exit);
    std::at_quick_exit(on_exit);
}

void send_at_death(const Channel* channel) { unsent = channel; }

void prepare_thread(unsigned pool_number) {
    thread_place = loop_place + 1 + pool_number;
    use_signal_stack();
}

}  // namespace triage::plugin
