#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/report/console_parts.hpp"

namespace triage::report {
namespace {

using model::CheckResult;
using model::Verdict;
using model::Weight;

constexpr std::size_t check_indent = 2;
constexpr std::size_t detail_indent = 6;
constexpr std::size_t least_summary = 24;  // columns; with fewer it gets lines of its own

struct Limits {
    std::size_t message = 6;  // lines
    std::size_t evidence = 4;
};

Limits limits(const Style& style) {
    return style.verbose ? Limits{.message = 100, .evidence = 100} : Limits{};
}

std::string duration_of(const CheckResult& result) {
    if (result.attempts.empty()) return {};
    using std::chrono::microseconds;
    // Tenths of a millisecond tell nothing.
    const auto shown = result.duration < std::chrono::milliseconds(10)
                           ? (result.duration + microseconds(50)) / 100 * 100
                           : result.duration;
    return base::format_duration(shown);
}

std::string summary_of(const CheckResult& result) {
    std::string text = result.summary.str();
    if (text.empty() && !result.findings.empty()) text = result.findings.front().message.str();
    const auto prefixed = [&](std::string_view word) {
        return text.starts_with(word) ? text : fmt::format("{}: {}", word, text);
    };
    if (result.verdict == Verdict::error) return prefixed("could not tell");
    if (result.verdict == Verdict::blocked) return prefixed("blocked");
    if (result.verdict == Verdict::skip) return prefixed("skipped");
    return text;
}

bool from_elsewhere(const CheckResult& result) {
    return !result.vantage.empty() && result.vantage.str() != "host";
}

void write_first_line(Page& page, const CheckResult& result, std::size_t id_width, bool whole) {
    const Ink ink = ink_of(result.verdict);
    const bool calm = result.verdict == Verdict::pass || result.verdict == Verdict::skip;
    const std::string id = on_one_line(result.id.str());
    const std::string duration = duration_of(result);
    std::string summary = summary_of(result);
    if (calm && from_elsewhere(result)) {
        summary += fmt::format(" (from {})", on_one_line(result.vantage.str()));
    }
    std::vector<Piece> left = {{ink, page.mark(result.verdict)}, {Ink::plain, " "}};
    const Ink id_ink = calm ? Ink::plain : Ink::strong;
    const Ink summary_ink = result.verdict == Verdict::skip ? Ink::faint : Ink::plain;
    const Piece right{Ink::faint, duration};
    const std::size_t edge = check_indent + 2 + id_width + 2;
    const std::size_t taken = edge + (duration.empty() ? 0 : duration.size() + 2);
    const std::size_t columns = page.style().columns;
    const std::size_t room = columns - std::min(taken, columns);
    if (base::display_width(id) > id_width || room < least_summary) {
        left.push_back({id_ink, id});
        page.line(check_indent, left, right);
        page.paragraph(detail_indent, {}, {summary_ink, summary}, whole ? 6 : 1);
        return;
    }
    left.push_back({id_ink, id + std::string(id_width - base::display_width(id) + 2, ' ')});
    const auto lines =
        wrap(whole ? summary : on_one_line(summary), room, whole ? 6 : 1, page.ellipsis());
    left.push_back({summary_ink, lines.front()});
    page.line(check_indent, left, right);
    for (std::size_t i = 1; i < lines.size(); ++i) {
        page.line(edge, {{summary_ink, lines[i]}});
    }
}

// What it is and where it looked from: "Backend /healthz · health.endpoint · layer api".
void write_origin(Page& page, const CheckResult& result) {
    std::string text = on_one_line(result.title.str());
    const auto add = [&](std::string_view part) {
        if (!text.empty()) text += fmt::format(" {} ", page.dot());
        text += part;
    };
    add(result.use);
    if (!result.layer.empty()) add(fmt::format("layer {}", result.layer));
    if (!result.vantage.empty())
        add(fmt::format("seen from {}", on_one_line(result.vantage.str())));
    page.paragraph(detail_indent, {}, {Ink::faint, text}, 3);
}

void write_remedy(Page& page, std::size_t indent, const model::Text& remedy) {
    if (remedy.empty()) return;
    page.paragraph(indent, {{Ink::remedy, page.arrow() + " "}}, {Ink::remedy, remedy.str()}, 6);
}

// Names and values in two columns.
void write_pairs(Page& page, std::size_t indent, const std::vector<model::Evidence>& pairs) {
    constexpr std::size_t widest = 16;
    std::size_t width = 0;
    for (const auto& pair : pairs) {
        width = std::max(width, std::min(base::display_width(pair.name.str()), widest));
    }
    for (const auto& pair : pairs) {
        std::string name = on_one_line(pair.name.str());
        const std::size_t own = base::display_width(name);
        name += std::string(own < width ? width - own + 2 : 2, ' ');
        const bool beside = own <= widest;
        if (!beside) page.line(indent, {{Ink::faint, name}});
        page.paragraph(indent, {{Ink::faint, beside ? name : "  "}}, {Ink::plain, pair.value.str()},
                       limits(page.style()).evidence);
    }
}

Verdict verdict_of(Weight weight) { return weight == Weight::fail ? Verdict::fail : Verdict::warn; }

// The message unless the summary said it already.
void write_message(Page& page, const CheckResult& result, const model::Finding& finding) {
    const bool said = result.findings.size() == 1 && summary_of(result) == finding.message.str();
    const bool info = finding.weight == Weight::info;
    const Verdict verdict = verdict_of(finding.weight);
    const std::vector<Piece> head = {{info ? Ink::faint : ink_of(verdict),
                                      (info ? "i" : page.mark(verdict)) + std::string(" ")}};
    if (!said) {
        page.paragraph(detail_indent, head, {Ink::plain, finding.message.str()},
                       limits(page.style()).message);
    }
    std::string about = finding.code;
    const std::string subject = on_one_line(finding.subject.str());
    const bool named =
        subject.empty() || finding.message.str().contains(subject) || subject == result.id.str();
    if (!named) about += fmt::format(" {} {}", page.dot(), subject);
    page.paragraph(detail_indent + (said ? 0 : 2), {}, {Ink::faint, about}, 3);
}

void write_finding(Page& page, const CheckResult& result, const model::Finding& finding) {
    write_message(page, result, finding);
    write_pairs(page, detail_indent + 2, finding.evidence);
    write_remedy(page, detail_indent + 2, finding.remedy);
}

void write_attempts(Page& page, const CheckResult& result) {
    const bool same = std::ranges::all_of(result.attempts, [&](const auto& attempt) {
        return attempt.verdict == result.attempts.front().verdict;
    });
    if (result.attempts.size() < 2 || (same && !page.style().verbose)) return;
    for (std::size_t i = 0; i < result.attempts.size(); ++i) {
        const auto& attempt = result.attempts[i];
        const std::vector<Piece> head = {{Ink::faint, fmt::format("attempt {}  ", i + 1)},
                                         {ink_of(attempt.verdict), page.mark(attempt.verdict)},
                                         {Ink::plain, " "}};
        const std::string text = fmt::format(
            "{} (at {}, took {})", on_one_line(attempt.summary.str()),
            base::format_duration(attempt.started), base::format_duration(attempt.duration));
        page.paragraph(detail_indent, head, {Ink::plain, text}, 3);
    }
}

std::string to_text(const model::Value& value) {
    if (const auto* text = std::get_if<model::Text>(&value)) return text->str();
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const auto* whole = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *whole);
    return fmt::format("{}", std::get<double>(value));
}

void write_verbose(Page& page, const CheckResult& result) {
    const auto row = [&](std::string_view kind, const std::string& text) {
        page.paragraph(detail_indent, {{Ink::faint, fmt::format("{:<10}", kind)}},
                       {Ink::plain, text}, 100);
    };
    for (const auto& fact : result.facts) {
        row("fact", fmt::format("{} = {}", fact.key, to_text(fact.value)));
    }
    for (const auto& metric : result.metrics) {
        const std::string_view unit = metric.unit == "1" ? "" : metric.unit;
        row("metric", fmt::format("{} = {:.6g} {}", metric.name, metric.value, unit));
    }
    if (!result.evaluated.empty()) {
        std::string codes;
        for (const auto& code : result.evaluated)
            codes += (codes.empty() ? "" : " ") + code;
        row("looked for", codes);
    }
    for (const auto& line : result.log)
        row("log", line.text.str());
}

}  // namespace

std::size_t id_column(std::span<const CheckResult> results, const Style& style) {
    const std::size_t most = std::max<std::size_t>(12, style.columns * 3 / 10);
    std::size_t width = 4;
    for (const auto& result : results) {
        const std::size_t own = base::display_width(result.id.str());
        if (own <= most) width = std::max(width, own);
    }
    return width;
}

void write_check(Page& page, const CheckResult& result, std::size_t id_width, Detail detail) {
    const bool verbose = page.style().verbose;
    const bool quiet = result.verdict == Verdict::pass || result.verdict == Verdict::skip ||
                       result.verdict == Verdict::blocked;
    const bool whole = detail == Detail::full && (verbose || !quiet);
    write_first_line(page, result, id_width, whole);
    if (!whole) return;
    write_origin(page, result);
    if (!result.waived.empty()) {
        page.paragraph(detail_indent, {}, {Ink::warning, result.waived.str()}, 6);
    }
    for (const auto& finding : result.findings)
        write_finding(page, result, finding);
    write_attempts(page, result);
    write_remedy(page, detail_indent, result.remedy);
    if (verbose) write_verbose(page, result);
}

}  // namespace triage::report
