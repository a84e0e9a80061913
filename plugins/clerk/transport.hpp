/// Why no complete response came: the codes that every request of this plugin may find.
#pragma once

#include <triage/plugin.hpp>
#include <triage/transport.hpp>

namespace clerk {

namespace code {
using triage::Code;
using triage::Weight;

inline constexpr Code dns{
    "clerk.dns", Weight::fail, "The host name has no address",
    "Look at the name's DNS record (a production instance needs the CNAME records that Clerk's "
    "dashboard lists under Domains) and whether the key is of an instance that still exists"};
inline constexpr Code refused{"clerk.refused", Weight::fail, "Nothing listens at the address",
                              "Look whether the service runs, and whether it listens at this "
                              "address and port"};
inline constexpr Code unreachable{"clerk.unreachable", Weight::fail,
                                  "The address cannot be reached",
                                  "Look at routes, and at the firewall's rules for outgoing HTTPS"};
inline constexpr Code tls{"clerk.tls", Weight::fail, "The TLS handshake failed",
                          "Look at the certificate's dates, names and chain, and whether a proxy "
                          "of this network replaces it; a new domain's may still be ordered"};
inline constexpr Code no_answer{"clerk.no-answer", Weight::fail, "There is no answer in time",
                                "Look at Clerk's status page, at the firewall, and at what the "
                                "service itself waits for"};
inline constexpr Code closed{"clerk.closed", Weight::fail,
                             "The connection was closed before the answer was complete",
                             "Look for a proxy that ends it, or a restart of the service"};
inline constexpr Code not_http{"clerk.not-http", Weight::fail, "What answers is not HTTP",
                               "Look which process listens there, and at the URL's scheme"};
inline constexpr Code bad_http{"clerk.bad-http", Weight::fail,
                               "The answer breaks the rules or limits of HTTP",
                               "Look what makes the answer: the service, or a proxy before it"};
}  // namespace code

inline constexpr triage::TransportCodes transport{.dns = code::dns,
                                                  .refused = code::refused,
                                                  .unreachable = code::unreachable,
                                                  .tls = code::tls,
                                                  .no_answer = code::no_answer,
                                                  .closed = code::closed,
                                                  .not_http = code::not_http,
                                                  .bad_http = code::bad_http};

/// What seems to have answered in an API's place, as a sentence's end: ": made by a proxy
/// (nginx: its error page)", ": an HTML page titled …"; "" if nothing speaks for it.
std::string by(const triage::Response& response);

/// The request was sent and not answered in time. While the connection is not there yet, it says
/// nothing of what the service does with the request.
bool hangs_after_asking(const triage::Response& response);

/// Says which of the above this response settles, and reports what went wrong if it is not ok.
/// `who` is "frontend API", "UI"; the response must not be could_not_ask(). True if it is ok.
bool settle_transport(triage::Context& ctx, const triage::Response& response, std::string_view who,
                      std::string_view subject);

}  // namespace clerk
