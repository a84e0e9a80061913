/// The endpoint-pattern table: which layer a pattern of answers points to.
///
///     healthz   openapi   api GET   DB probe          says
///     refused   –         –         –                 not running
///     all hang                                        event loop, host or network
///     hangs     answers   hangs     –                 thread pool starved
///     good      good      401       5xx at once       database refused, schema, credentials
///     good      good      401       5xx after a wait  pool exhausted
///     good      good      401       hangs             pool exhausted, lock or hung database
#include <algorithm>
#include <array>

#include "pattern.hpp"
#include "pattern_codes.hpp"

namespace health {
namespace {

using triage::Failure;
using triage::Phase;
using triage::Response;
using namespace row;

/// What one answer shows, seen alone.
enum class Kind {
    good,
    refused,
    unreachable,   // DNS, route, connect timeout, TLS
    hung,          // connected, and no complete answer in time
    broken,        // closed early, or against the rules of HTTP: whoever did it
    proxy_error,   // 502, 503 or 504 that the application did not make
    foreign,       // complete, but not made by the application; or no HTTP at all
    server_error,  // 5xx, made by the application
    unexpected,    // any other status
};

struct Probe {
    const char* name;
    const Response& response;
    Kind kind;
};

Kind failure_kind(const Response& response) {
    switch (response.failure()) {
        case Failure::refused:
            return Kind::refused;
        case Failure::resolve:
        case Failure::unreachable:
        case Failure::tls:
            return Kind::unreachable;
        case Failure::timeout:
            return response.phase() < Phase::first_byte ? Kind::unreachable : Kind::hung;
        case Failure::protocol:
            return response.status() == 0 ? Kind::foreign : Kind::broken;
        default:
            return Kind::broken;
    }
}

class Table {
public:
    Table(const PatternParams& params, triage::Context& ctx, const PatternAnswers& answers)
        : p_(params),
          ctx_(ctx),
          gets_{probe("healthz", answers.healthz, 200, &params.body),
                probe("readyz", answers.readyz, 200, &params.body),
                probe("openapi", answers.openapi, 200, nullptr),
                probe("api", answers.api, params.api_status, nullptr)},
          db_probe_(answers.db_probe) {}

    void judge() {
        if (reachable() && answering() && genuine()) {
            paths();
            database();
        }
    }

private:
    Kind kind_of(const Response& response, std::int64_t status, const std::string* body) const {
        if (!response.ok()) return failure_kind(response);
        const bool ours =
            p_.request_id_header.empty() || response.header(p_.request_id_header).has_value();
        const auto got = response.status();
        if (!ours) return got >= 502 && got <= 504 ? Kind::proxy_error : Kind::foreign;
        if (got >= 500 && got != status) return Kind::server_error;
        if (got != status) return Kind::unexpected;
        return body != nullptr && response.body() != *body ? Kind::foreign : Kind::good;
    }
    Probe probe(const char* name, const Response& response, std::int64_t status,
                const std::string* body) const {
        return {name, response, kind_of(response, status, body)};
    }

    const Probe& healthz() const { return gets_[0]; }
    const Probe& openapi() const { return gets_[2]; }
    bool all(Kind kind) const {
        return std::all_of(gets_.begin(), gets_.end(),
                           [&](const Probe& get) { return get.kind == kind; });
    }
    const Probe* first(Kind kind) const {
        const auto at = std::find_if(gets_.begin(), gets_.end(),
                                     [&](const Probe& get) { return get.kind == kind; });
        return at == gets_.end() ? nullptr : &*at;
    }
    std::string names(Kind kind) const {
        std::string out;
        for (const auto& get : gets_) {
            if (get.kind == kind) out += triage::text(out.empty() ? "" : ", ", get.name);
        }
        return out;
    }

    void found(const triage::Code& code, const Probe& about, std::string message) {
        const auto& response = about.response;
        auto finding = ctx_.found(code, response.url(), std::move(message));
        if (response.status() != 0) finding.evidence("status", response.status());
        finding.evidence("took", response.total()).evidence("phase", response.phase_name());
        if (const auto id = response.header(p_.request_id_header)) {
            finding.evidence("request-id", *id);
        }
        if (!response.body().empty() && response.status() >= 400) {
            finding.evidence("body", triage::excerpt(response.body()));
        }
        if (!response.address().empty()) finding.evidence("address", response.address());
    }

    /// Does anything listen there at all?
    bool reachable() {
        ctx_.evaluated(api_refused, api_unreachable);
        if (const auto* refused = first(Kind::refused)) {
            found(api_refused, *refused, refused->response.describe());
            return false;
        }
        if (const auto* unreachable = first(Kind::unreachable)) {
            found(api_unreachable, *unreachable, unreachable->response.describe());
            return false;
        }
        return true;
    }

    /// Do the event loop and the thread pool answer?
    bool answering() {
        ctx_.evaluated(api_hung, threadpool_starved);
        if (all(Kind::hung)) {
            found(api_hung, healthz(), triage::text("all paths: ", healthz().response.describe()));
            return false;
        }
        if (healthz().kind == Kind::hung && openapi().response.ok()) {
            found(threadpool_starved, healthz(),
                  triage::text("no answer within ", p_.timeout, " from ", names(Kind::hung),
                               " while openapi answers ", openapi().response.status()));
            return false;
        }
        return true;
    }

    /// Is it the application that answers?
    bool genuine() {
        ctx_.evaluated(proxy_error, foreign_service, api_broken);
        if (const auto* proxy = first(Kind::proxy_error)) {
            found(proxy_error, *proxy,
                  triage::text("HTTP ", proxy->response.status(), " without ", p_.request_id_header,
                               " for ", names(Kind::proxy_error),
                               ": made by a proxy, not by the API"));
            return false;
        }
        for (const auto& get : gets_) {
            if (get.kind != Kind::foreign) continue;
            found(foreign_service, get, why_foreign(get));
            return false;
        }
        if (const auto* broken = first(Kind::broken)) {
            found(api_broken, *broken,
                  triage::text(names(Kind::broken), ": ", broken->response.describe()));
            return false;
        }
        return true;
    }

    std::string why_foreign(const Probe& get) const {
        if (!get.response.ok()) return get.response.describe();
        const auto what = triage::text(get.name, " answers HTTP ", get.response.status());
        if (!p_.request_id_header.empty() && !get.response.header(p_.request_id_header)) {
            return triage::text(what, " without ", p_.request_id_header);
        }
        return triage::text(what, " with the body \"", triage::excerpt(get.response.body(), 60),
                            "\", expected \"", p_.body, "\"");
    }

    /// What each path says, now that the API as a whole answers.
    void paths() {
        ctx_.evaluated(broad_5xx, api_5xx, partly_hung, not_ready, api_unexpected);
        const auto errors = std::count_if(gets_.begin(), gets_.end(), [](const Probe& get) {
            return get.kind == Kind::server_error;
        });
        if (errors > 1) {
            found(broad_5xx, *first(Kind::server_error),
                  triage::text("5xx from ", names(Kind::server_error)));
        }
        for (const auto& get : gets_) {
            const bool is_readyz = &get == &gets_[1];
            const bool says_not_ready =
                is_readyz && (get.kind == Kind::server_error || get.kind == Kind::unexpected);
            if (says_not_ready && errors <= 1) {
                found(not_ready, get, answer(get));
            } else if (get.kind == Kind::server_error && errors == 1) {
                found(api_5xx, get, answer(get));
            } else if (get.kind == Kind::hung) {
                found(partly_hung, get, triage::text(get.name, ": ", get.response.describe()));
            } else if (get.kind == Kind::unexpected && !is_readyz) {
                found(api_unexpected, get,
                      triage::text(answer(get), ", expected ",
                                   &get == &gets_[3] ? p_.api_status : 200));
            }
        }
    }

    static std::string answer(const Probe& get) {
        return triage::text(get.name, " answers HTTP ", get.response.status(), " after ",
                            get.response.total());
    }

    /// The probe says something about the database only if healthz is good: what else hangs or
    /// fails would take the probe along.
    void database() {
        if (!db_probe_ || db_probe_->could_not_ask() || healthz().kind != Kind::good) return;
        const auto it = probe("db probe", *db_probe_, p_.db_probe_status, nullptr);
        ctx_.evaluated(db_probe_5xx, db_probe_slow_5xx, db_probe_hung, db_probe_unexpected);
        if (it.kind == Kind::good) return;
        if (it.kind == Kind::hung) {
            found(db_probe_hung, it,
                  triage::text("did not answer within ", p_.timeout,
                               ": pool exhausted, lock or hung database"));
        } else if (it.kind == Kind::server_error) {
            const bool quick = it.response.total() <= p_.db_probe_quick;
            found(quick ? db_probe_5xx : db_probe_slow_5xx, it,
                  triage::text(answer(it), ", expected ", p_.db_probe_status));
        } else {
            found(db_probe_unexpected, it,
                  it.response.ok() ? triage::text(answer(it), ", expected ", p_.db_probe_status)
                                   : it.response.describe());
        }
    }

    const PatternParams& p_;
    triage::Context& ctx_;
    std::array<Probe, 4> gets_;
    const std::optional<Response>& db_probe_;
};

}  // namespace

std::vector<triage::Code> pattern_codes() {
    return {api_refused,  api_unreachable,   api_hung,      threadpool_starved,
            proxy_error,  foreign_service,   api_broken,    broad_5xx,
            api_5xx,      partly_hung,       not_ready,     api_unexpected,
            db_probe_5xx, db_probe_slow_5xx, db_probe_hung, db_probe_unexpected};
}

void judge_pattern(const PatternParams& params, triage::Context& ctx,
                   const PatternAnswers& answers) {
    Table(params, ctx, answers).judge();
}

}  // namespace health
