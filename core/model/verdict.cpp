#include "core/model/verdict.hpp"

#include <algorithm>
#include <array>

namespace triage::model {
namespace {

constexpr std::array<std::string_view, 6> verdict_names{"pass",  "warn",    "fail",
                                                        "error", "blocked", "skip"};

}  // namespace

std::string_view name(Verdict verdict) { return verdict_names[static_cast<std::size_t>(verdict)]; }

std::optional<Verdict> verdict_from(std::string_view name) {
    const auto* const found = std::ranges::find(verdict_names, name);
    if (found == verdict_names.end()) return std::nullopt;
    return static_cast<Verdict>(found - verdict_names.begin());
}

std::string_view name(Weight weight) {
    constexpr std::array<std::string_view, 3> names{"info", "warn", "fail"};
    return names[static_cast<std::size_t>(weight)];
}

Verdict overall(std::span<const Verdict> verdicts) {
    const auto any = [&](Verdict verdict) {
        return std::ranges::find(verdicts, verdict) != verdicts.end();
    };
    if (any(Verdict::fail)) return Verdict::fail;
    if (any(Verdict::error) || any(Verdict::blocked)) return Verdict::error;
    if (any(Verdict::warn)) return Verdict::warn;
    // Only skips, or nothing: saying "pass" would be a false green.
    return any(Verdict::pass) ? Verdict::pass : Verdict::error;
}

int exit_code(Verdict overall, bool interrupted) {
    if (interrupted) return exit_interrupted;
    switch (overall) {
        case Verdict::pass:
        case Verdict::warn:
            return exit_ok;
        case Verdict::fail:
            return exit_failed;
        case Verdict::error:
        case Verdict::blocked:
        case Verdict::skip:
            return exit_unknown;
    }
    return exit_unknown;
}

}  // namespace triage::model
