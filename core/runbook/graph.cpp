#include "core/runbook/graph.hpp"

#include <algorithm>

namespace triage::runbook {
namespace {

enum class Color : std::uint8_t { unseen, on_path, done };

// Where the walk is in one check's edges.
struct Visit {
    std::size_t check = 0;
    std::size_t next_edge = 0;
};

}  // namespace

std::vector<std::vector<Edge>> find_cycles(const Graph& graph) {
    std::vector<std::vector<Edge>> cycles;
    std::vector<Color> colors(graph.size(), Color::unseen);
    std::vector<Edge> taken;  // from each check of the path to the next one
    // A stack of its own: a chain of 100,000 checks must not overflow the program's.
    std::vector<Visit> path;
    for (std::size_t start = 0; start < graph.size(); ++start) {
        if (colors[start] != Color::unseen) continue;
        colors[start] = Color::on_path;
        path.push_back({start, 0});
        while (!path.empty()) {
            auto& visit = path.back();
            if (visit.next_edge == graph[visit.check].size()) {
                colors[visit.check] = Color::done;
                path.pop_back();
                if (!taken.empty()) taken.pop_back();
                continue;
            }
            const auto& edge = graph[visit.check][visit.next_edge++];
            if (colors[edge.to] == Color::unseen) {
                colors[edge.to] = Color::on_path;
                taken.push_back(edge);
                path.push_back({edge.to, 0});
            } else if (colors[edge.to] == Color::on_path) {
                const auto first = std::ranges::find(path, edge.to, &Visit::check) - path.begin();
                std::vector<Edge> cycle(taken.begin() + first, taken.end());
                cycle.push_back(edge);
                cycles.push_back(std::move(cycle));
            }
        }
    }
    return cycles;
}

}  // namespace triage::runbook
