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

std::string_view label(Verdict overall, bool anything_ran) {
    if (!anything_ran) return "NOTHING WAS CHECKED";
    switch (overall) {
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

std::string_view meaning(int exit_code) {
    switch (exit_code) {
        case model::exit_ok:
            return "all that ran passed";
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

void write_group(Page& page, const Run& run, std::string_view title,
                 const std::vector<Verdict>& verdicts) {
    std::vector<const CheckResult*> members;
    for (const auto& result : run.results) {
        if (std::ranges::find(verdicts, result.verdict) != verdicts.end())
            members.push_back(&result);
    }
    if (members.empty()) return;
    const Verdict first = verdicts.front();
    page.line(0,
              {{ink_of(first), fmt::format("{} {} {}", page.mark(first), members.size(), title)}});
    const std::size_t shown = std::min(members.size(), most_listed);
    std::size_t width = 4;
    for (std::size_t i = 0; i < shown; ++i) {
        width = std::max(width, base::display_width(members[i]->id.str()));
    }
    width = std::min(width, page.style().columns * 3 / 10);
    for (std::size_t i = 0; i < shown; ++i) {
        std::string id = base::elide(on_one_line(members[i]->id.str()), width, page.ellipsis());
        id += std::string(width - base::display_width(id) + 2, ' ');
        page.paragraph(4, {{Ink::strong, id}}, {Ink::plain, reason(*members[i])}, 2);
    }
    if (members.size() > shown) {
        page.line(4, {{Ink::faint,
                       fmt::format("{} and {} more", page.ellipsis(), members.size() - shown)}});
    }
}

void write_rest(Page& page, const Run& run, const Tally& tally) {
    std::vector<Piece> pieces;
    const auto add = [&](Ink ink, const std::string& mark, std::size_t number,
                         std::string_view what) {
        if (number == 0) return;
        if (!pieces.empty()) pieces.push_back({Ink::plain, "   "});
        pieces.push_back({ink, fmt::format("{} {} {}", mark, number, what)});
    };
    add(Ink::good, page.mark(Verdict::pass), tally[Verdict::pass], "passed");
    add(Ink::faint, page.mark(Verdict::skip), tally[Verdict::skip], "skipped");
    add(Ink::plain, page.manual_mark(), run.manual.size(), "to do by hand");
    if (!pieces.empty()) page.line(0, pieces);
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

std::string_view number_of_checks(std::size_t number) { return number == 1 ? "check" : "checks"; }

}  // namespace

void write_verdict(Page& page, const Run& run) {
    const Tally tally = count(run);
    page.rule();
    write_notices(page, run);
    write_group(page, run, "failed", {Verdict::fail});
    write_group(page, run, "could not be told", {Verdict::error, Verdict::blocked});
    write_group(page, run, tally[Verdict::warn] == 1 ? "needs attention" : "need attention",
                {Verdict::warn});
    write_rest(page, run, tally);
    const bool anything_ran = tally[Verdict::skip] < run.results.size();
    const Ink ink = ink_of(run.verdict) == Ink::good ? Ink::good : ink_of(run.verdict);
    std::string time = base::format_duration(run.duration);
    if (run.deadline.count() > 0)
        time += fmt::format(" of {}", base::format_duration(run.deadline));
    const std::string text =
        fmt::format("{}: {} {} in {} {} exit {}: {}", on_one_line(run.runbook.str()),
                    run.results.size(), number_of_checks(run.results.size()), time, page.dot(),
                    run.exit_code, meaning(run.exit_code));
    page.paragraph(0, {{ink, std::string(label(run.verdict, anything_ran)) + "  "}},
                   {Ink::strong, text}, 4);
}

}  // namespace triage::report
