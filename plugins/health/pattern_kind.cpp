#include "pattern_kind.hpp"

#include <algorithm>

#include "transport.hpp"

namespace health {
namespace {

using triage::Maker;

using triage::Failure;
using triage::Phase;
using triage::Response;

Kind failure_kind(const Response& response) {
    switch (response.failure()) {
        case Failure::refused:
            return Kind::refused;
        case Failure::resolve:
        case Failure::unreachable:
            return Kind::unreachable;
        case Failure::tls:
            return Kind::tls;
        case Failure::timeout:
            if (triage::waits_for_tls(response)) return Kind::tls;
            return response.phase() < Phase::first_byte ? Kind::unreachable : Kind::hung;
        case Failure::protocol:
            return response.status() == 0 ? Kind::foreign : Kind::broken;
        default:
            return Kind::broken;
    }
}

/// The error bodies of the application carry its mark too: {"detail":…,"request_id":…}.
bool body_has_request_id(const Response& response) {
    if (response.status() < 400 || response.body().size() > 16 * 1024) return false;
    const auto json = triage::Json::parse(response.body());
    return json && json->string("/request_id").has_value();
}

/// Where the application has no mark, what is right or shows no other maker is taken for its own.
Maker who_made(const Probe& probe, const std::vector<std::string>& marks) {
    using enum Maker::Kind;
    const auto& response = *probe.response;
    auto maker = triage::maker_of(response, response.body(), marks);
    if (marks.empty() && (!maker.is_proxy() || probe.is_right())) return {application, "", ""};
    if (maker.kind == unknown && body_has_request_id(response)) {
        return {application, "", "a request_id in its body"};
    }
    return maker;
}

}  // namespace

bool Probe::is_right() const {
    return response->ok() && response->status() == expected &&
           (body == nullptr || response->body() == *body);
}

std::string Probe::answer() const {
    return triage::text(name, " answers HTTP ", response->status(), " after ", response->total());
}

Kind kind_of(const Probe& probe, bool marks_are_lost) {
    const auto& response = *probe.response;
    if (!response.ok()) return failure_kind(response);
    const int got = response.status();
    const bool ours = marks_are_lost || probe.maker.kind == Maker::Kind::application;
    if (probe.maker.is_proxy() && !probe.is_right()) return Kind::proxy_error;
    const bool redirects = got / 100 == 3 && got != probe.expected;
    if (redirects && !probe.maker.is_application()) return Kind::redirected;
    if (!ours) return got >= 502 && got <= 504 ? Kind::proxy_error : Kind::foreign;
    if (probe.is_right()) return Kind::good;
    if (got == probe.expected) return Kind::foreign;  // another body
    if (got >= 500) return Kind::server_error;
    return got == 404 ? Kind::no_such_path : Kind::unexpected;
}

bool classify(std::vector<Probe>& gets, const std::vector<std::string>& marks) {
    const auto is_marked = [&](const Probe& get) {
        return std::any_of(marks.begin(), marks.end(), [&](const auto& mark) {
            return get.response->header(mark).has_value();
        });
    };
    bool lost = !marks.empty();
    for (auto& get : gets) {
        if (get.response->ok()) get.maker = who_made(get, marks);
        lost = lost && get.is_right() && !is_marked(get);
    }
    for (auto& get : gets) {
        get.kind = kind_of(get, lost);
    }
    return lost;
}

std::string names_of(const std::vector<Probe>& probes, Kind kind) {
    std::string out;
    for (const auto& probe : probes) {
        if (probe.kind == kind) out += triage::text(out.empty() ? "" : ", ", probe.name);
    }
    return out;
}

}  // namespace health
