/// Containers of a Docker engine as sources, by the Engine API.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <triage/plugin.hpp>

namespace logs {

/// Where the engine listens.
struct DockerEngine {
    std::string shown;        ///< "unix:///var/run/docker.sock"
    std::string base;         ///< of its URLs: "http://docker"
    std::string unix_socket;  ///< or empty

    /// As Docker's own tools read DOCKER_HOST; nullopt if it is no such text.
    static std::optional<DockerEngine> parse(std::string_view docker_host);
    /// A request to it.
    triage::Request get(std::string_view path) const;
};

/// One container, as the engine lists it.
struct DockerContainer {
    std::string id, name, project, service, state;
    /// "mission-control/backend", or the container's name outside of Compose.
    std::string shown() const;
};

/// The answer to GET /containers/json; nullopt if it is none.
std::optional<std::vector<DockerContainer>> read_docker_list(std::string_view json);

/// The containers that "PROJECT/SERVICE", "PROJECT/*" or "container:NAME" mean. Those that have
/// ended are meant too: their last words are in their logs.
std::vector<DockerContainer> choose(const std::vector<DockerContainer>& all,
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
