/// logs.requests: how requests ended, as far as logs say it.
#include "requests.hpp"

#include <deque>

#include "codes.hpp"
#include "logs.hpp"
#include "silence.hpp"
#include "text.hpp"

using namespace std::chrono_literals;

namespace logs {

void RequestsParams::describe(triage::Describe<RequestsParams>& d) {
    using P = RequestsParams;
    describe_sources(d);
    d.optional("min-requests", &P::min_requests, 20,
               "Of a log with fewer requests in the window nothing is claimed")
        .at_least(1);
    d.optional("share-warn", &P::share_warn, 0.01, "Share of requests that end with 5xx")
        .at_least(0.0)
        .at_most(1.0)
        .not_above("share-fail");
    d.optional("share-fail", &P::share_fail, 0.05, "The same, for a failure")
        .at_least(0.0)
        .at_most(1.0);
    d.optional("rate-limited-warn", &P::rate_limited_warn, 0.01, "Share of requests with 429")
        .at_least(0.0)
        .at_most(1.0);
    d.optional("unauthorized-warn", &P::unauthorized_warn, 0.8, "Share of requests with 401 or 403")
        .at_least(0.0)
        .at_most(1.0);
    d.optional("slow", &P::slow, 1s, "A request that takes longer is slow").at_least(1ms);
    d.optional("slow-share-warn", &P::slow_share_warn, 0.05, "Share of slow requests")
        .at_least(0.0)
        .at_most(1.0);
    d.optional("ignore-routes", &P::ignore_routes,
               "Routes that do not count, as the report shows them: /api/v1/boards/{id}")
        .example("/healthz");
}

namespace {

/// The group of that name, or nullptr if there are too many.
Group* group_of(std::map<std::string, Group, std::less<>>& groups, const std::string& name) {
    constexpr std::size_t max_groups = 2000;
    if (groups.size() >= max_groups && !groups.contains(name)) return nullptr;
    return &groups[name];
}

}  // namespace

void RequestCounts::add(const Access& access, double slow_ms) {
    const bool server = access.status >= 500;
    const bool client = !server && access.status >= 400;
    ++total;
    server_errors += server ? 1U : 0U;
    unauthorized += access.status == 401 || access.status == 403 ? 1U : 0U;
    limited += access.status == 429 ? 1U : 0U;
    if (access.ms) {
        ++timed;
        slow += *access.ms > slow_ms ? 1U : 0U;
    }
    const auto count = [&](auto& groups, const std::string& name) {
        auto* group = name.empty() ? nullptr : group_of(groups, name);
        if (group == nullptr) return;
        ++group->total;
        group->server_errors += server ? 1U : 0U;
        group->client_errors += client ? 1U : 0U;
        group->slowest_ms = std::max(group->slowest_ms, access.ms.value_or(0));
    };
    count(routes, access.method + ' ' + route_of(access.path));
    count(clients, access.client);
}

void RequestCounts::merge(const RequestCounts& other) {
    total += other.total;
    server_errors += other.server_errors;
    unauthorized += other.unauthorized;
    limited += other.limited;
    timed += other.timed;
    slow += other.slow;
    for (const auto& [to, from] :
         {std::pair(&routes, &other.routes), std::pair(&clients, &other.clients)}) {
        for (const auto& [name, more] : *from) {
            auto* group = group_of(*to, name);
            if (group == nullptr) continue;
            group->total += more.total;
            group->server_errors += more.server_errors;
            group->client_errors += more.client_errors;
            group->slowest_ms = std::max(group->slowest_ms, more.slowest_ms);
        }
    }
}

RequestCounter::RequestCounter(const Patterns& patterns, const RequestsParams& params,
                               Reading reading, Window window, std::size_t source)
    : searcher_(patterns),
      params_(params),
      reading_(std::move(reading)),
      window_(window),
      source_(source) {}

triage::Result<Patterns> RequestCounter::patterns() {
    std::vector<Patterns::Pattern> all;
    for (const auto* text : {" HTTP/1", " HTTP/2", " HTTP/3", "status_code=", "\"status_code\"",
                             "\"status\"", "\"statusCode\""})
        all.push_back({text, 0});
    return Patterns::compile(all);
}

void RequestCounter::lines(std::string_view whole) {
    clock_.begin_block();
    std::size_t done = 0;
    for (const auto& hit : searcher_.search(whole)) {
        if (hit.end <= done) continue;
        const auto inside = hit.end - 1;
        const auto before = inside == 0 ? whole.npos : whole.rfind('\n', inside - 1);
        const auto begin = before == whole.npos ? 0 : before + 1;
        const auto end = std::min(whole.find('\n', inside), whole.size());
        line(whole, begin, end);
        done = end;
    }
    clock_.end_block(whole, reading_);
}

void RequestCounter::line(std::string_view block, std::size_t begin, std::size_t end) {
    unwrap(block.substr(begin, end - begin), reading_, inner_);
    reader_.read(inner_, reading_, record_);
    const auto access = read_access(record_);
    if (!access) return;
    const auto at = clock_.time_of_line(record_, block, begin, reading_);
    if (window_.since && at && *at < *window_.since) return;
    const auto route = route_of(access->path);
    if (std::ranges::find(params_.ignore_routes, route) != params_.ignore_routes.end()) return;
    const auto slow_ms = std::chrono::duration<double, std::milli>(params_.slow).count();
    forms_.at(static_cast<std::size_t>(access->form)).add(*access, slow_ms);
}

void RequestCounter::merge(const RequestCounter& other) {
    for (std::size_t i = 0; i < forms_.size(); ++i)
        forms_.at(i).merge(other.forms_.at(i));
    zone_assumed_ |= other.zone_assumed();
}

const RequestCounts& RequestCounter::counts() const {
    return *std::ranges::max_element(forms_, {}, &RequestCounts::total);
}

const RequestCounts* RequestCounter::timed() const {
    const auto most = std::ranges::max_element(forms_, {}, &RequestCounts::timed);
    return most->timed > 0 ? &*most : nullptr;
}

namespace {

constexpr triage::Fact<std::int64_t> request_count{"requests", "Requests that were counted"};
constexpr triage::Fact<std::int64_t> server_error_count{"server_errors", "Of them with 5xx"};

struct Totals {
    std::uint64_t requests = 0, server_errors = 0;
};

/// Each source by itself: the same request may stand in several.
Totals judge_all(const RequestsParams& p, const Gathered& gathered,
                 std::deque<RequestCounter>& counters, triage::Judgement& out) {
    std::map<std::size_t, RequestCounter*> by_source;
    for (auto& counter : counters) {
        const auto [first, is_new] = by_source.emplace(counter.source(), &counter);
        if (!is_new) first->second->merge(counter);
    }
    Totals totals;
    std::uint64_t none = 0;
    bool enough = false;
    for (const auto& [source, counter] : by_source) {
        const auto& counts = counter->counts();
        totals.requests += counts.total;
        totals.server_errors += counts.server_errors;
        enough |= counts.total >= static_cast<std::uint64_t>(p.min_requests);
        if (counts.total == 0)
            ++none;
        else
            judge_requests(p, gathered.reports.at(source).name, *counter, out);
    }
    if (totals.requests == 0) return totals;
    if (none > 0) out.say(triage::text("no request in ", counted(none, "other source")));
    out.evaluated(code::few_requests);
    if (!enough) {
        out.found(code::few_requests, "",
                  triage::text(counted(totals.requests, "request"),
                               " in the window, of which nothing is claimed (min-requests ",
                               p.min_requests, ")"));
    }
    return totals;
}

triage::Check requests(const RequestsParams& p, triage::Context& ctx) {
    const auto extent = extent_of(p, ctx.wall_clock());
    const auto patterns = RequestCounter::patterns().value();
    std::deque<RequestCounter> counters;
    IntakeFactory make = [&](std::size_t source, const Reading& reading) -> Intake& {
        return counters.emplace_back(patterns, p, reading, extent.window, source);
    };
    auto gathered = co_await gather(p, ctx, extent, std::move(make));
    if (gathered.reports.empty() && gathered.missing.empty()) {
        co_return triage::could_not_tell(
            "no source is given: files, docker, journal-units or journal-files");
    }
    for (const auto& counter : counters)  // whatever its last line says
        gathered.reports.at(counter.source()).in_window |= counter.counts().total > 0;
    const auto now = ctx.wall_clock();  // after following, if that was wanted
    triage::Judgement judgement;
    judgement.say(gathered.summary(extent, now));
    const auto [total, errors] = judge_all(p, gathered, counters, judgement);
    judge_silence(p, gathered, now, judgement);
    judgement.report(ctx);
    ctx.fact(request_count, static_cast<std::int64_t>(total));
    ctx.fact(server_error_count, static_cast<std::int64_t>(errors));
    const auto unread = gathered.unread();
    if (!unread.empty())
        co_return triage::could_not_tell(triage::text(unread, ". ", judgement.summary()));
    if (total == 0 && judgement.findings().empty()) {
        co_return triage::could_not_tell("no line tells of a request. " + judgement.summary());
    }
    co_return triage::done(judgement.summary());
}

}  // namespace

void add_requests(triage::Plugin& plugin) {
    plugin.check<RequestsParams>(
        "requests", "How requests end, by route and client: 5xx, 429, 401, slow ones",
        "reads its window of each log; of Docker 1 GET, and 2 for each container", requests,
        requests_codes(), {request_count, server_error_count});
}

}  // namespace logs
