/// Logs that should have lines and have none.
#pragma once

#include <triage/judgement.hpp>

#include "sources.hpp"

namespace logs {

/// With `expect-lines`: what was read and has no line in the window is a failure.
void judge_silence(const SourceParams& params, const Gathered& gathered, Time now,
                   triage::Judgement& out);

}  // namespace logs
