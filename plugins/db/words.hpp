/// Figures in words.
#pragma once

#include <chrono>
#include <string>

#include <triage/text.hpp>

namespace db {

/// The limit that `value` has passed: "fails from 15", else "warned from 10".
template <class V, class Text>
std::string passed(const V& value, const V& warn, const V& fail, const Text& text) {
    return value >= fail ? triage::text("fails from ", text(fail))
                         : triage::text("warned from ", text(warn));
}
template <class V>
std::string passed(const V& value, const V& warn, const V& fail) {
    return passed(value, warn, fail, [](const V& one) { return one; });
}

/// "12 s" for whole seconds: ages need not be more exact.
std::string age(std::chrono::microseconds duration);
/// "1.5 GiB".
std::string bytes(double count);

}  // namespace db
