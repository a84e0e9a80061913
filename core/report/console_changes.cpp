#include <algorithm>
#include <chrono>
#include <string>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/report/console_parts.hpp"
#include "core/report/time.hpp"

namespace triage::report {
namespace {

using model::Change;

constexpr std::size_t most_changes = 8;

std::string line_of(const Page& page, const Change& change) {
    const auto what = on_one_line(change.what.str());
    const auto before = on_one_line(change.before.str()), after = on_one_line(change.after.str());
    if (change.kind == Change::Kind::lost) return fmt::format("{}: {}", what, after);
    if (before.empty()) return fmt::format("{}: {}", what, after);
    if (change.kind == Change::Kind::runbook)  // two fingerprints, which nobody can read
        return "its text is not the same";
    return fmt::format("{}: {} {} {}", what, before, page.arrow(),
                       after.empty() ? "nothing" : after);
}

// "it was made 2026-11-23 10:21:05 UTC, 40 s before the logs tell of it"
std::string time_of(const Change& change, const model::Changes& changes) {
    if (!change.at_us) return {};
    auto text = fmt::format("; since {}", utc_seconds(*change.at_us));
    if (change.timing == Change::Timing::after)
        return text + ", when it was seen broken already: not the cause";
    if (!changes.first_sign_us) return text;
    const auto distance = std::chrono::microseconds(*changes.first_sign_us - *change.at_us);
    return text + fmt::format(", {} {} the logs tell of it",
                              base::format_duration(std::chrono::abs(distance)),
                              distance.count() < 0 ? "after" : "before");
}

// When it began, as far as runs and logs tell.
void write_onset(Page& page, const model::Changes& changes) {
    std::string text;
    if (changes.onset) {
        text = fmt::format("It was well at {}, and not any more at {}. ",
                           utc_seconds(changes.onset->good_us), utc_seconds(changes.onset->bad_us));
    }
    if (changes.first_sign_us)
        text += fmt::format("The logs tell of it since {}.", utc_seconds(*changes.first_sign_us));
    if (!text.empty()) page.paragraph(2, {}, {Ink::plain, text}, 3);
}

}  // namespace

void write_changes(Page& page, const model::Changes& changes, bool all_is_well) {
    if (changes.list.empty() && all_is_well) return;
    page.blank();
    if (!changes.not_compared.empty()) {
        page.paragraph(0, {{Ink::strong, "What changed  "}},
                       {Ink::faint, "not known: " + changes.not_compared.str()}, 3);
        write_onset(page, changes);
        return page.blank();
    }
    page.line(0, {{Ink::strong, "What changed"},
                  {Ink::faint, fmt::format("  since the last good run, {}",
                                           utc_minutes(changes.baseline_at_us))}});
    write_onset(page, changes);
    if (changes.list.empty()) page.line(2, {{Ink::plain, "nothing that is seen"}});
    const auto shown =
        page.style().verbose ? changes.list.size() : std::min(changes.list.size(), most_changes);
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& change = changes.list[i];
        page.paragraph(2, {{Ink::faint, fmt::format("{:<12}", model::name(change.kind))}},
                       {Ink::plain, line_of(page, change) + time_of(change, changes)}, 3);
    }
    if (changes.list.size() > shown) {
        page.line(2, {{Ink::faint, fmt::format("{} and {} more (--verbose lists them)",
                                               page.ellipsis(), changes.list.size() - shown)}});
    }
    page.blank();
}

std::string changes(const model::Report& report, const Style& style) {
    Page page(style);
    page.line(0, {{ink_of(report.run.verdict), std::string(label(report.run))},
                  {Ink::strong, "  " + on_one_line(report.run.runbook.str())},
                  {Ink::faint, "  " + utc_minutes(report.run.started_at_us)}});
    if (report.changes) write_changes(page, *report.changes, false);
    return page.take();
}

}  // namespace triage::report
