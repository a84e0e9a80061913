/// triage/transport.hpp: why a request got no complete response, said the same way by every check
/// that makes requests: which of its codes a failure is, and which a response has settled.
///
///     inline constexpr triage::TransportCodes transport{
///         .dns = code::dns, .refused = code::refused, … };
///
///     transport.evaluate(ctx, response);
///     if (!response.ok()) {
///         auto finding = ctx.found(transport.of(response), params.url, response.describe());
///         transport.explain(finding, response);
///     }
///
/// Not part of triage/plugin.hpp.
#pragma once

#include <string_view>
#include <vector>

#include <triage/context.hpp>
#include <triage/http.hpp>

namespace triage {

/// A check's codes for this; each check has its own, as remedies differ.
struct TransportCodes {
    const Code& dns;                 ///< the name has no address
    const Code& refused;             ///< nothing listens at the address
    const Code& unreachable;         ///< the address cannot be reached
    const Code& tls;                 ///< the handshake failed
    const Code& no_answer;           ///< none in time, whatever was waited for
    const Code& closed;              ///< closed before the answer was complete
    const Code& not_http;            ///< what answers is not HTTP
    const Code& bad_http;            ///< HTTP that breaks its rules or limits
    const Code* redirect = nullptr;  ///< redirects lead nowhere; null: the check follows none

    /// All of them, and `more`, for what the check declares.
    std::vector<Code> with(std::vector<Code> more = {}) const;
    /// That of a response that is not ok; it must not be could_not_ask().
    const Code& of(const Response& response) const;
    /// Says which of them the response settles: a request that came as far as waiting for the first
    /// byte says that the name resolves, something listens and TLS works.
    void evaluate(Context& ctx, const Response& response) const;
    /// Says in a finding how far the request came: phase, time, address and status.
    static void explain(Finding& finding, const Response& response);
};

/// Connected, and no answer to the first words of TLS in time: a matter of the port and of what
/// ends TLS there; the service itself may not have been asked at all. The code is `no_answer`,
/// whose remedy mostly speaks of the service.
inline bool waits_for_tls(const Response& response) {
    return response.failure() == Failure::timeout && response.phase() == Phase::tls;
}
inline constexpr std::string_view look_at_the_port =
    "Look whether this port speaks TLS at all: asked by https, a port of plain HTTP may keep "
    "silent. If it does, look at what ends TLS there: a proxy, a load balancer, the service itself";

}  // namespace triage

#include <triage/detail/transport.hpp>
