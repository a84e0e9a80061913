/// What is right and wrong about a UI's files and settings: functions of values alone.
#pragma once

#include <triage/judgement.hpp>

#include "build.hpp"

namespace ui {

/// All of it.
triage::Judgement judge(const BuildParams& params, const Build& build);

/// One address of the API that scripts were built with, on a page at `page`. `expected` is where
/// the API really is. Reports the narrowest code that fits, at most one.
void judge_api(triage::Judgement& out, const std::string& page, const std::string& built_with,
               const std::string& expected, std::int64_t auto_port);

}  // namespace ui
