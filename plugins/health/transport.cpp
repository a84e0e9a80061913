#include "transport.hpp"

namespace health {

using triage::Failure;
using triage::Phase;

std::vector<triage::Code> transport_codes() {
    return {code::dns,    code::refused,  code::unreachable, code::tls,     code::no_answer,
            code::closed, code::not_http, code::bad_http,    code::redirect};
}

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
        case Failure::redirects:
            return code::redirect;
        default:
            return code::no_answer;
    }
}

void evaluate_transport(triage::Context& ctx, const triage::Response& response) {
    const auto failure = response.failure();
    const auto phase = response.phase();
    if (phase > Phase::resolve) ctx.evaluated(code::dns);
    if (phase > Phase::connect) ctx.evaluated(code::refused, code::unreachable);
    if (phase > Phase::tls) ctx.evaluated(code::tls);
    if (failure == Failure::none) {
        ctx.evaluated(code::no_answer, code::closed, code::not_http, code::bad_http,
                      code::redirect);
    }
}

void found_transport(triage::Context& ctx, const triage::Response& response,
                     std::string_view subject) {
    auto finding = ctx.found(code_of(response), subject, response.describe());
    finding.evidence("phase", response.phase_name()).evidence("took", response.total());
    if (!response.address().empty()) finding.evidence("address", response.address());
    if (response.status() != 0) finding.evidence("status", response.status());
    if (const auto target = response.header("location")) finding.evidence("location", *target);
    if (!response.redirects().empty()) finding.evidence("redirects", response.redirects().back());
}

void add_origin(triage::Finding& finding, const triage::Response& response) {
    for (const auto* name : {"server", "via", "content-type"}) {
        if (const auto value = response.header(name)) finding.evidence(name, *value);
    }
}

void report_phases(triage::Context& ctx, const triage::Response& response) {
    const auto& times = response.timings();
    const std::pair<const char*, std::chrono::microseconds> phases[] = {
        {"resolve", times.resolve},
        {"connect", times.connect},
        {"tls", times.tls},
        {"first-byte", times.first_byte}};
    for (const auto& [name, took] : phases) {
        if (took.count() > 0) ctx.metric(name, took);
    }
    ctx.metric("total", times.total);
}

}  // namespace health
