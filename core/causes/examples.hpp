// Causes tried on the examples that they carry.
#pragma once

#include <string>
#include <vector>

#include "core/diagnose/diagnose.hpp"
#include "core/diagnose/rule.hpp"
#include "core/redact/redactor.hpp"

namespace triage::causes {

// Something that is not as the example says.
struct Mismatch {
    std::string place;    // of the cause
    std::string cause;    // its id
    std::string example;  // its name or number
    std::string what;
    std::string remedy;
};

// Each example is diagnosed with all rules: its own cause must come first, beside it only those
// that the example names, and nothing may be left unexplained.
std::vector<Mismatch> try_examples(const diagnose::Rules& rules, const redact::Redactor& redactor);

// Signs with codes that none of these checks can find.
std::vector<Mismatch> undeclared(const diagnose::Rules& rules, const diagnose::Declared& declared);

}  // namespace triage::causes
