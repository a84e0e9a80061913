// Verdicts, and the one place where the overall verdict and the exit code are computed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace triage::model {

enum class Verdict : std::uint8_t {
    pass,     // looked, and all is well
    warn,     // works, but needs attention
    fail,     // the target is bad
    error,    // could not tell: the check crashed, timed out, lacked a permission
    blocked,  // could not be executed without a named check that did not pass
    skip,     // a condition or a selection said so
};

std::string_view name(Verdict verdict);
std::optional<Verdict> verdict_from(std::string_view name);

// How bad a finding is. Same values as TRIAGE_WEIGHT_* in triage/abi.h.
enum class Weight : std::uint8_t { info, warn, fail };
std::string_view name(Weight weight);

// The verdict of a whole run: fail if anything failed; else error if anything could not be told
// (error or blocked), or nothing at all was looked at; else warn; else pass.
Verdict overall(std::span<const Verdict> verdicts);

// The process's exit code.
inline constexpr int exit_ok = 0;             // all that ran passed or warned
inline constexpr int exit_failed = 1;         // something failed
inline constexpr int exit_usage = 2;          // usage, or a runbook that is wrong in itself
inline constexpr int exit_unknown = 3;        // nothing failed, but something could not be told
inline constexpr int exit_interrupted = 130;  // Ctrl-C
int exit_code(Verdict overall, bool interrupted);

}  // namespace triage::model
