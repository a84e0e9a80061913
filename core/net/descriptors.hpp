// This machine's own limits, so that they are never taken for the target's faults.
#pragma once

namespace triage::net {

// Raises the soft limit on open files to the hard one.
void raise_descriptor_limit();

// True if no file can be opened right now.
bool out_of_descriptors();

}  // namespace triage::net
