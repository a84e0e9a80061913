/// Containers of a Docker engine as sources.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <triage/docker.hpp>

namespace logs {

/// The containers that "PROJECT/SERVICE", "PROJECT/*" or "container:NAME" mean. Those that have
/// ended are meant too: their last words are in their logs.
std::vector<triage::docker::Listed> choose(const std::vector<triage::docker::Listed>& all,
                                           const std::string& wanted);

/// What the engine knows of a container.
struct DockerState {
    bool tty;           ///< its log is one stream without frames
    std::string ended;  ///< how it ended, if not as one would wish: "it ended with exit code 3"
    std::string restarting;  ///< the same of one that the engine restarts again and again
};

/// The answer to GET /containers/ID/json; nullopt if it is none.
std::optional<DockerState> read_docker_state(std::string_view json);

/// The path and query of a container's log.
std::string docker_log_path(const std::string& id, std::optional<std::int64_t> since_s,
                            std::uint64_t tail, bool follow);

}  // namespace logs
