// The border between the program and libtriage-net.so.
//
// The library has its own copies of core's code and is handed nothing but interfaces (Loop's
// methods are virtual, Http is abstract) and plain values (Request, Response, Limits), whose layout
// both sides must agree on: the program says what it was built with, the library refuses anything
// else. It is never unloaded: its lookup threads may outlive everything.
#pragma once

#include <memory>
#include <string>

#include "core/base/error.hpp"
#include "core/net/http.hpp"

namespace triage::net {

// The one exported function: sets `*http`, or `*problem`.
using MakeHttp = void (*)(const char* interface, loop::Loop* loop, const Limits* limits,
                          const std::shared_ptr<const Place>* place, std::unique_ptr<Http>* http,
                          std::string* problem);
inline constexpr const char* make_http_symbol = "triage_net_make_http";

// What both sides must have in common, as text.
std::string interface_stamp();

// load_http() from a file of choice.
base::Result<std::unique_ptr<Http>> load_http_from(const std::string& file, loop::Loop& loop,
                                                   const Limits& limits,
                                                   const std::shared_ptr<const Place>& place = {});

}  // namespace triage::net
