#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/report/console_parts.hpp"

namespace triage::report {
namespace {

using model::Certainty;
using model::Diagnosis;
using model::State;
using model::Verdict;

constexpr std::size_t most_causes = 5;
constexpr std::size_t most_references = 4;
constexpr std::size_t most_unexplained = 8;
constexpr std::size_t title_lines = 3;

Verdict verdict_of(State state) {
    switch (state) {
        case State::up:
            return Verdict::pass;
        case State::degraded:
            return Verdict::warn;
        case State::down:
            return Verdict::fail;
        default:
            return Verdict::error;
    }
}

std::string listed(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& one : names)
        out += (out.empty() ? "" : ", ") + one;
    return out;
}

std::vector<std::string> in_state(const Diagnosis& diagnosis, State state) {
    std::vector<std::string> out;
    for (const auto& impact : diagnosis.impact)
        if (impact.state == state && impact.doubt.empty()) out.push_back(impact.component);
    return out;
}

void write_heading(Page& page, std::string_view text) {
    page.blank();
    page.line(0, {{Ink::strong, std::string(text)}});
}

// What is not well has a line of its own; the rest is a list.
void write_impact(Page& page, const Diagnosis& diagnosis) {
    // A runbook without layers says nothing of parts.
    const bool known = std::ranges::any_of(diagnosis.impact, [](const auto& impact) {
        return impact.state != State::unknown || !impact.doubt.empty();
    });
    if (!known) return;
    std::size_t width = 0;
    for (const auto& impact : diagnosis.impact)
        width = std::max(width, base::display_width(impact.component));
    width = std::min(width, page.style().columns / 4);
    const auto row = [&](const model::Impact& impact, Verdict mark, std::string_view state,
                         const std::string& why) {
        const Ink ink = ink_of(mark);
        auto name = base::elide(impact.component, width, page.ellipsis());
        name += std::string(width - base::display_width(name) + 2, ' ');
        page.paragraph(2,
                       {{ink, page.mark(mark) + " "},
                        {Ink::strong, name},
                        {ink, fmt::format("{:<10}", state)}},
                       {Ink::plain, why}, 2);
    };
    for (const State state : {State::down, State::degraded})
        for (const auto& impact : diagnosis.impact)
            if (impact.state == state)
                row(impact, verdict_of(state), model::name(state), on_one_line(impact.why.str()));
    for (const auto& impact : diagnosis.impact)
        if (!impact.doubt.empty())
            row(impact, Verdict::warn, impact.state == State::up ? "up?" : "not seen",
                "perhaps: " + on_one_line(impact.doubt.str()));
    for (const State state : {State::up, State::unknown}) {
        const auto names = in_state(diagnosis, state);
        if (names.empty()) continue;
        const Ink ink = ink_of(verdict_of(state));
        const auto word = state == State::up ? "up" : "not seen";
        page.paragraph(2, {{ink, fmt::format("{} {}  ", page.mark(verdict_of(state)), word)}},
                       {Ink::plain, listed(names)}, 3);
    }
}

void write_scope(Page& page, const Diagnosis& diagnosis) {
    if (diagnosis.scope == model::Scope::unknown) return;
    std::string text = "everybody";
    if (diagnosis.scope != model::Scope::all) {
        text = fmt::format("not everybody, by {}: ", model::name(diagnosis.scope));
        for (std::size_t i = 0; i < diagnosis.affected.size(); ++i)
            text += (i == 0 ? "" : ", ") + on_one_line(diagnosis.affected[i].str());
    }
    page.paragraph(2, {{Ink::strong, "who   "}}, {Ink::plain, text}, 3);
}

void write_references(Page& page, std::string_view word,
                      const std::vector<model::Reference>& references) {
    const std::size_t shown = std::min(references.size(), most_references);
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& one = references[i];
        const auto head = fmt::format("{:<9}{}: ", i == 0 ? word : "", one.check.str());
        page.paragraph(5, {{Ink::faint, head}}, {Ink::plain, on_one_line(one.message.str())}, 2);
    }
    if (references.size() > shown) {
        page.line(14, {{Ink::faint, fmt::format("{} and {} more", page.ellipsis(),
                                                references.size() - shown)}});
    }
}

std::string_view how_sure(Certainty certainty) {
    switch (certainty) {
        case Certainty::confirmed:
            return "confirmed";
        case Certainty::likely:
            return "likely";
        default:
            return "possible: weak evidence";
    }
}

void write_cause(Page& page, const model::Cause& cause, std::size_t number) {
    const Ink ink = cause.certainty == Certainty::possible ? Ink::warning : Ink::bad;
    std::string title = on_one_line(cause.title.str());
    if (!cause.target.empty()) title += ": " + on_one_line(cause.target.str());
    page.paragraph(2, {{ink, fmt::format("{}. ", number)}},
                   {Ink::strong, fmt::format("{} ({})", title, how_sure(cause.certainty))},
                   title_lines);
    write_references(page, "because", cause.supporting);
    write_references(page, "hence", cause.following);
    const auto row = [&](std::string_view word, const std::vector<std::string>& names) {
        if (names.empty()) return;
        page.paragraph(5, {{Ink::faint, fmt::format("{:<9}", word)}}, {Ink::plain, listed(names)},
                       2);
    };
    row("but not", cause.contradicting);
    row("unseen", cause.unseen);
    row("or else", cause.alternatives);
}

void write_causes(Page& page, const Diagnosis& diagnosis) {
    if (diagnosis.causes.empty()) return;
    const bool beside = diagnosis.answer == model::Answer::no_known_cause;
    write_heading(page, beside ? "Beside that" : diagnosis.causes.size() == 1 ? "Cause" : "Causes");
    const std::size_t shown = std::min(diagnosis.causes.size(), most_causes);
    for (std::size_t i = 0; i < shown; ++i)
        write_cause(page, diagnosis.causes[i], i + 1);
    if (diagnosis.causes.size() > shown) {
        page.line(2, {{Ink::faint, fmt::format("{} and {} more", page.ellipsis(),
                                               diagnosis.causes.size() - shown)}});
    }
}

void write_unexplained(Page& page, const Diagnosis& diagnosis) {
    if (diagnosis.unexplained.empty()) return;
    const auto heading = diagnosis.answer == model::Answer::no_known_cause ? "No known cause fits"
                         : !diagnosis.causes.empty()                       ? "Not explained by that"
                                                     : "Warnings that no known cause explains";
    write_heading(page, heading);
    const auto& unexplained = diagnosis.unexplained;
    const std::size_t shown = std::min(unexplained.size(), most_unexplained);
    for (std::size_t i = 0; i < shown; ++i) {
        const auto& one = unexplained[i];
        page.paragraph(2, {{Ink::strong, one.check.str() + "  "}},
                       {Ink::plain, on_one_line(one.message.str())}, 2);
    }
    if (unexplained.size() > shown) {
        page.line(2, {{Ink::faint, fmt::format("{} and {} more", page.ellipsis(),
                                               unexplained.size() - shown)}});
    }
}

void write_step(Page& page, const model::Next& next) {
    const bool asks = next.kind == model::Next::Kind::question;
    std::string text = on_one_line(next.what.str());
    if (next.kind == model::Next::Kind::isolate) text = "Meanwhile: " + text;
    if (next.kind == model::Next::Kind::check) {
        text = next.tells.size() > 1 ? fmt::format("To tell these apart, look with: {}", text)
                                     : fmt::format("To be sure, look with: {}", text);
    }
    if (next.kind == model::Next::Kind::roll_back) text = "Or back: " + text;
    page.paragraph(2, {{Ink::remedy, (asks ? page.manual_mark() : page.arrow()) + " "}},
                   {Ink::remedy, text}, 4);
    if (!next.command.empty()) page.paragraph(6, {}, {Ink::strong, next.command}, 4);
}

}  // namespace

void write_next(Page& page, const Diagnosis& diagnosis) {
    if (diagnosis.next.empty()) return;
    write_heading(page, "Next");
    for (const auto& next : diagnosis.next)
        write_step(page, next);
    page.blank();
}

void write_answer(Page& page, const Diagnosis& diagnosis) {
    write_impact(page, diagnosis);
    write_scope(page, diagnosis);
    const bool failures_first = diagnosis.answer == model::Answer::no_known_cause;
    if (failures_first) write_unexplained(page, diagnosis);
    write_causes(page, diagnosis);
    if (!failures_first) write_unexplained(page, diagnosis);
    page.blank();
}

// ": api: connection refused by …, and 2 more"
std::string first_of(const std::vector<model::Reference>& unexplained) {
    if (unexplained.empty()) return {};
    const auto& first = unexplained.front();
    auto text = fmt::format(": {}: {}", first.check.str(), on_one_line(first.message.str()));
    if (unexplained.size() > 1) text += fmt::format(", and {} more", unexplained.size() - 1);
    return text;
}

std::string sentence(const Diagnosis& diagnosis, bool all_passed) {
    switch (diagnosis.answer) {
        case model::Answer::broken: {
            const auto& first = diagnosis.causes.front();
            return fmt::format("{}{}", first.certainty == Certainty::possible ? "perhaps: " : "",
                               on_one_line(first.title.str()));
        }
        case model::Answer::no_known_cause:
            return "no known cause fits" + first_of(diagnosis.unexplained);
        case model::Answer::healthy:
            return all_passed ? "healthy: all that was looked at is well" : "nothing failed";
        case model::Answer::warned:
            return "nothing failed, but look at the warnings";
        default:
            return fmt::format("nothing {}, but could not see {}",
                               diagnosis.unexplained.empty() ? "found wrong" : "failed",
                               diagnosis.unseen.size() == 1
                                   ? on_one_line(diagnosis.unseen.front().check.str())
                                   : fmt::format("{} of its checks", diagnosis.unseen.size()));
    }
}

std::string headline(const model::Report& report) {
    if (!report.diagnosis) return std::string(label(report.run));
    return sentence(*report.diagnosis, report.run.verdict == model::Verdict::pass);
}

}  // namespace triage::report
