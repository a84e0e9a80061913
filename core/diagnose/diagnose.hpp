// findings → impact, ranked causes, next steps. A function from values to a value; the same for
// the same input, to the last byte.
#pragma once

#include "core/diagnose/next.hpp"
#include "core/diagnose/rule.hpp"
#include "core/model/diagnosis.hpp"
#include "core/model/result.hpp"

namespace triage::diagnose {

model::Diagnosis diagnose(const model::Run& run, const Rules& rules, const Declared& declared);

}  // namespace triage::diagnose
