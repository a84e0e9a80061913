// [allow]: what plugins may do beyond what their parameters name.
#pragma once

#include <map>
#include <set>
#include <string>

#include "core/base/error.hpp"
#include "core/runbook/merge.hpp"
#include "core/runbook/problems.hpp"
#include "core/runbook/runbook.hpp"
#include "core/runbook/values.hpp"

namespace triage::runbook {

// "https://Example.com/" → "https://example.com".
base::Result<std::string> to_origin(const std::string& text);

// `used`: plugins that a check uses.
std::map<std::string, Allow> read_allow(const Merged& merged, const std::set<std::string>& used,
                                        Values& values, Problems& problems);

}  // namespace triage::runbook
