// Runs for the tests, as the lab's faults give them.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/model/report.hpp"

namespace triage::report::sample {

model::Text text(std::string_view raw);

// Without a diagnosis.
model::Report reported(model::Run run);
// What one_fault() means.
model::Diagnosis database_down();
// Two causes that are weak, and much that nothing explains.
model::Diagnosis unclear();
model::Diagnosis unexplained();
model::Changes some_changes();

model::Run healthy();
model::Run one_fault();
model::Run unknown();  // errors, blocked and skipped checks, other vantages
model::Run interrupted();
model::Run flapping();  // attempts that differ
model::Run waived();
model::Run crashed();  // a plugin took thirty checks along
model::Run empty();
model::Run hostile();                 // long, wide, multi-line and misleading text everywhere
model::Run many(std::size_t number);  // one step, every thousandth check fails

}  // namespace triage::report::sample
