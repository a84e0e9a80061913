// How many results there are of each verdict.
#pragma once

#include <array>
#include <cstddef>

#include "core/model/result.hpp"

namespace triage::report {

struct Tally {
    std::array<std::size_t, 6> counts{};

    std::size_t& operator[](model::Verdict verdict) {
        return counts[static_cast<std::size_t>(verdict)];
    }
    std::size_t operator[](model::Verdict verdict) const {
        return counts[static_cast<std::size_t>(verdict)];
    }
};

inline Tally count(const model::Run& run) {
    Tally tally;
    for (const auto& result : run.results)
        ++tally[result.verdict];
    return tally;
}

}  // namespace triage::report
