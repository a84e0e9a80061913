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

struct Destination {
    std::shared_ptr<const base::Url> url;
    std::string text;       // url->request_url()
    std::string target;     // what will be connected to: "http://a:80", "unix:/run/b.sock"
    std::string name;       // to be looked up; empty: it is an address or a unix socket
    std::string name_port;  // "name:port", as libcurl's cache of names has it
};

// Reads destinations, and remembers them: most requests of a run go where others went before.
class Destinations {
public:
    // Fails if the URL or connect_to is malformed.
    base::Result<std::shared_ptr<const Destination>> of(const Request& request);

private:
    std::unordered_map<std::string, std::shared_ptr<const Destination>> by_url_;
};

}  // namespace triage::net
