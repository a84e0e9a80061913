// Progress, as the run goes on. The run never prints; whoever shows something observes.
#pragma once

#include <chrono>
#include <cstddef>

#include "core/model/result.hpp"

namespace triage::run {

// Calls come on the loop's thread and must return at once.
class Observer {
public:
    virtual ~Observer() = default;
    // `total` checks are about to run; the whole must end after `deadline`.
    virtual void on_start(std::size_t /*total*/, std::chrono::microseconds /*deadline*/) {}
    // A check's attempt number `attempt` (from 1) has begun.
    virtual void on_check_started(const model::Text& /*id*/, unsigned /*attempt*/) {}
    // One of these `total` is over, whether it ran or not.
    virtual void on_check_done(const model::CheckResult& /*result*/) {}
    // About ten times a second of real time, for a moving display.
    virtual void on_tick(std::chrono::microseconds /*elapsed*/) {}
    virtual void on_end() {}
};

}  // namespace triage::run
