/// What one answer of health.pattern shows, seen alone.
#pragma once

#include <string>
#include <vector>

#include <triage/maker.hpp>

#include "pattern.hpp"

namespace health {

enum class Kind {
    good,
    refused,
    unreachable,   // DNS, route, connect timeout
    tls,           // handshake, also one that does not end, or certificate
    hung,          // connected, and no complete answer in time
    broken,        // closed early, or against the rules of HTTP: whoever did it
    proxy_error,   // an error that a proxy made, or a 502, 503 or 504 that nobody owns up to
    redirected,    // to somewhere else
    foreign,       // complete, but not made by the application; or no HTTP at all
    server_error,  // 5xx, made by the application
    no_such_path,  // 404, made by the application
    unexpected,    // any other status
};

/// One request of the pattern, and what is known of its answer.
struct Probe {
    std::string name;  ///< "healthz", or the path of one of more-api-paths
    const triage::Response* response = nullptr;
    std::int64_t expected = 200;
    const std::string* body = nullptr;  ///< what it must be, exactly
    triage::Maker maker;
    Kind kind = Kind::good;

    /// Status and body are right, whoever made them.
    bool is_right() const;
    /// "healthz answers HTTP 500 after 2 ms".
    std::string answer() const;
};

/// Names who made each answer, and what kind it is. `marks` as maker_of() takes them. Where all
/// are right and none has a mark, somebody on the way takes the marks off: then they are good, and
/// true is returned.
bool classify(std::vector<Probe>& gets, const std::vector<std::string>& marks);

/// The kind of a single one, whose maker is known.
Kind kind_of(const Probe& probe, bool marks_are_lost);

/// "healthz, readyz" of those of a kind.
std::string names_of(const std::vector<Probe>& probes, Kind kind);

}  // namespace health
