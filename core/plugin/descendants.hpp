// Ends what plugins have started: with a worker goes all that descends from it, whatever process
// groups and sessions that has made for itself.
//
// A worker is the reaper of its descendants: whose parent ends becomes its child, so that as long
// as it lives they are one tree. When it has ended, their reaper is this program. It starts nothing
// but workers, so any other child that it then has is one of these.
#pragma once

#include <sys/types.h>

namespace triage::plugin {

// From now on descendants whose parent ends become children of this process. Not if it has
// children already, as after `sleep 9 & exec triage`: they and their descendants are no plugin's.
void adopt_orphans();

// Children of this process that are workers.
void add_worker(pid_t pid);
void forget_worker(pid_t pid);

// SIGKILL for all that descends from a child of this process, but not for the child itself, which
// should be stopped. `pidfd` is the child's.
void kill_descendants(pid_t pid, int pidfd);

// SIGKILL for the children of this process that are no workers, and what descends from them.
void kill_orphans();

}  // namespace triage::plugin
