// What libtriage-net.so exports.
#include "core/net/module.hpp"

#include <exception>

#include <fmt/format.h>

using namespace triage;

extern "C" __attribute__((visibility("default"))) void triage_net_make_http(
    const char* interface, loop::Loop* loop, const net::Limits* limits,
    const std::shared_ptr<const net::Place>* place, std::unique_ptr<net::Http>* http,
    std::string* problem) {
    if (interface != net::interface_stamp()) {
        *problem = fmt::format("made for \"{}\", but the program is \"{}\"", net::interface_stamp(),
                               interface);
        return;
    }
    try {
        *http = net::make_curl_http(*loop, *limits, *place);
    } catch (const std::exception& error) {
        *problem = fmt::format("libcurl cannot be started: {}", error.what());
    }
}
