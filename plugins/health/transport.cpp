#include "transport.hpp"

namespace health {

void found_transport(triage::Context& ctx, const triage::Response& response,
                     std::string_view subject) {
    auto finding = ctx.found(transport.of(response), subject, response.describe());
    transport.explain(finding, response);
    if (triage::waits_for_tls(response)) finding.remedy(triage::look_at_the_port);
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
