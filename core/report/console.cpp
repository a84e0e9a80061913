#include <algorithm>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/report/console_parts.hpp"
#include "core/report/tally.hpp"
#include "core/report/time.hpp"

namespace triage::report {
namespace {

using model::CheckResult;
using model::Run;
using model::Verdict;

// A step with more checks than this of one verdict shows the rest as a count.
constexpr std::size_t most_calm = 30;      // passed, skipped, blocked
constexpr std::size_t most_detailed = 20;  // with findings
constexpr std::size_t most_bad = 100;
constexpr std::size_t least_path = 14;  // columns

struct Group {
    std::string id;
    std::string title;
    std::vector<const CheckResult*> results;
    std::vector<const model::ManualItem*> manual;
};

// The run's steps in order; results of a step that it does not list come last.
std::vector<Group> groups_of(const Run& run) {
    std::vector<Group> groups;
    std::unordered_map<std::string, std::size_t> by_id;
    const auto group = [&](const std::string& id) -> Group& {
        const auto [at, added] = by_id.emplace(id, groups.size());
        if (added) groups.push_back({.id = id, .title = id, .results = {}, .manual = {}});
        return groups[at->second];
    };
    for (const auto& step : run.steps) {
        Group& own = group(step.id.str());
        if (!step.title.empty()) own.title = on_one_line(step.title.str());
    }
    for (const auto& result : run.results)
        group(result.step.str()).results.push_back(&result);
    for (const auto& item : run.manual)
        group(item.step.str()).manual.push_back(&item);
    return groups;
}

bool is_calm(Verdict verdict) {
    return verdict == Verdict::pass || verdict == Verdict::skip || verdict == Verdict::blocked;
}

std::string_view what_they_did(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return "passed";
        case Verdict::warn:
            return "need attention";
        case Verdict::fail:
            return "failed";
        case Verdict::error:
            return "could not tell";
        case Verdict::blocked:
            return "were blocked";
        case Verdict::skip:
            return "were skipped";
    }
    return "";
}

// Errors that say exactly the same, as those of all checks that a crash took along: told once.
class Twins {
public:
    explicit Twins(const std::vector<const CheckResult*>& results) {
        for (const CheckResult* result : results) {
            if (can_have(*result)) alike_[key_of(*result)].push_back(result);
        }
    }

    // Is it told with another one?
    bool follows(const CheckResult& result) const {
        const auto* all = find(result);
        return all != nullptr && all->front() != &result;
    }
    // Those that are told with this one.
    std::span<const CheckResult* const> followers(const CheckResult& result) const {
        const auto* all = find(result);
        if (all == nullptr || all->front() != &result) return {};
        return std::span(*all).subspan(1);
    }

private:
    using Results = std::vector<const CheckResult*>;

    static bool can_have(const CheckResult& result) {
        return result.verdict == Verdict::error && result.findings.empty() &&
               !result.summary.empty();
    }
    static std::string key_of(const CheckResult& result) {
        return result.summary.str() + '\n' + result.remedy.str();
    }
    const Results* find(const CheckResult& result) const {
        if (!can_have(result)) return nullptr;
        const auto found = alike_.find(key_of(result));
        return found == alike_.end() ? nullptr : &found->second;
    }

    std::unordered_map<std::string, Results> alike_;
};

void write_hidden(Page& page, const Tally& hidden) {
    for (const Verdict verdict : {Verdict::fail, Verdict::error, Verdict::warn, Verdict::blocked,
                                  Verdict::skip, Verdict::pass}) {
        if (hidden[verdict] == 0) continue;
        page.line(
            2, {{ink_of(verdict), page.mark(verdict)},
                {Ink::plain, fmt::format(" {} {}{}", hidden[verdict],
                                         is_calm(verdict) ? "" : "more ", what_they_did(verdict))},
                {Ink::faint, " (--verbose lists them)"}});
    }
}

void write_checks(Page& page, const Group& group, std::size_t id_width) {
    const bool all = page.style().verbose;
    const Twins twins(all ? std::vector<const CheckResult*>() : group.results);
    Tally total;
    for (const CheckResult* result : group.results)
        ++total[result->verdict];
    Tally shown;
    Tally hidden;
    for (const CheckResult* result : group.results) {
        if (twins.follows(*result)) continue;
        const Verdict verdict = result->verdict;
        const bool calm = is_calm(verdict);
        const auto followers = twins.followers(*result);
        // All passed checks of a long step go, not the last ones: none of them is special.
        if (!all && (calm ? total[verdict] > most_calm : shown[verdict] >= most_bad)) {
            hidden[verdict] += 1 + followers.size();
            continue;
        }
        const bool full = all || calm || shown[verdict] < most_detailed;
        ++shown[verdict];
        write_check(page, *result, id_width, full ? Detail::full : Detail::line);
        if (!followers.empty()) write_followers(page, followers);
    }
    write_hidden(page, hidden);
}

void write_manual(Page& page, const model::ManualItem& item) {
    std::string text = item.ask.str();
    if (!item.doc.empty()) text += fmt::format(" ({})", item.doc.str());
    page.paragraph(2, {{Ink::plain, page.manual_mark() + " "}}, {Ink::plain, text}, 6);
}

void write_head(Page& page, const Run& run) {
    const std::string path = on_one_line(run.path.str());
    const std::string name = on_one_line(run.runbook.str());
    const std::string time = utc_minutes(run.started_at_us);
    const std::size_t columns = page.style().columns;
    std::vector<Piece> pieces = {{ink_of(run.verdict), std::string(label(run))},
                                 {Ink::strong, "  " + name}};
    const std::size_t taken = width_of(pieces) + 2 + time.size();
    // The path is the first to go where there is no room for all.
    if (taken + least_path <= columns && path != name) pieces.push_back({Ink::faint, "  " + path});
    if (taken <= columns) return page.line(0, std::move(pieces), {Ink::faint, time});
    pieces.push_back({Ink::faint, "  " + time});
    page.flow(0, pieces);
}

}  // namespace

std::string console(const model::Report& report, const Style& style) {
    const Run& run = report.run;
    Style fitted = style;
    fitted.columns = std::max<std::size_t>(style.columns, 40);
    Page page(fitted);
    write_head(page, run);
    const std::size_t id_width = id_column(run.results, fitted);
    for (const Group& group : groups_of(run)) {
        if (group.results.empty() && group.manual.empty()) continue;
        page.blank();
        page.line(0, {{Ink::strong, group.title}});
        write_checks(page, group, id_width);
        for (const auto* item : group.manual)
            write_manual(page, *item);
    }
    page.blank();
    write_verdict(page, report);
    return page.take();
}

}  // namespace triage::report
