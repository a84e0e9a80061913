#include "transport.hpp"

#include <triage/maker.hpp>

namespace clerk {
namespace {

using triage::Failure;

/// The codes' remedies speak of Clerk's APIs; the team's own UI and API need others. "": the same.
std::string_view own_remedy(Failure failure) {
    switch (failure) {
        case Failure::resolve:
            return "Correct the host's name in the URL, or its DNS record";
        case Failure::unreachable:
            return "Look whether the host is up, at routes, and at firewalls between here and it";
        case Failure::tls:
            return "Look at the certificate's dates, names and chain; at the proxy's, where one "
                   "ends TLS";
        case Failure::timeout:
            return "Look at the service's own log and load, and at what it waits for: its "
                   "database, Clerk, a lock";
        default:
            return "";
    }
}

}  // namespace

std::string by(const triage::Response& response) {
    const auto who = triage::stand_in(response, response.body());
    return who.empty() ? "" : ": " + who;
}

bool hangs_after_asking(const triage::Response& response) {
    return response.failure() == Failure::timeout && response.phase() >= triage::Phase::first_byte;
}

bool settle_transport(triage::Context& ctx, const triage::Response& response, std::string_view who,
                      std::string_view subject) {
    transport.evaluate(ctx, response);
    if (response.ok()) return true;
    auto finding =
        ctx.found(transport.of(response), subject, triage::text(who, ": ", response.describe()));
    transport.explain(finding, response);
    const bool is_clerk = who.starts_with("frontend API") || who.starts_with("backend API");
    const auto remedy = triage::waits_for_tls(response) ? triage::look_at_the_port
                        : is_clerk                      ? ""
                                                        : own_remedy(response.failure());
    if (!remedy.empty()) finding.remedy(remedy);
    return false;
}

}  // namespace clerk
