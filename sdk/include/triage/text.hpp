/// triage/text.hpp: text between C++ and the ABI, and text for people.
///
/// std::format is not in GCC 12, and an SDK that is only the standard library has no fmt: `text()`
/// is the little that summaries and messages need.
#pragma once

#include <chrono>
#include <concepts>
#include <string>
#include <string_view>
#include <variant>

#include <triage/abi.h>

namespace triage {

/// A scalar whose type the runbook chooses (TRIAGE_TYPE_ANY), for example the expected value of a
/// JSON assertion.
using Any = std::variant<bool, std::int64_t, double, std::string>;

/// Borrowed view of text from the ABI. Valid as long as that text (see abi.h).
inline std::string_view to_view(triage_str borrowed) noexcept;

/// Borrowed ABI text of a view. Valid as long as the view.
inline triage_str to_abi(std::string_view view) noexcept;

/// A duration as a person writes it, never more exact than useful: "850 us", "12 ms", "1.5 s",
/// "3 s", "2 min".
inline std::string to_text(std::chrono::microseconds duration);

/// "true", "200", "0.5" or the string itself.
inline std::string to_text(const Any& value);

/// The shortest decimal text that reads back as the same number.
inline std::string to_text(double value);

/// Parts one after the other: text("answered ", 200, " in ", 12ms) is "answered 200 in 12 ms".
/// Takes strings, views, characters, numbers, durations and Any.
template <class... Parts>
std::string text(const Parts&... parts);

/// `value` as a JSON string, with its quotes.
inline std::string json_quoted(std::string_view value);

/// A duration in the runbook's form, exact: "250ms", "3s", "2m". In microseconds when nothing
/// coarser is exact.
inline std::string runbook_duration(std::chrono::microseconds duration);

/// Cut to `limit` bytes at the start of a UTF-8 character, with "…" in place of the rest. For
/// evidence taken from a body.
inline std::string excerpt(std::string_view value, std::size_t limit = 200);

/// The same letters, ignoring ASCII case, as HTTP header names and host names compare.
inline bool same_ignoring_case(std::string_view left, std::string_view right) noexcept;

}  // namespace triage

#include <triage/detail/text.hpp>
