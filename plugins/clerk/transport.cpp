#include "transport.hpp"

#include <triage/maker.hpp>

namespace clerk {
namespace {

using triage::Failure;
using triage::Phase;

const triage::Code& code_of(const triage::Response& response) {
    switch (response.failure()) {
        case Failure::resolve:
            return code::dns;
        case Failure::refused:
            return code::refused;
        case Failure::unreachable:
            return code::unreachable;
        case Failure::tls:
            return code::tls;
        case Failure::closed:
            return code::closed;
        case Failure::protocol:
            return response.status() == 0 ? code::not_http : code::bad_http;
        default:
            return code::no_answer;
    }
}

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

std::vector<triage::Code> with_transport(std::vector<triage::Code> more) {
    more.insert(more.begin(), {code::dns, code::refused, code::unreachable, code::tls,
                               code::no_answer, code::closed, code::not_http, code::bad_http});
    return more;
}

std::string by(const triage::Response& response) {
    const auto who = triage::stand_in(response, response.body());
    return who.empty() ? "" : ": " + who;
}

bool settle_transport(triage::Context& ctx, const triage::Response& response, std::string_view who,
                      std::string_view subject) {
    const auto phase = response.phase();
    if (phase > Phase::resolve) ctx.evaluated(code::dns);
    if (phase > Phase::connect) ctx.evaluated(code::refused, code::unreachable);
    if (phase > Phase::tls) ctx.evaluated(code::tls);
    if (response.ok()) {
        ctx.evaluated(code::no_answer, code::closed, code::not_http, code::bad_http);
        return true;
    }
    auto finding =
        ctx.found(code_of(response), subject, triage::text(who, ": ", response.describe()));
    finding.evidence("phase", response.phase_name()).evidence("took", response.total());
    if (!response.address().empty()) finding.evidence("address", response.address());
    if (response.status() != 0) finding.evidence("status", response.status());
    const bool is_clerk = who.starts_with("frontend API") || who.starts_with("backend API");
    const auto remedy = is_clerk ? "" : own_remedy(response.failure());
    if (!remedy.empty()) finding.remedy(remedy);
    return false;
}

}  // namespace clerk
