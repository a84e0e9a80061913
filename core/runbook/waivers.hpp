// Accepted failures, and until when.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/model/schema.hpp"
#include "core/runbook/problems.hpp"
#include "core/runbook/reader.hpp"
#include "core/runbook/runbook.hpp"

namespace triage::runbook {

struct WaivedCheck {
    std::string id;
    const model::CheckInfo* info = nullptr;  // or null, if it is not known
};

// Those of the check's `waive` that hold on `today`. One that has expired goes into `notices`.
std::vector<Waiver> read_waivers(const Reader& check, const WaivedCheck& waived,
                                 std::chrono::sys_days today, std::vector<Notice>& notices,
                                 Problems& problems);

}  // namespace triage::runbook
