// Vantages to places: asks the Docker engine where the network of a container is.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/loop/loop.hpp"
#include "core/net/http.hpp"
#include "core/net/place.hpp"

namespace triage::vantage {

// Where a Docker engine listens.
struct Engine {
    std::string shown;        // for messages: "unix:///var/run/docker.sock"
    std::string base;         // of its URLs: "http://docker", "http://127.0.0.1:2375"
    std::string unix_socket;  // or empty
};

// As Docker's own tools read DOCKER_HOST: unix:///PATH or tcp://HOST:PORT; empty is the default.
base::Result<Engine> read_engine(const std::string& docker_host);

// One search under way. Destroying it ends the search.
class Search {
public:
    virtual ~Search() = default;
};

// Finds the places of `vantages`, each "container:SERVICE", "container:PROJECT/SERVICE" or
// "container:NAME", once each; `done` is called later, within `limit`. `http` looks from the host
// and must outlive the search. It asks with GET /containers/json and /containers/ID/json of the
// Engine API (https://docs.docker.com/engine/api/v1.41/), nothing else.
std::unique_ptr<Search> find_places(net::Http& http, const Engine& engine,
                                    std::vector<std::string> vantages,
                                    std::chrono::microseconds limit,
                                    std::function<void(net::Places)> done);

}  // namespace triage::vantage
