// What is said of a value that does not fit where it is used.
#pragma once

#include <string>

#include "core/runbook/problems.hpp"
#include "core/runbook/values.hpp"

namespace triage::runbook {

// "the string 'x'", "the int 5". Of what is hidden only how long it is and where it is from: it may
// be a secret that the runbook does not call one.
std::string describe(const Value& value);

// "'x'", or the same.
std::string shown(const std::string& text, const Origin& origin);

// Reports it: at --var, if the value is from there; as something missing here, if it is from the
// environment or a file of it: on another machine the same runbook is right. `rule` is the one that
// is broken if the runbook is wrong in itself.
Absent report_misfit(Rule rule, Position at, const Origin& origin, std::string message,
                     Problems& problems);

}  // namespace triage::runbook
