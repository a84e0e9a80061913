/// What the tasks share that read sources at the same time.
#pragma once

#include <utility>

#include "sources.hpp"

namespace logs {

/// What tasks give that only have an effect.
struct Done {};

/// One gathering under way. It outlives its tasks.
struct Gathering {
    const SourceParams& params;
    triage::Context& ctx;
    const Extent& extent;
    IntakeFactory make_intake;
    triage::Instant follow_until;
    Gathered out;

    /// The index of a new source.
    std::size_t add(std::string name) {
        out.reports.emplace_back().name = std::move(name);
        return out.reports.size() - 1;
    }
    SourceReport& report(std::size_t index) { return out.reports.at(index); }
    /// The check is cancelled, or has just enough time left for what comes after reading.
    bool is_over() const;
    bool follows() const { return ctx.now() < follow_until && !is_over(); }
    /// Until it is worth to look again, while following.
    std::chrono::microseconds pause() const;
    /// What is left for reading.
    std::chrono::microseconds time_left() const;
};

}  // namespace logs
