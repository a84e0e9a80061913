// Where a request goes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/base/error.hpp"
#include "core/base/url.hpp"
#include "core/net/http.hpp"

namespace triage::net {

// What is connected to.
struct Host {
    std::string target;     // "http://a:80", "unix:/run/b.sock"
    std::string name;       // to be looked up; empty: it is an address or a unix socket
    std::string name_port;  // "name:port", as libcurl's cache of names has it
};

struct Destination {
    std::shared_ptr<const base::Url> url;
    std::string text;  // url->request_url()
    std::shared_ptr<const Host> host;
};

// Reads destinations, and remembers hosts: most requests of a run go where others went before.
class Destinations {
public:
    // Fails if the URL or connect_to is malformed.
    base::Result<Destination> of(const Request& request);

private:
    std::shared_ptr<const Host> host_at(const std::string& scheme, const std::string& name,
                                        std::uint16_t port);

    std::unordered_map<std::string, std::shared_ptr<const Host>> by_target_;
};

}  // namespace triage::net
