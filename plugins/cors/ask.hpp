/// Requests of one check to one API: few at once, and none beyond the check's own time.
#pragma once

#include <optional>
#include <vector>

#include "answer.hpp"

namespace cors {

/// What came of them.
struct Answers {
    /// In the order asked; nullopt: not asked.
    std::vector<std::optional<Answer>> list;
    /// Nothing at all was answered in the time that requests have, so the rest was not sent.
    bool silent = false;
};

/// Each request has a timeout of its own; what the check's time leaves less than that, the host
/// calls "could not ask".
triage::Task<Answers> ask_all(triage::Context& ctx, std::vector<triage::Request> requests);

}  // namespace cors
