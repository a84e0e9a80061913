// [allow]: what plugins may do beyond what their parameters name.
#pragma once

#include <map>
#include <string>

#include "core/base/error.hpp"
#include "core/runbook/checks.hpp"
#include "core/runbook/merge.hpp"
#include "core/runbook/problems.hpp"
#include "core/runbook/runbook.hpp"
#include "core/runbook/values.hpp"

namespace triage::runbook {

// "https://Example.com/" → "https://example.com".
base::Result<std::string> to_origin(const std::string& text);
// The same of a URL that may have a path: "https://example.com" of "https://example.com/v1".
base::Result<std::string> origin_of(const std::string& text);

// `checks` say which plugins are used.
std::map<std::string, Allow> read_allow(const Merged& merged, const Checks& checks, Values& values,
                                        Problems& problems);

}  // namespace triage::runbook
