// What a run's findings mean together, by the causes that are known here.
#pragma once

#include <string>
#include <vector>

#include "core/cli/session.hpp"
#include "core/diagnose/diagnose.hpp"
#include "core/model/diagnosis.hpp"
#include "core/model/result.hpp"

namespace triage::cli {

// Adds a notice to `run` if some of the causes cannot be read. From any thread.
model::Diagnosis diagnosis_of(const Session& session, model::Run& run,
                              const std::vector<std::string>& causes);

// The files of causes that count: those that come with triage, the plugins' own (NAME.causes.toml
// beside NAME.so), and the named ones.
std::vector<std::string> cause_files(const Session& session, const std::vector<std::string>& named);

// By check, what its plugin declares.
diagnose::Declared declared_codes(const Session& session);

}  // namespace triage::cli
