/// What deploy.containers can find.
#pragma once

#include <vector>

#include <triage/declare.hpp>

namespace deploy::code {

using triage::Code;
using triage::Weight;

inline constexpr Code missing{
    "deploy.missing", Weight::fail, "A service that should run has no container at all",
    "Start it: docker compose up -d SERVICE; if that says that there is no such service, correct "
    "its name in the runbook"};
inline constexpr Code exited{"deploy.exited", Weight::fail, "A container has ended",
                             "Read its last words (docker logs NAME), mend what they name, start "
                             "it: docker compose up -d SERVICE"};
inline constexpr Code not_started{
    "deploy.not-started", Weight::fail, "A container was made and never started",
    "Do what the engine's words ask for (a port that is taken, a file that is not there), then "
    "docker compose up -d SERVICE"};
inline constexpr Code oom_killed{
    "deploy.oom-killed", Weight::fail, "Memory ran out: the kernel ended a container's process",
    "Raise its memory limit, or find what grows (docker stats); start it if it does not run"};
inline constexpr Code restarting{"deploy.restarting", Weight::fail,
                                 "A container ends and is started again, and again",
                                 "Read why it ends: docker logs --tail 50 NAME"};
inline constexpr Code restarted{"deploy.restarted", Weight::warn,
                                "The engine has started a container again after it had ended",
                                "Read why it ended: docker logs --since 1h NAME"};
inline constexpr Code unhealthy{"deploy.unhealthy", Weight::fail,
                                "A container's own health check fails",
                                "Do what the check asks for by hand: docker exec NAME …"};
inline constexpr Code starting{"deploy.starting", Weight::warn,
                               "A container's health check has not passed yet",
                               "Wait for its start-up; if it stays so, read docker logs NAME"};
inline constexpr Code paused{"deploy.paused", Weight::fail,
                             "A container is paused: it holds its ports and answers nothing",
                             "docker unpause NAME, and find out who paused it"};
inline constexpr Code not_recreated{
    "deploy.not-recreated", Weight::warn,
    "An image was built or pulled anew, and its container still runs the old one",
    "If the new one is meant to run: docker compose up -d SERVICE (a restart does not change the "
    "image)"};
inline constexpr Code mixed_versions{
    "deploy.mixed-versions", Weight::warn, "The containers of one service run different images",
    "Wait if a deploy is going on; else recreate the service: docker compose up -d SERVICE"};
inline constexpr Code recent{"deploy.recent", Weight::info, "Containers were started lately",
                             "If the trouble began then, look at that deploy first"};

}  // namespace deploy::code

namespace deploy {

/// All of them.
std::vector<triage::Code> containers_codes();

}  // namespace deploy
