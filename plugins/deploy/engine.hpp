/// The Docker engine's API: where it listens, and what it says of containers and images.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <triage/plugin.hpp>

#include "moment.hpp"

namespace deploy {

/// Where the engine listens.
struct Engine {
    std::string shown;        ///< "unix:///var/run/docker.sock"
    std::string base;         ///< of its URLs: "http://docker"
    std::string unix_socket;  ///< or empty

    /// As Docker's own tools read DOCKER_HOST; nullopt if it is no such text.
    static std::optional<Engine> parse(std::string_view docker_host);
    /// A request to it.
    triage::Request get(std::string_view path) const;
};

/// What the engine says instead of an answer: its own words, or why none came.
std::string complaint(const triage::Response& response);

/// One container, as the engine lists it.
struct Listed {
    std::string id, name, project, service;
    /// "mission-control/backend", or the container's name outside of Compose.
    std::string service_text() const;
};

/// The answer to GET /containers/json; nullopt if it is none. Without what `docker compose run` has
/// made: such a container is meant to end.
std::optional<std::vector<Listed>> read_list(std::string_view json);

/// Does "PROJECT/SERVICE", "PROJECT/*" or "container:NAME" mean this one?
bool means(std::string_view wanted, const Listed& one);

/// One container, as the engine inspects it. Its environment is not looked at.
struct Container : Listed {
    std::string label;       ///< what it is called in reports: its service, or of several its name
    std::string image_id;    ///< "sha256:…"
    std::string image_name;  ///< as it was run: "mc-backend:latest"
    std::string version;     ///< what the image says itself, or empty
    std::string status;      ///< created, running, paused, restarting, removing, exited, dead
    std::string error;       ///< why it could not be started, or empty
    std::string health;      ///< healthy, unhealthy, starting; empty or none: no health check
    std::string health_says;
    std::int64_t health_failures = 0;  ///< in a row
    std::string policy;                ///< no, always, unless-stopped, on-failure
    std::int64_t exit_code = 0;
    std::int64_t restarts = 0;  ///< by the engine, since it was started last by somebody
    bool out_of_memory = false;
    std::optional<WallTime> created, started, finished;

    bool runs() const { return status == "running"; }
};

/// The answer to GET /containers/ID/json; nullopt if it is none.
std::optional<Container> read_container(const Listed& listed, std::string_view json);

/// The image that a name means now.
struct Image {
    std::string id;
    std::optional<WallTime> created;
};
/// The answer to GET /images/NAME/json; nullopt if it is none.
std::optional<Image> read_image(std::string_view json);

/// Is it a name that can mean another image tomorrow? Not if it is an id or has a digest.
bool is_tag(std::string_view image_name);

/// "12ab34cd56ef", as `docker images` shows it.
std::string short_id(std::string_view image_id);

}  // namespace deploy
