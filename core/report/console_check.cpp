#include <algorithm>
#include <chrono>
#include <cmath>
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
        if (text.empty() || text.starts_with(word)) return text.empty() ? std::string(word) : text;
        return fmt::format("{}: {}", word, text);
    };
    if (result.verdict == Verdict::error) return prefixed("could not tell");
    if (result.verdict == Verdict::blocked) return prefixed("blocked");
    if (result.verdict == Verdict::skip) return prefixed("skipped");
    return text;
}

bool from_elsewhere(const CheckResult& result) {
    return !result.vantage.empty() && result.vantage.str() != "host";
}

struct FirstLine {
    std::vector<Piece> mark;
    Piece id;
    Piece summary;
    Piece duration;
};

FirstLine first_line(const Page& page, const CheckResult& result) {
    const Ink ink = ink_of(result.verdict);
    const bool calm = result.verdict == Verdict::pass || result.verdict == Verdict::skip;
    FirstLine line = {
        .mark = {{ink, page.mark(result.verdict)}, {Ink::plain, " "}},
        .id = {calm ? Ink::plain : Ink::strong, on_one_line(result.id.str())},
        .summary = {result.verdict == Verdict::skip ? Ink::faint : Ink::plain, summary_of(result)},
        .duration = {Ink::faint, duration_of(result)},
    };
    if (calm && from_elsewhere(result)) {
        line.summary.text += fmt::format(" (from {})", on_one_line(result.vantage.str()));
    }
    return line;
}

// "✓ id  summary  3 ms". The summary goes on below itself, or has its own lines if there is too
// little room beside the id. Also that of a passing check is shown to its end: an exception such as
// "could not tell everything" stands there.
void write_first_line(Page& page, const CheckResult& result, std::size_t id_width, Detail detail) {
    const auto [mark, id, summary, duration] = first_line(page, result);
    const bool whole = detail == Detail::full;
    const std::size_t most = whole ? 6 : 1;
    const std::size_t own = base::display_width(id.text);
    const std::size_t edge = check_indent + 2 + std::max(own, id_width) + 2;
    const std::size_t right = duration.text.empty() ? 0 : duration.text.size() + 2;
    const std::size_t room = page.style().columns - std::min(edge + right, page.style().columns);
    const bool fits = !summary.text.contains('\n') && base::display_width(summary.text) <= room;
    std::vector<Piece> left = mark;
    left.push_back(id);
    if (!fits && (own > id_width || room < least_summary)) {
        page.line(check_indent, left, duration);
        page.paragraph(detail_indent, {}, summary, most);
        return;
    }
    const auto lines =
        wrap(whole ? summary.text : on_one_line(summary.text), room, most, page.ellipsis());
    left.push_back({Ink::plain, std::string(edge - check_indent - 2 - own, ' ')});
    left.push_back({summary.ink, lines.front()});
    page.line(check_indent, left, duration);
    for (std::size_t i = 1; i < lines.size(); ++i) {
        page.line(edge, {{summary.ink, lines[i]}});
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

struct Row {
    std::string name;
    std::string value;
    Ink ink = Ink::plain;
};

// Names and values in two columns; a name that is too wide has a line of its own.
void write_rows(Page& page, std::size_t indent, const std::vector<Row>& rows) {
    const std::size_t widest = std::min<std::size_t>(16, page.style().columns / 5);
    std::size_t width = 0;
    for (const Row& row : rows) {
        const std::size_t own = base::display_width(row.name);
        if (own <= widest) width = std::max(width, own);
    }
    for (const Row& row : rows) {
        const std::size_t own = base::display_width(row.name);
        if (own > width) page.line(indent, {{Ink::faint, row.name}});
        const std::string lead = own > width ? "" : row.name;
        const std::size_t gap = width + 2 - (own > width ? 0 : own);
        page.paragraph(indent, {{Ink::faint, lead + std::string(gap, ' ')}}, {row.ink, row.value},
                       limits(page.style()).evidence);
    }
}

// The message unless the summary said it already.
void write_message(Page& page, const CheckResult& result, const model::Finding& finding) {
    const bool said = result.findings.size() == 1 && summary_of(result) == finding.message.str();
    if (said || finding.message.empty()) return;
    const bool info = finding.weight == Weight::info;
    const Verdict verdict = finding.weight == Weight::fail ? Verdict::fail : Verdict::warn;
    const Piece mark{info ? Ink::faint : ink_of(verdict), info ? "i" : page.mark(verdict)};
    page.paragraph(detail_indent, {mark, {Ink::plain, " "}}, {Ink::plain, finding.message.str()},
                   limits(page.style()).message);
}

void write_finding(Page& page, const CheckResult& result, const model::Finding& finding) {
    write_message(page, result, finding);
    write_remedy(page, detail_indent + 2, finding.remedy);
    std::vector<Row> rows;
    const std::string subject = on_one_line(finding.subject.str());
    const bool named =
        subject.empty() || finding.message.str().contains(subject) || subject == result.id.str();
    if (!named) rows.push_back({"subject", subject, Ink::plain});
    for (const auto& evidence : finding.evidence) {
        rows.push_back({on_one_line(evidence.name.str()), evidence.value.str(), Ink::plain});
    }
    rows.push_back({"code", finding.code, Ink::faint});
    write_rows(page, detail_indent + 2, rows);
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
        page.paragraph(detail_indent, {{Ink::faint, fmt::format("{:<12}", kind)}},
                       {Ink::plain, text}, 100);
    };
    for (const auto& fact : result.facts) {
        row("fact", fmt::format("{} = {}", fact.key, to_text(fact.value)));
    }
    for (const auto& metric : result.metrics) {
        const std::string unit = metric.unit == "1" ? "" : " " + metric.unit;
        const double size = std::abs(metric.value);
        const bool is_large = size >= 1e5 && size < 1e15;  // no "1.04858e+06"
        row("metric", is_large ? fmt::format("{} = {:.0f}{}", metric.name, metric.value, unit)
                               : fmt::format("{} = {:.6g}{}", metric.name, metric.value, unit));
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
    write_first_line(page, result, id_width, detail);
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

void write_followers(Page& page, std::span<const CheckResult* const> results) {
    std::string ids;
    for (const CheckResult* result : results) {
        if (ids.size() > 10 * page.style().columns) break;  // the rest would be cut
        ids += (ids.empty() ? "" : ", ") + on_one_line(result->id.str());
    }
    const auto head = fmt::format("the same of {} more: ", results.size());
    page.paragraph(detail_indent, {}, {Ink::plain, head + ids}, 6);
}

}  // namespace triage::report
