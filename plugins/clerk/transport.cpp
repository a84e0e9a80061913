#include "transport.hpp"

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

}  // namespace

std::vector<triage::Code> with_transport(std::vector<triage::Code> more) {
    more.insert(more.begin(), {code::dns, code::refused, code::unreachable, code::tls,
                               code::no_answer, code::closed, code::not_http, code::bad_http});
    return more;
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
    return false;
}

}  // namespace clerk
