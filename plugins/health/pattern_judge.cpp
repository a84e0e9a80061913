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

#include "certificate.hpp"
#include "openapi.hpp"
#include "pattern_codes.hpp"
#include "pattern_kind.hpp"
#include "transport.hpp"

namespace health {
namespace {

using triage::Maker;

using namespace row;

constexpr std::ptrdiff_t broad = 3;  // paths that fail alike have one cause

std::vector<std::string> marks_of(const PatternParams& params) {
    if (params.request_id_header.empty()) return {};
    return {params.request_id_header};
}

/// About an answer that a proxy made; it may not have asked the API at all.
std::string_view what_to_do(int status) {
    if (status == 504) {
        return "Ask the API's direct port: if it hangs there too, look at the API, else at the "
               "proxy's upstream address";
    }
    if (status < 500) {
        return "Look at the proxy's rules (access, routes, limits): it did not pass this on to "
               "the API";
    }
    return "";
}

class Table {
public:
    Table(const PatternParams& params, triage::Context& ctx, const PatternAnswers& answers)
        : p_(params), ctx_(ctx), answers_(answers) {
        gets_.push_back({"healthz", &answers.healthz, 200, &params.body, {}, {}});
        gets_.push_back({"readyz", &answers.readyz, 200, &params.body, {}, {}});
        gets_.push_back({"openapi", &answers.openapi, 200, nullptr, {}, {}});
        for (std::size_t i = 0; i < answers.apis.size(); ++i) {
            const auto name = i == 0 ? "api" : params.more_api_paths[i - 1];
            gets_.push_back({name, &answers.apis[i], params.api_status, nullptr, {}, {}});
        }
        marks_are_lost_ = classify(gets_, marks_of(params));
        // Many do not publish it; that alone cuts nobody off.
        if (gets_[2].kind == Kind::no_such_path) gets_[2].kind = Kind::unexpected;
    }

    void judge() {
        if (reachable() && answering() && genuine()) {
            paths();
            database();
        }
    }

private:
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
    /// "healthz, readyz", or "all paths".
    std::string names(Kind kind) const { return all(kind) ? "all paths" : names_of(gets_, kind); }

    void found(const triage::Code& code, const Probe& about, std::string message,
               std::string_view remedy = "") {
        const auto& response = *about.response;
        auto finding = ctx_.found(code, response.url(), std::move(message));
        if (!remedy.empty()) finding.remedy(remedy);
        if (response.status() != 0) finding.evidence("status", response.status());
        if (!response.ok()) finding.evidence("phase", response.phase_name());
        finding.evidence("took", response.total());
        if (const auto id = response.header(p_.request_id_header)) {
            finding.evidence("request-id", *id);
        }
        if (const auto target = response.header("location")) finding.evidence("location", *target);
        if (about.maker.kind != Maker::Kind::application) add_origin(finding, response);
        const bool telling = response.status() >= 400 || about.kind == Kind::foreign;
        if (telling && !response.body().empty()) {
            finding.evidence("body", triage::excerpt(response.body()));
        }
        if (!response.address().empty()) finding.evidence("address", response.address());
    }

    /// Does anything listen there at all, and can one talk to it?
    bool reachable() {
        ctx_.evaluated(api_refused, api_unreachable);
        const std::pair<Kind, const triage::Code*> ways[] = {
            {Kind::refused, &api_refused},
            {Kind::unreachable, &api_unreachable},
            {Kind::tls, &code::tls},
        };
        for (const auto& [kind, code] : ways) {
            if (const auto* get = first(kind)) {
                found(*code, *get, get->response->describe(),
                      triage::waits_for_tls(*get->response) ? triage::look_at_the_port : "");
                return false;
            }
        }
        ctx_.evaluated(code::tls);
        return true;
    }

    /// Do the event loop and the thread pool answer?
    bool answering() {
        ctx_.evaluated(api_hung, threadpool_starved);
        if (all(Kind::hung)) {
            found(api_hung, healthz(), triage::text("all paths: ", healthz().response->describe()));
            return false;
        }
        if (healthz().kind == Kind::hung && openapi().response->ok()) {
            found(threadpool_starved, healthz(),
                  triage::text("no answer within ", p_.timeout, " from ", names(Kind::hung),
                               " while openapi answers ", openapi().response->status()));
            return false;
        }
        return true;
    }

    /// Is it the application that answers?
    bool genuine() {
        ctx_.evaluated(proxy_error, api_redirected, mark_lost, foreign_service, api_broken);
        if (const auto* proxy = first(Kind::proxy_error)) {
            found(proxy_error, *proxy,
                  triage::text("HTTP ", proxy->response->status(), " for ",
                               names(Kind::proxy_error), ": ", who_failed(*proxy)),
                  what_to_do(proxy->response->status()));
        } else if (const auto* away = first(Kind::redirected)) {
            found(api_redirected, *away,
                  triage::text("HTTP ", away->response->status(), " for ", names(Kind::redirected),
                               ": ", where_to(*away->response)));
        } else if (const auto* other = first(Kind::foreign)) {
            found(foreign_service, *other, why_foreign(*other));
        } else if (const auto* broken = first(Kind::broken)) {
            found(api_broken, *broken,
                  triage::text(names(Kind::broken), ": ", broken->response->describe()));
        } else {
            if (marks_are_lost_) {
                found(mark_lost, healthz(),
                      triage::text("all answers are as expected, but none has ",
                                   p_.request_id_header));
            }
            return true;
        }
        return false;
    }

    std::string who_failed(const Probe& get) const {
        if (get.maker.is_proxy()) return get.maker.describe();
        return triage::text("not made by the API, as it has no ", p_.request_id_header);
    }

    /// Said only where its mark shows it.
    static std::string_view by_itself(const Probe& get) {
        return get.maker.is_application() ? " by the API itself" : "";
    }

    static std::string where_to(const triage::Response& response) {
        const auto target = response.header("location").value_or("(no Location)");
        const auto& asked = response.url().str();
        if (target == asked) return triage::text(asked, " redirects to itself");
        const bool falls = asked.starts_with("https:") && target.starts_with("http:");
        return triage::text("redirected to ", target, falls ? ", from https to http" : "");
    }

    std::string why_foreign(const Probe& get) const {
        if (!get.response->ok()) return get.response->describe();
        const auto what = triage::text(get.name, " answers HTTP ", get.response->status());
        if (get.maker.is_proxy()) return triage::text(what, ", ", get.maker.describe());
        const auto page = triage::page_of(*get.response, get.response->body());
        if (!page.empty()) return triage::text(what, " with ", page, ", not with the API's answer");
        if (get.maker.kind != Maker::Kind::application) {
            return triage::text(what, " without ", p_.request_id_header);
        }
        return triage::text(what, " with the body \"", triage::excerpt(get.response->body(), 60),
                            "\", expected \"", p_.body, "\"");
    }

    /// What each path says, now that the API as a whole answers.
    void paths() {
        ctx_.evaluated(broad_5xx, api_5xx, partly_hung, not_ready, no_such_path, api_unexpected);
        server_errors();
        if (const auto* hung = first(Kind::hung)) {
            found(partly_hung, *hung,
                  triage::text(names(Kind::hung), ": ", hung->response->describe()));
        }
        if (const auto* unknown = first(Kind::no_such_path)) {
            found(no_such_path, *unknown,
                  triage::text(names(Kind::no_such_path), ": HTTP 404", by_itself(*unknown),
                               ", expected ", unknown->expected));
        }
        for (const auto& get : gets_) {
            if (get.kind != Kind::unexpected) continue;
            const bool is_readyz = &get == &gets_[1];
            found(is_readyz ? not_ready : api_unexpected, get,
                  triage::text(get.answer(), ", expected ", get.expected));
        }
        slow();
    }

    /// Three paths or more point to what they share, fewer to themselves.
    void server_errors() {
        const auto errors = std::count_if(gets_.begin(), gets_.end(), [](const Probe& get) {
            return get.kind == Kind::server_error;
        });
        if (errors == 0) return;
        const auto& one = *first(Kind::server_error);
        if (errors == 1) {
            found(&one == &gets_[1] ? not_ready : api_5xx, one, one.answer());
            return;
        }
        found(errors >= broad ? broad_5xx : api_5xx, one,
              triage::text("5xx", by_itself(one), " from ", errors, " of ", gets_.size(),
                           " paths: ", names_of(gets_, Kind::server_error)));
    }

    /// Answers that come late are no hang: they say how much time is left before they are.
    void slow() {
        ctx_.evaluated(code::slow);
        std::string late;
        const Probe* slowest = nullptr;
        for (const auto& get : gets_) {
            if (!get.response->ok() || get.response->total() <= p_.warn_over) continue;
            late += triage::text(late.empty() ? "" : ", ", get.name, " ", get.response->total());
            if (slowest == nullptr || get.response->total() > slowest->response->total())
                slowest = &get;
        }
        if (slowest == nullptr) return;
        found(code::slow, *slowest,
              triage::text("slow, not hung: ", late, "; expected at most ", p_.warn_over));
    }

    /// The probe says something about the database only if healthz is good: what else hangs or
    /// fails would take the probe along. Nor if the API has no such path: that is a 404 as well.
    void database() {
        if (!answers_.db_probe || answers_.db_probe->could_not_ask()) return;
        if (healthz().kind != Kind::good || gets_[3].kind == Kind::no_such_path) return;
        Probe it{"db probe", &*answers_.db_probe, p_.db_probe_status, nullptr, {}, {}};
        std::vector<Probe> alone{it};
        classify(alone, marks_of(p_));
        it = alone[0];
        it.kind = kind_of(it, marks_are_lost_);
        ctx_.evaluated(db_probe_5xx, db_probe_slow_5xx, db_probe_hung, db_probe_unexpected);
        database(it);
    }

    void database(const Probe& it) {
        const auto& response = *it.response;
        if (it.kind == Kind::good) {
            if (asks_the_database()) return;
            found(db_probe_unexpected, it,
                  triage::text("openapi.json has no POST for the probe's path: HTTP ",
                               response.status(), " says nothing of the database"));
        } else if (it.kind == Kind::hung) {
            found(db_probe_hung, it,
                  triage::text("did not answer within ", p_.timeout,
                               ": pool exhausted, lock or hung database"));
        } else if (it.kind == Kind::proxy_error && response.status() == 504) {
            found(db_probe_hung, it,
                  triage::text("a proxy gave up on it after ", response.total(),
                               " (HTTP 504): pool exhausted, lock or hung database"));
        } else if (it.kind == Kind::server_error) {
            const bool quick = response.total() <= p_.db_probe_quick;
            found(quick ? db_probe_5xx : db_probe_slow_5xx, it,
                  triage::text(it.answer(), ", expected ", p_.db_probe_status));
        } else {
            found(db_probe_unexpected, it,
                  response.ok() ? triage::text(it.answer(), ", expected ", p_.db_probe_status)
                                : response.describe());
        }
    }

    /// As far as the API's own description can tell.
    bool asks_the_database() const {
        if (!answers_.openapi_json) return true;
        return has_operation(*answers_.openapi_json, p_.db_probe_path, "post").value_or(true);
    }

    const PatternParams& p_;
    triage::Context& ctx_;
    const PatternAnswers& answers_;
    std::vector<Probe> gets_;
    bool marks_are_lost_ = false;
};

}  // namespace

std::vector<triage::Code> pattern_codes() {
    return {api_refused,         api_unreachable,
            code::tls,           api_hung,
            threadpool_starved,  proxy_error,
            api_redirected,      mark_lost,
            foreign_service,     api_broken,
            broad_5xx,           api_5xx,
            partly_hung,         not_ready,
            no_such_path,        api_unexpected,
            code::slow,          db_probe_5xx,
            db_probe_slow_5xx,   db_probe_hung,
            db_probe_unexpected, code::certificate_ends};
}

void judge_pattern(const PatternParams& params, triage::Context& ctx,
                   const PatternAnswers& answers) {
    Table(params, ctx, answers).judge();
}

}  // namespace health
