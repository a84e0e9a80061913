// Causes as TOML files → rules. docs/causes.md describes the format.
#pragma once

#include <string>
#include <vector>

#include "core/diagnose/rule.hpp"
#include "core/redact/redactor.hpp"
#include "core/runbook/diagnostic.hpp"

namespace triage::causes {

struct Loaded {
    diagnose::Rules rules;             // those that are right, in the order of files
    runbook::Diagnostics diagnostics;  // what is wrong, all at once, in the order of files
};

// Reads them all; a cause may lead to one of another file.
Loaded load(const std::vector<std::string>& files, const redact::Redactor& redactor);

// The causes that come with triage: share/triage/causes beside the program's folder.
std::vector<std::string> bundled_files();

// Files as they are, and of folders those called *.toml, by name. A name that is no file stays in
// the list: load() says so.
std::vector<std::string> files_in(const std::vector<std::string>& named);

}  // namespace triage::causes
