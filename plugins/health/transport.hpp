/// Why no complete response came: the codes that every request of this plugin may find.
#pragma once

#include <triage/plugin.hpp>
#include <triage/transport.hpp>

namespace health {

namespace code {
using triage::Code;
using triage::Weight;

inline constexpr Code dns{
    "health.dns", Weight::fail, "The host name has no address",
    "Look at the name's DNS record and at this machine's resolver; a name that only containers "
    "resolve needs a vantage inside"};
inline constexpr Code refused{"health.refused", Weight::fail, "Nothing listens at the address",
                              "Look whether the service runs (container state, exit code, last "
                              "log lines) and listens on this port"};
inline constexpr Code unreachable{"health.unreachable", Weight::fail,
                                  "The address cannot be reached",
                                  "Look at routes, firewall and whether the host is up"};
inline constexpr Code tls{"health.tls", Weight::fail, "The TLS handshake failed",
                          "Look at the certificate's dates, names and chain; where there is none, "
                          "whether this port speaks TLS, and which versions"};
inline constexpr Code no_answer{"health.no-answer", Weight::fail,
                                "The service did not answer in time",
                                "Look at what the service waits for: database, pool, lock, "
                                "upstream; its log's last lines say how far it came"};
inline constexpr Code closed{"health.closed", Weight::fail,
                             "The connection was closed before the answer was complete",
                             "Look for a crash or restart in the service's log"};
inline constexpr Code not_http{"health.not-http", Weight::fail, "What answers is not HTTP",
                               "Look which process listens on this port, and whether the URL's "
                               "scheme is right"};
inline constexpr Code bad_http{"health.bad-http", Weight::fail,
                               "The answer breaks the rules or limits of HTTP",
                               "Look what makes the answer: the application, or a proxy before it"};
inline constexpr Code redirect{"health.redirect", Weight::fail, "Redirects lead nowhere",
                               "Follow them by hand (curl -IL) and look at the proxy's rules"};
inline constexpr Code slow{"health.slow", Weight::warn, "The answer took longer than is good",
                           "Look at the load of the service and of what it waits for"};
}  // namespace code

inline constexpr triage::TransportCodes transport{.dns = code::dns,
                                                  .refused = code::refused,
                                                  .unreachable = code::unreachable,
                                                  .tls = code::tls,
                                                  .no_answer = code::no_answer,
                                                  .closed = code::closed,
                                                  .not_http = code::not_http,
                                                  .bad_http = code::bad_http,
                                                  .redirect = &code::redirect};

/// Reports what went wrong with a response that is not ok.
void found_transport(triage::Context& ctx, const triage::Response& response,
                     std::string_view subject);

/// Says in a finding what is written on an answer: Server, Via, Content-Type.
void add_origin(triage::Finding& finding, const triage::Response& response);

/// Name and value of each phase's duration, as metrics in ms.
void report_phases(triage::Context& ctx, const triage::Response& response);

}  // namespace health
