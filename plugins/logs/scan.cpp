/// logs.scan: what is wrong, as far as logs say it.
#include "scan.hpp"

#include <deque>

#include "logs.hpp"
#include "signatures.hpp"
#include "text.hpp"

using namespace std::chrono_literals;

namespace logs {

void ScanParams::describe(triage::Describe<ScanParams>& d) {
    using P = ScanParams;
    constexpr const char* not_empty = "(?s).+";
    describe_sources(d);
    d.optional("match", &P::match, "Patterns: a line is a failure")
        .pattern(not_empty)
        .regex()
        .example("payment .* declined");
    d.optional("match-warn", &P::match_warn, "The same, for a warning").pattern(not_empty).regex();
    d.optional("ignore", &P::ignore, "Patterns: what matches one of them does not count")
        .pattern(not_empty)
        .regex();
    d.optional("known", &P::known, true, "Look for known signatures");
    d.optional("errors", &P::errors, true, "Look for lines of level error and above");
    d.optional("recent", &P::recent, 5min,
               "What was last seen longer ago is evidence about then: a warning at most")
        .at_least(1s);
    d.optional("fail-over", &P::fail_over, 0,
               "More errors that nothing explains than this are a failure; 0: always a warning")
        .at_least(0);
    d.optional("show", &P::show, 10,
               "So many kinds of errors are shown, and of what each pattern matches; the most "
               "frequent first")
        .at_least(1)
        .at_most(200);
}

namespace {

constexpr triage::Fact<std::int64_t> error_count{"errors", "Events of level error and above"};
constexpr triage::Fact<std::int64_t> kinds{"kinds", "How many kinds of them, signatures included"};
constexpr triage::Fact<std::int64_t> trouble_since{
    "trouble_since", "The first line, in the window, of what fails now: seconds since 1970 UTC"};
constexpr triage::Fact<std::int64_t> source_count{"sources", "Sources that were read"};

triage::Check scan(const ScanParams& p, triage::Context& ctx) {
    const auto extent = extent_of(p, ctx.wall_clock());
    auto match = p.match;
    match.insert(match.end(), p.match_warn.begin(), p.match_warn.end());
    const auto search = make_search(match, p.ignore, p.known, p.errors).value();

    std::deque<Scanner> scanners;
    std::vector<std::size_t> owners;
    IntakeFactory make = [&](std::size_t source, const Reading& reading) -> Intake& {
        owners.push_back(source);
        return scanners.emplace_back(search, reading, extent.window, source);
    };
    auto gathered = co_await gather(p, ctx, extent, std::move(make));
    if (gathered.reports.empty() && gathered.missing.empty()) {
        co_return triage::could_not_tell(
            "no source is given: files, docker, journal-units or journal-files");
    }
    std::vector<Scanned> scanned(gathered.reports.size());
    for (std::size_t i = 0; i < scanners.size(); ++i)
        scanned.at(owners.at(i)).merge(scanners.at(i).result());
    for (std::size_t i = 0; i < scanned.size(); ++i)  // whatever its last line says
        gathered.reports[i].in_window |= scanned[i].clusters.events() > 0;
    // Lines that were written while following lie before this moment, not before the start.
    const auto [judgement, since] = judge_scan(p, gathered, scanned, extent, ctx.wall_clock());
    judgement.report(ctx);

    std::uint64_t events = 0, kind_count = 0, bytes = 0;
    for (const auto& one : scanned) {
        events += one.clusters.events();
        kind_count += one.clusters.all().size();
    }
    for (const auto& one : gathered.reports)
        bytes += one.bytes;
    ctx.fact(error_count, static_cast<std::int64_t>(events));
    ctx.fact(kinds, static_cast<std::int64_t>(kind_count));
    ctx.fact(source_count, static_cast<std::int64_t>(gathered.reports.size()));
    if (since)
        ctx.fact(trouble_since,
                 std::chrono::floor<std::chrono::seconds>(*since).time_since_epoch().count());
    ctx.metric("read", static_cast<double>(bytes), "By");
    const auto unread = gathered.unread();
    if (unread.empty()) co_return triage::done(judgement.summary());
    if (bytes == 0) co_return triage::could_not_tell(unread);  // of nothing there is nothing to say
    co_return triage::could_not_tell(triage::text(unread, ". ", judgement.summary()));
}

}  // namespace

void add_scan(triage::Plugin& plugin) {
    plugin.check<ScanParams>(
        "scan", "Errors, known signatures and patterns of your own in logs",
        "reads its window of each log; of Docker 1 GET, and 2 for each container", scan,
        scan_codes(), {error_count, kinds, trouble_since, source_count});
}

}  // namespace logs
