/// An answer of an API, as CORS judges it: by its status and headers.
#pragma once

#include <string>
#include <utility>

#include <triage/plugin.hpp>

namespace cors {

/// The head of an answer; ok() as soon as that is complete, as for browsers: what the body does
/// (an event stream never ends) is another question.
struct Answer : triage::Response {
    explicit Answer(triage::Response head) : triage::Response(std::move(head)) {}

    std::string start;  ///< of the body, to show what answered; body() is empty

    /// What seems to have answered in the API's place, as a part of a sentence: ", made by a proxy
    /// (nginx: its error page)"; "" if nothing speaks for it.
    std::string by() const;
};

}  // namespace cors
