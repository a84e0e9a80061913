// Ctrl-C on the event loop.
#pragma once

#include <functional>

#include "core/base/unique_fd.hpp"
#include "core/loop/loop.hpp"

namespace triage::cli {

// SIGINT, SIGTERM and SIGHUP (unless nohup has had it ignored) end the program at once, with one
// line that says so, as long as there is no more to tell. Call it once, at the start.
void end_at_interrupts();
// That line and that end.
[[noreturn]] void end_interrupted() noexcept;

// While it lives, these signals call `on_interrupt` on the loop's thread instead; a second SIGINT
// or SIGTERM ends the program at once. Make it before any thread is started: the signals are
// blocked in all of them.
class Interrupts {
public:
    Interrupts(loop::Loop& loop, std::function<void()> on_interrupt);
    ~Interrupts();
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;

    // For a thread that reads the signals in the loop's place: when fd() is readable it calls
    // read(), and if there was one it has the loop call tell().
    void leave_loop();
    int fd() const { return fd_.get(); }
    bool read();
    void tell() { on_interrupt_(); }
    // In the thread that calls it they end the program from now on.
    static void end_from_now_on();

private:
    loop::Loop& loop_;
    std::function<void()> on_interrupt_;
    base::UniqueFd fd_;
    bool interrupted_ = false;
};

}  // namespace triage::cli
