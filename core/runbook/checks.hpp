// Steps, checks and manual items, each check with its arguments; for-each made into instances.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/runbook/merge.hpp"
#include "core/runbook/problems.hpp"
#include "core/runbook/runbook.hpp"
#include "core/runbook/schemas.hpp"
#include "core/runbook/values.hpp"

namespace triage::runbook {

// What a check says about other checks, as it is written: names are looked up in links.hpp, when
// all checks are known.
struct Links {
    Position at;  // of the check
    std::vector<const Node*> needs;
    Position when_check;
    Position when_fact;
    std::vector<Position> facts;  // of the facts in the arguments, in their order
};

struct Checks {
    std::vector<Links> links;                    // of each check
    std::set<std::string> plugins;               // that are used
    std::vector<const model::CheckInfo*> infos;  // of each check; null if its plugin is not there

    // What is not known because of something that is wrong and has been reported: what else seems
    // wrong is only a consequence.
    bool all_ids_known = true;
    bool all_plugins_known = true;
    std::set<std::string, std::less<>> bad_ids;  // of checks that were left out
    // Base ids of those for-each whose values are not known here: one check stands for all.
    std::set<std::string, std::less<>> open_ids;
    // Base ids of those for-each whose values are from outside.
    std::map<std::string, Origin, std::less<>> outside_ids;
};

inline constexpr std::size_t max_checks = 100'000;

// Fills steps, checks, manuals and notices of `runbook`, whose deadline is known already.
Checks read_checks(const Merged& merged, Values& values, Schemas& schemas,
                   std::chrono::sys_days today, Runbook& runbook, Problems& problems);

}  // namespace triage::runbook
