// A run as a document, and back: what everything after the execution needs, in one redacted file.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/compare/compare.hpp"
#include "core/diagnose/next.hpp"
#include "core/model/result.hpp"
#include "core/redact/redactor.hpp"

namespace triage::bundle {

// A run of the JSON format (docs/json.md). It may come from anywhere: everything in it goes
// through `redactor`; what has the wrong type is an error that names it, what is missing is empty.
// `json` may be long: it is freed as soon as it is parsed.
base::Result<model::Run> read_run(std::string json, const redact::Redactor& redactor);

struct Bundle {
    model::Run run;
    std::optional<model::Run> baseline;  // the last good run before it
    // When that was, if it is left out because it differs in durations at most. Not written.
    std::optional<std::int64_t> same_since_us;
    std::string not_compared;  // why there is none
    compare::Usual usual;
    std::optional<model::Onset> onset;
    diagnose::Declared declared;
};

// One JSON document, piece by piece.
void write(const Bundle& bundle, const std::function<void(std::string_view)>& sink);
base::Result<Bundle> read(std::string_view json, const redact::Redactor& redactor);

}  // namespace triage::bundle
