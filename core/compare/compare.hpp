// run × baseline → changes. A function from values to a value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/model/changes.hpp"
#include "core/model/result.hpp"
#include "core/redact/redactor.hpp"

namespace triage::compare {

// How a metric was in the last good runs.
struct Spread {
    std::size_t runs = 0;
    double median = 0;
    double deviation = 0;  // the median of the distances from the median
};
// Finds pairs of strings by pairs of views.
struct PairOrder {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
        return std::tie(a.first, a.second) < std::tie(b.first, b.second);
    }
};
// By id of the check, and name of the metric. Only those in ms.
using Usual = std::map<std::pair<std::string, std::string>, Spread, PairOrder>;

Spread spread_of(std::vector<double> values);

// Compared are text and truth values among facts (numbers are measurements, and change all the
// time), settings, findings that were looked for both times, durations against their usual spread,
// and which checks told anything. `redactor` makes the texts. A fact "image[web]" changed when
// "started_at[web]" of the same check says, by the convention of docs/plugins.md.
std::vector<model::Change> compare(const model::Run& run, const model::Run& baseline,
                                   const Usual& usual, const redact::Redactor& redactor);

// Equal for runs between which compare() finds nothing but durations: most runs of a system that is
// well, whose last good run then need not be read.
std::string fingerprint(const model::Run& run);

// What compare() finds then: durations beyond their usual spread.
std::vector<model::Change> compare_durations(const model::Run& run, const Usual& usual,
                                             const redact::Redactor& redactor);

// When the first line of what fails was logged: the earliest fact "trouble_since", in seconds since
// 1970, by the convention of docs/plugins.md. In microseconds.
std::optional<std::int64_t> first_sign(const model::Run& run);

// Of each change whose time is known: was it there when the trouble began?
void set_against_onset(model::Changes& changes);

}  // namespace triage::compare
