// findings → impact, ranked causes, next steps. A function from values to a value; the same for
// the same input, to the last byte.
#pragma once

#include "core/diagnose/next.hpp"
#include "core/diagnose/rule.hpp"
#include "core/model/changes.hpp"
#include "core/model/diagnosis.hpp"
#include "core/model/result.hpp"

namespace triage::diagnose {

// `changes` can speak for a cause that has other signs too, and never prove one.
model::Diagnosis diagnose(const model::Run& run, const model::Changes& changes, const Rules& rules,
                          const Declared& declared);

}  // namespace triage::diagnose
