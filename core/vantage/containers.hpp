// What the Docker engine says of its containers.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace triage::vantage {

struct Container {
    std::string id;
    std::vector<std::string> names;  // without the slash before them
    std::string project;             // of Compose, or empty
    std::string service;
    std::string state;                            // "running", "exited", …
    std::map<std::string, std::string> networks;  // name → its address there, or empty
};

// The answer to GET /containers/json.
base::Result<std::vector<Container>> read_containers(std::string_view json);

// The container that a vantage means. Of several of one service the first: they share
// networks, and results say which it was.
base::Result<const Container*> pick(const std::vector<Container>& containers,
                                    const std::string& vantage);

// The first process, from the answer to GET /containers/ID/json.
base::Result<pid_t> read_pid(std::string_view json);

// What names mean inside of `from`: names and services of the containers that share a network.
std::map<std::string, std::vector<std::string>> addresses_around(
    const std::vector<Container>& containers, const Container& from);

}  // namespace triage::vantage
