/// Reads systemd's journal, live or from files.
#pragma once

#include <vector>

#include "gathering.hpp"

namespace logs {

/// Adds a task for each unit of this machine's journal, or of the journal files; one for all of
/// what the files hold if no unit is named.
void add_journal(Gathering& all, std::vector<triage::Task<Done>>& tasks);

}  // namespace logs
