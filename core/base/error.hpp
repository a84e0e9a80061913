// The project's error value and result type.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace triage::base {

// Something that could not be done, for a person to read: what went wrong where (what was found,
// what was expected), and, when known, what to do about it.
struct Error {
    std::string message;
    std::string remedy;
};

// A value, or the reason why there is none.
template <class T>
using Result = std::expected<T, Error>;

// `return fail("…", "…")` from a function that returns any Result.
inline std::unexpected<Error> fail(std::string message, std::string remedy = {}) {
    return std::unexpected(Error{std::move(message), std::move(remedy)});
}

}  // namespace triage::base
