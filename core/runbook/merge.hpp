// Document → one set of entries: what a file includes comes first, and the file wins.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/runbook/parse.hpp"
#include "core/runbook/problems.hpp"

namespace triage::runbook {

// Entries by name, in the order in which a name appeared first. They live in the document.
using Entries = std::vector<const Entry*>;

struct MergedProfile {
    std::string name;
    Entries vars;
};

// A step, and what later files add to it.
struct MergedStep {
    std::string id;
    Position at;
    const Table* table = nullptr;  // where it was begun
    std::vector<const Table*> parts;
};

struct Merged {
    Position at;  // of the file that was named
    const Entry* name = nullptr;
    const Entry* deadline = nullptr;
    Entries env_files;
    Entries vars;
    Entries secrets;
    Entries allow;
    Entries limits;
    std::vector<MergedProfile> profiles;
    std::vector<MergedStep> steps;
    // What holds something else than it should ("vars", "step"), or may be in a file that is not
    // known: reported, and what it would have said is not known.
    std::set<std::string, std::less<>> unread;
};

// `document` must outlive the result.
Merged merge(const Document& document, Problems& problems);

}  // namespace triage::runbook
