/// triage/docker.hpp: where a Docker engine's API answers, and which containers it lists.
///
/// For a plugin that says LIBRARIES triage::sdk-json. Not part of triage/plugin.hpp. The API is the
/// Docker Engine API, https://docs.docker.com/reference/api/engine/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <triage/http.hpp>
#include <triage/params.hpp>

namespace triage::docker {

/// Where the engine listens.
struct Engine {
    std::string shown;        ///< as it was given: "unix:///var/run/docker.sock"
    std::string base;         ///< of its URLs: "http://docker"
    std::string unix_socket;  ///< or empty

    /// "unix:///PATH", "tcp://HOST:PORT", "http://…" or "https://…", as Docker's own tools read
    /// DOCKER_HOST; without a port tcp means 2375. A path after it is put before those of the API.
    /// Nullopt if it is no such text.
    static std::optional<Engine> parse(std::string_view docker_host);
    /// Says of a parameter that Engine::parse() reads it: what can lead to no engine is told before
    /// anything runs.
    static void describe(Param& docker_host);
    /// GET of a path of its API: "/containers/json?all=1".
    Request get(std::string_view path) const;
};

/// What the engine says instead of an answer: its own words, or why none came.
std::string complaint(const Response& response);
/// The same of an answer that is streamed, whose body comes by itself.
std::string complaint(const Response& response, std::string_view body);

/// One container, as the engine lists it.
struct Listed {
    std::string id;  ///< at least 12 hexadecimal digits, safe in a path
    std::string name;
    std::string project, service;  ///< of Docker Compose; or empty
    std::string state;             ///< "running"
    bool one_off = false;          ///< made by `docker compose run`: it is meant to end

    /// "mission-control/backend", or the container's name outside of Compose.
    std::string shown() const;
    /// Do "PROJECT/SERVICE", "PROJECT/*" or "container:NAME" mean this one?
    bool is(std::string_view wanted) const;
    /// Says of a parameter, or of a list's elements, that is() reads it: what can mean no container
    /// is told before anything runs.
    static void describe(Param& wanted);
};

/// The answer to GET /containers/json; nullopt if it is none. What has no sound id is left out.
std::optional<std::vector<Listed>> read_list(std::string_view json);

}  // namespace triage::docker
