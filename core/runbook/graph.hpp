// Circles in a graph of checks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/runbook/parse.hpp"

namespace triage::runbook {

enum class EdgeKind : std::uint8_t { needs, fact, when };

// A check waits for another one, because of what stands at `at`.
struct Edge {
    std::size_t from = 0;
    std::size_t to = 0;
    EdgeKind kind = EdgeKind::needs;
    Position at;
};

// Edges by the check that they leave.
using Graph = std::vector<std::vector<Edge>>;

// Circles, each as its edges in order; at least one for every set of checks that wait for each
// other.
std::vector<std::vector<Edge>> find_cycles(const Graph& graph);

}  // namespace triage::runbook
