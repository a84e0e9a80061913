// What is wrong with a runbook, and where.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.hpp"

namespace triage::runbook {

struct Location {
    std::string file;        // as the user named it; "--var api" for a value from the command line
    std::uint32_t line = 0;  // from 1; 0: no line
    std::uint32_t column = 0;  // from 1, in characters
};

enum class Kind : std::uint8_t {
    wrong,  // the runbook is wrong in itself: nothing runs, exit code 2
    unmet,  // something is missing here (a variable, secret, plugin): its checks become errors
};

struct Diagnostic {
    Kind kind = Kind::wrong;
    Location where;
    std::string line_text;     // the source line, for display; may be empty
    std::uint32_t length = 1;  // how many columns of it to underline
    std::string message;       // what was found, what was expected, the nearest known name
    std::string remedy;        // what to do, or empty
};

using Diagnostics = std::vector<Diagnostic>;  // in order of file, line, column

}  // namespace triage::runbook
