/// Requests of one check to one API: few at once, and none beyond the check's own time.
#pragma once

#include <optional>
#include <vector>

#include <triage/plugin.hpp>

namespace cors {

/// What came of them.
struct Answers {
    /// In the order asked; nullopt: not asked, or its time was cut short by the check's.
    std::vector<std::optional<triage::Response>> list;
    /// Nothing at all was answered in the time that requests have, so the rest was not sent.
    bool silent = false;
};

/// Each request has a timeout of its own.
triage::Task<Answers> ask_all(triage::Context& ctx, std::vector<triage::Request> requests);

}  // namespace cors
