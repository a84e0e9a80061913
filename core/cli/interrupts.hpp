// Ctrl-C on the event loop.
#pragma once

#include <functional>

#include "core/base/unique_fd.hpp"
#include "core/loop/loop.hpp"

namespace triage::cli {

// While it lives, SIGINT and SIGTERM call `on_interrupt` on the loop's thread; a second one ends
// the process at once. Make it before any thread is started: the signals are blocked in all of
// them.
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
    // In the thread that calls it they do from now on what they do to any program.
    static void kill_from_now_on();

private:
    loop::Loop& loop_;
    std::function<void()> on_interrupt_;
    base::UniqueFd fd_;
    bool interrupted_ = false;
};

}  // namespace triage::cli
