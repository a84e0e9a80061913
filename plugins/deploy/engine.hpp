/// What the Docker engine says of one container, and of images.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <triage/docker.hpp>

#include "moment.hpp"

namespace deploy {

using triage::docker::Listed;

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
    /// It ran, and does so no more; "stopped" is Podman's word before it has cleaned up.
    bool has_ended() const {
        return status == "exited" || status == "stopped" || status == "dead" ||
               status == "removing";
    }
    /// Is its state one that is known here? Of another nobody can say whether it is good.
    bool is_state_known() const {
        return runs() || has_ended() || status == "created" || status == "restarting" ||
               status == "paused";
    }
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
