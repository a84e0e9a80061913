// One file's [[cause]] tables, each looked at by itself.
#pragma once

#include <vector>

#include "core/diagnose/rule.hpp"
#include "core/redact/redactor.hpp"
#include "core/runbook/parse.hpp"
#include "core/runbook/problems.hpp"

namespace triage::causes {

struct Read {
    diagnose::Rule rule;
    runbook::Position id;
    std::vector<runbook::Position> leads_to;  // as rule.leads_to
};

// What is wrong goes to `problems`; what is right of a cause that has an id is kept.
std::vector<Read> read_causes(const runbook::Document& document, const redact::Redactor& redactor,
                              runbook::Problems& problems);

}  // namespace triage::causes
