// What a worker leaves in the breadcrumbs when it dies of a signal or exit().
#pragma once

#include "core/plugin/breadcrumb.hpp"

namespace triage::plugin {

// Once, on the loop's thread. `crumbs` must live for ever.
void leave_last_words(Breadcrumbs& crumbs);

// First on each thread of the pool with its number: a stack for the signal handlers, or a stack
// overflow would leave no trace.
void prepare_thread(unsigned pool_number);

}  // namespace triage::plugin
