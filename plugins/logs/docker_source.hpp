/// Reads what containers have written.
#pragma once

#include "docker.hpp"
#include "gathering.hpp"

namespace logs {

/// All containers that the parameters name, those that come while following included.
triage::Task<Done> read_docker(Gathering& all);

}  // namespace logs
