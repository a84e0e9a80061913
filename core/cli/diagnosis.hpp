// The causes that are known here.
#pragma once

#include <string>
#include <vector>

#include "core/cli/session.hpp"
#include "core/diagnose/diagnose.hpp"
#include "core/model/result.hpp"

namespace triage::cli {

// The causes to try on this run; none if nothing is wrong. Adds a notice to `run` if some of them
// cannot be read. From any thread.
diagnose::Rules causes_for(const Session& session, model::Run& run,
                           const std::vector<std::string>& causes);

// The files of causes that count: those that come with triage, the plugins' own (NAME.causes.toml
// beside NAME.so), and the named ones.
std::vector<std::string> cause_files(const Session& session, const std::vector<std::string>& named);

// By check, what its plugin declares.
diagnose::Declared declared_codes(const Session& session);

}  // namespace triage::cli
