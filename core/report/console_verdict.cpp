#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/report/console_parts.hpp"
#include "core/report/tally.hpp"

namespace triage::report {
namespace {

using model::CheckResult;
using model::Run;
using model::Verdict;
using model::Weight;

constexpr std::size_t most_listed = 6;

std::string_view meaning(const Run& run) {
    switch (run.exit_code) {
        case model::exit_ok:
            return run.verdict == Verdict::warn ? "nothing failed" : "all that ran passed";
        case model::exit_failed:
            return "something failed";
        case model::exit_interrupted:
            return "interrupted";
        default:
            return "something could not be told";
    }
}

// The most telling sentence: the first finding of the weight that made the verdict.
std::string reason(const CheckResult& result) {
    const Weight weight = result.verdict == Verdict::fail ? Weight::fail : Weight::warn;
    if (result.verdict == Verdict::fail || result.verdict == Verdict::warn) {
        const auto found = std::ranges::find(result.findings, weight, &model::Finding::weight);
        if (found != result.findings.end() && !found->message.empty()) {
            return on_one_line(found->message.str());
        }
    }
    return on_one_line(result.summary.str());
}

struct Member {
    const CheckResult* first;
    std::string reason;
    std::size_t number = 1;  // of checks
};

// A crash may take many along; where there is no room for all of them, one stands for its like.
void merge_alike(std::vector<Member>& members) {
    std::vector<Member> merged;
    for (auto& member : members) {
        const auto same = std::ranges::find(merged, member.reason, &Member::reason);
        if (same == merged.end() && merged.size() <= most_listed) {
            merged.push_back(std::move(member));
        } else if (same == merged.end()) {
            merged.back().number += 1;  // will not be shown
        } else {
            same->number += 1;
        }
    }
    members = std::move(merged);
}

// The number that tells ids apart whose rest is alike (run::ShownIds) stays.
std::string short_id(const std::string& id, std::size_t width, std::string_view ellipsis) {
    const auto mark = id.rfind("]#");
    if (base::display_width(id) <= width || mark == id.npos)
        return base::elide(id, width, ellipsis);
    const auto number = id.substr(mark + 1);
    return base::elide(id.substr(0, mark), width - std::min(width, number.size()), ellipsis)
        .append(number);
}

void write_members(Page& page, const std::vector<Member>& members, std::size_t total) {
    const std::size_t shown = std::min(members.size(), most_listed);
    std::size_t width = 0;
    for (std::size_t i = 0; i < shown; ++i) {
        width = std::max(width, base::display_width(members[i].first->id.str()));
    }
    width = std::min(width, page.style().columns * 3 / 10);
    std::size_t told = 0;
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& [first, reason, number] = members[i];
        std::string id = short_id(on_one_line(first->id.str()), width, page.ellipsis());
        id += std::string(width - base::display_width(id) + 2, ' ');
        const auto others = number == 1 ? std::string() : fmt::format("(and {} more) ", number - 1);
        page.paragraph(4, {{Ink::strong, id}}, {Ink::plain, others + reason}, 2);
        told += number;
    }
    if (total > told) {
        page.line(4, {{Ink::faint, fmt::format("{} and {} more", page.ellipsis(), total - told)}});
    }
}

void write_group(Page& page, const Run& run, std::string_view title,
                 const std::vector<Verdict>& verdicts) {
    std::vector<Member> members;
    for (const auto& result : run.results) {
        if (std::ranges::find(verdicts, result.verdict) != verdicts.end())
            members.push_back({&result, reason(result)});
    }
    if (members.empty()) return;
    const std::size_t total = members.size();
    const Verdict first = verdicts.front();
    page.line(0, {{ink_of(first), fmt::format("{} {} {}", page.mark(first), total, title)}});
    if (first == Verdict::error && total > most_listed) merge_alike(members);
    write_members(page, members, total);
}

// "6 checks: ✓ 4 passed  ✗ 2 failed", and how long it took.
void write_counts(Page& page, const Run& run, const Tally& tally) {
    const std::size_t total = run.results.size();
    std::vector<Piece> pieces = {
        {Ink::plain, fmt::format("{} {}", total, total == 1 ? "check" : "checks")}};
    const auto add = [&](Ink ink, const std::string& mark, std::size_t number,
                         std::string_view what) {
        if (number > 0) pieces.push_back({ink, fmt::format("  {} {} {}", mark, number, what)});
    };
    const auto add_verdict = [&](Verdict verdict, std::string_view what) {
        add(ink_of(verdict), page.mark(verdict), tally[verdict], what);
    };
    add_verdict(Verdict::pass, "passed");
    add_verdict(Verdict::warn, "warned");
    add_verdict(Verdict::fail, "failed");
    add_verdict(Verdict::error, tally[Verdict::error] == 1 ? "error" : "errors");
    add_verdict(Verdict::blocked, "blocked");
    add_verdict(Verdict::skip, "skipped");
    add(Ink::plain, page.manual_mark(), run.manual.size(), "by hand");
    const std::string time = base::format_duration(run.duration);
    if (width_of(pieces) + 2 + base::display_width(time) <= page.style().columns) {
        return page.line(0, std::move(pieces), {Ink::faint, time});
    }
    pieces.push_back({Ink::faint, "  " + time});
    page.flow(0, pieces);
}

void write_notices(Page& page, const Run& run) {
    const auto note = [&](const std::string& text) {
        page.paragraph(0, {{Ink::warning, "note: "}}, {Ink::plain, text}, 6);
    };
    if (run.interrupted) note("interrupted: what was not done by then could not be told");
    if (run.deadline_reached) {
        note(
            fmt::format("the deadline of {} was reached: what was not done by then could not be "
                        "told",
                        base::format_duration(run.deadline)));
    }
    for (const auto& notice : run.notices)
        note(notice.str());
}

}  // namespace

std::string_view label(const Run& run) {
    const bool skipped = std::ranges::all_of(
        run.results, [](const auto& result) { return result.verdict == Verdict::skip; });
    if (run.interrupted) return "INTERRUPTED";
    if (skipped) return "NOTHING WAS CHECKED";
    switch (run.verdict) {
        case Verdict::pass:
            return "PASSED";
        case Verdict::warn:
            return "PASSED WITH WARNINGS";
        case Verdict::fail:
            return "FAILED";
        default:
            return "COULD NOT TELL";
    }
}

void write_verdict(Page& page, const model::Report& report) {
    const Run& run = report.run;
    const Tally tally = count(run);
    page.rule();
    write_notices(page, run);
    if (report.diagnosis) write_answer(page, *report.diagnosis);
    if (report.changes) write_changes(page, *report.changes, run.exit_code == model::exit_ok);
    if (report.diagnosis) write_next(page, *report.diagnosis);
    // What failed is in the answer: as evidence, or as what nothing explains.
    if (!report.diagnosis) write_group(page, run, "failed", {Verdict::fail});
    write_group(page, run, "could not be told", {Verdict::error, Verdict::blocked});
    write_group(page, run, tally[Verdict::warn] == 1 ? "needs attention" : "need attention",
                {Verdict::warn});
    write_counts(page, run, tally);
    const std::string why = report.diagnosis && !run.interrupted
                                ? sentence(*report.diagnosis, run.verdict == Verdict::pass)
                                : std::string(meaning(run));
    const std::string text = fmt::format("{} {} exit code {}: {}", on_one_line(run.runbook.str()),
                                         page.dot(), run.exit_code, why);
    std::vector<Piece> head = {{ink_of(run.verdict), std::string(label(run))}};
    // Whoever reads no more than this must know that it is not all.
    if (run.exit_code == model::exit_ok && !run.manual.empty())
        head.push_back({Ink::plain, fmt::format(", {} by hand", run.manual.size())});
    head.push_back({Ink::plain, "  "});
    page.paragraph(0, head, {Ink::strong, text}, 4);
}

}  // namespace triage::report
