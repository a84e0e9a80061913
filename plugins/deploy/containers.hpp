/// deploy.containers: what is asked for, what the engine says, and what follows from it.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <triage/plugin.hpp>

#include "engine.hpp"

namespace deploy {

struct ContainersParams {
    std::vector<std::string> containers, expect;
    std::string docker_host;
    std::int64_t restarts_warn = 1, restarts_fail = 5;
    std::chrono::seconds young{};

    static void describe(triage::Describe<ContainersParams>& d);
};

/// All that was learned, and when.
struct Seen {
    std::vector<Listed> listed;         ///< all that are meant, inspected or not
    std::vector<Container> containers;  ///< those that were inspected
    std::set<std::string> outside;      ///< of `expect`, what `containers` does not mean
    std::map<std::string, Image> tags;  ///< by name: the image that it means now
    WallTime now;
};

/// Gives each container what it is called: its service, or its own name if there are several.
void label(std::vector<Container>& containers);

/// Reports findings, and which codes were looked for.
void judge(const ContainersParams& p, const Seen& seen, triage::Reporter& report);

/// One line: how many run, which do not, what was started lately.
std::string summary(const ContainersParams& p, const Seen& seen);

}  // namespace deploy
