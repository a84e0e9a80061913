// What a check's parameters mean together, as far as it is known before the run.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/model/schema.hpp"
#include "core/runbook/runbook.hpp"

namespace triage::runbook {

// The value of a parameter with one value, as text: "HEAD", "true". Nothing if it is not given, or
// a fact or secret is a part of it.
std::optional<std::string> known_text(const ArgumentList& arguments, std::string_view name);

// The same of a number, or a duration in microseconds.
std::optional<double> known_number(const ArgumentList& arguments, std::string_view name);

// Is `text` the value of that parameter, or one of its list, as far as these are known? Of http and
// https URLs the origins are compared: "https://A.example:443/x" is "https://a.example".
bool has_value(const ArgumentList& arguments, std::string_view name, const std::string& text);

// "POST /api/x" against the rule "POST /api/*". A "*" stays within one part of the path.
bool grants_write(const std::string& rule, std::string_view method, const std::string& path);

// The rule that grants such a write, whatever ids are in its path: "POST /boards/*" of "POST
// /boards/42".
std::string rule_for(std::string_view write);

// "POST /api/x" if `check` would send that and `allow`, which may be null, does not grant it.
std::optional<std::string> missing_write(const model::CheckInfo& info, const Check& check,
                                         const Allow* allow);

}  // namespace triage::runbook
