// All that reports are made of.
#pragma once

#include <optional>

#include "core/model/changes.hpp"
#include "core/model/diagnosis.hpp"
#include "core/model/result.hpp"

namespace triage::model {

struct Report {
    Run run;
    std::optional<Diagnosis> diagnosis;  // none: nobody was asked for one
    std::optional<Changes> changes;      // the same
};

}  // namespace triage::model
