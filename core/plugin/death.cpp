#include "core/plugin/death.hpp"

#include <signal.h>

#include <array>
#include <charconv>
#include <cstring>

namespace triage::plugin {
namespace {

std::string signal_name(int signal) {
    const char* const name = ::sigabbrev_np(signal);
    return name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(signal);
}

std::string hex(std::uint64_t number) {
    std::array<char, 16> digits;
    const auto end = std::to_chars(digits.begin(), digits.end(), number, 16).ptr;
    return "0x" + std::string(digits.begin(), end);
}

Callback callback_of(const Crumb& crumb) {
    const auto number = crumb.callback.load(std::memory_order_acquire);
    return number <= std::to_underlying(Callback::close) ? static_cast<Callback>(number)
                                                         : Callback::none;
}

bool is_of_a_call(Callback callback) {
    return callback != Callback::none && callback != Callback::load && callback != Callback::open &&
           callback != Callback::close;
}

// The thread that has ended the process: the one that left word; else the loop's, if it was in a
// callback; else the only one that was.
const Crumb* find_thread(const Breadcrumbs& crumbs) {
    const bool left_word = crumbs.signal.load() != 0 || crumbs.exiting.load() != 0;
    const auto place = crumbs.thread.load();
    if (left_word) {
        const bool known = place > 0 && place <= crumbs.threads.size();
        return known ? &crumbs.threads[place - 1] : nullptr;
    }
    if (callback_of(crumbs.threads[0]) != Callback::none) return &crumbs.threads[0];
    const Crumb* only = nullptr;
    for (const auto& crumb : crumbs.threads) {
        if (callback_of(crumb) == Callback::none) continue;
        if (only != nullptr) return nullptr;
        only = &crumb;
    }
    return only;
}

std::string describe_signal(int signal, const Breadcrumbs& crumbs) {
    std::string words = "crashed with " + signal_name(signal);
    if (crumbs.signal.load() != signal) return words;
    if (crumbs.stack_overflow.load() == 1) return words + " (stack overflow)";
    if (signal == SIGSEGV || signal == SIGBUS) words += " at address " + hex(crumbs.address.load());
    return words;
}

std::string describe_end(const ExitStatus& status, const Breadcrumbs& crumbs) {
    if (status.by_signal && status.number == SIGKILL) return "was killed (SIGKILL; out of memory?)";
    if (status.by_signal) return describe_signal(status.number, crumbs);
    const std::string number = "(" + std::to_string(status.number) + ")";
    return crumbs.exiting.load() == 1 ? "called exit" + number : "ended itself with _exit" + number;
}

}  // namespace

std::string describe_place(const Crumb& crumb, const LabelOf& label_of) {
    const auto callback = callback_of(crumb);
    if (callback == Callback::none) return "";
    if (!is_of_a_call(callback)) return " in " + std::string(name(callback));
    const auto label = label_of(CallId{crumb.call.load(std::memory_order_relaxed)});
    const std::string check = label.empty() ? "an earlier check" : "check '" + label + "'";
    return " in " + check + " (" + std::string(name(callback)) + ")";
}

Death explain_death(const ExitStatus& status, const Breadcrumbs& crumbs,
                    const std::string& killed_because, const LabelOf& label_of) {
    Death death;
    death.begun = crumbs.begun.load();
    const Crumb* const thread = find_thread(crumbs);
    death.what = killed_because.empty() ? describe_end(status, crumbs) : killed_because;
    if (thread == nullptr) {
        if (killed_because.empty()) death.what += " outside of any check's callback";
        return death;
    }
    death.what += describe_place(*thread, label_of);
    if (is_of_a_call(callback_of(*thread))) death.culprit = CallId{thread->call.load()};
    return death;
}

std::optional<std::chrono::microseconds> time_in_callback(const Breadcrumbs& crumbs) {
    if (callback_of(crumbs.threads[0]) == Callback::none) return std::nullopt;
    const auto since = crumbs.threads[0].since_us.load(std::memory_order_relaxed);
    // Wraps instead of overflowing: the number is the worker's.
    const auto elapsed =
        static_cast<std::uint64_t>(coarse_now_us()) - static_cast<std::uint64_t>(since);
    return std::chrono::microseconds(static_cast<std::int64_t>(elapsed));
}

}  // namespace triage::plugin
