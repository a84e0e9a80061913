/// What the tests of the workbench plugin look at from outside.
#pragma once

#include <atomic>

namespace workbench {

/// Coroutine frames that exist at the moment (those that hold a Guard).
extern std::atomic<int> frames_alive;

}  // namespace workbench
