/// triage/result.hpp: a value, or the reason why there is none. (C++20 has no std::expected.)
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>

namespace triage {

/// Why a value is missing; one line for a person.
struct Failed {
    std::string reason;
};

/// Thrown by the SDK, or by a check, when the check cannot tell. The text becomes the check's
/// error: it says why and what to do. Any other exception is treated in the same way.
class CouldNotTell : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Either a T or a reason:
///
///     const auto token = ctx.reveal(p.token);
///     if (!token) co_return triage::could_not_tell(token.reason());
template <class T>
class Result {
public:
    /// A value.
    Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    /// No value, and why.
    Result(Failed failed) : held_(std::in_place_index<1>, std::move(failed)) {}

    /// There is a value.
    bool ok() const noexcept { return held_.index() == 0; }
    /// The same, for `if (result)`.
    explicit operator bool() const noexcept { return ok(); }

    /// The value. Throws CouldNotTell with the reason if there is none, so that a check that can
    /// do nothing without it needs no `if`.
    const T& value() const {
        if (!ok()) throw CouldNotTell(reason());
        return std::get<0>(held_);
    }
    /// The reason; empty if there is a value.
    const std::string& reason() const {
        static const std::string none;
        return ok() ? none : std::get<1>(held_).reason;
    }

private:
    std::variant<T, Failed> held_;
};

}  // namespace triage
