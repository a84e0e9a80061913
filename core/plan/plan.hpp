// What will run, in which order, and what it is allowed to touch: known before anything is touched.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/model/schema.hpp"
#include "core/plan/grants.hpp"
#include "core/runbook/runbook.hpp"

namespace triage::plan {

// Which checks to run; empty: all. A check that a chosen one needs, or whose facts it uses, is
// chosen too.
struct Selection {
    std::vector<std::string>
        only;  // ids of checks or steps; a for-each check's base id means all of it
    std::vector<std::string> tags;       // checks that have any of these
    std::vector<std::string> skip_tags;  // never these, whoever needs them
    bool deep = false;                   // also checks that their plugin calls costly
};

// A check's place in the graph. Node i is Runbook::checks[i].
struct Node {
    std::vector<std::size_t> needs;  // cannot be executed without these having passed
    std::vector<std::size_t> after;  // waits for these, whatever their verdict: it uses their facts
    std::size_t depth = 0;           // longest way from a check that waits for nothing
    std::optional<std::string> skipped;  // not selected: why
    // What it may touch. Shared by all checks of a plugin that name the same. Null if it depends on
    // facts or secrets: then it is known when they are.
    std::shared_ptr<const Grants> grants;
    std::string target;  // the first origin or host:port that it names: load is limited by it
};

struct Plan {
    std::vector<Node> nodes;
    std::size_t selected = 0;  // nodes that are not skipped
};

using Plugins = std::map<std::string, model::PluginInfo>;  // by id

// Fails if a name in `selection` is unknown (with the nearest), or if the graph has a cycle.
base::Result<Plan> make_plan(const runbook::Runbook& runbook, const Plugins& plugins,
                             const Selection& selection);

}  // namespace triage::plan
