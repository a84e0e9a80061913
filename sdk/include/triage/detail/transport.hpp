/// What <triage/transport.hpp> declares.
#pragma once

namespace triage {

inline std::vector<Code> TransportCodes::with(std::vector<Code> more) const {
    std::vector<Code> all{dns, refused, unreachable, tls, no_answer, closed, not_http, bad_http};
    if (redirect != nullptr) all.push_back(*redirect);
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

inline const Code& TransportCodes::of(const Response& response) const {
    switch (response.failure()) {
        case Failure::resolve:
            return dns;
        case Failure::refused:
            return refused;
        case Failure::unreachable:
            return unreachable;
        case Failure::tls:
            return tls;
        case Failure::closed:
            return closed;
        case Failure::protocol:
            return response.status() == 0 ? not_http : bad_http;
        case Failure::redirects:
            return redirect == nullptr ? bad_http : *redirect;
        default:
            return no_answer;
    }
}

inline void TransportCodes::evaluate(Context& ctx, const Response& response) const {
    const auto phase = response.phase();
    if (phase > Phase::resolve) ctx.evaluated(dns);
    if (phase > Phase::connect) ctx.evaluated(refused, unreachable);
    if (phase > Phase::tls) ctx.evaluated(tls);
    if (!response.ok()) return;
    ctx.evaluated(no_answer, closed, not_http, bad_http);
    if (redirect != nullptr) ctx.evaluated(*redirect);
}

inline void TransportCodes::explain(Finding& finding, const Response& response) {
    finding.evidence("phase", response.phase_name()).evidence("took", response.total());
    if (!response.address().empty()) finding.evidence("address", response.address());
    if (response.status() != 0) finding.evidence("status", response.status());
}

}  // namespace triage
