// What a worker leaves in the breadcrumbs when it dies of a signal or exit().
#pragma once

#include "core/plugin/breadcrumb.hpp"
#include "core/plugin/channel.hpp"

namespace triage::plugin {

// Once, on the loop's thread. `crumbs` must live for ever.
void leave_last_words(Breadcrumbs& crumbs);

// Outcomes that wait for the end of the loop's turn are sent also when a callback on the loop's
// thread ends the process: they are true. NULL: there are none any more.
void send_at_death(const Channel* channel);

// First on each thread of the pool with its number: a stack for the signal handlers, or a stack
// overflow would leave no trace.
void prepare_thread(unsigned pool_number);

}  // namespace triage::plugin
