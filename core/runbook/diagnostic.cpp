#include "core/runbook/diagnostic.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/base/utf8.hpp"

namespace triage::runbook {
namespace {

constexpr std::size_t max_columns = 80;
constexpr std::size_t indent = 4;
// What is kept of a long line before the place to look at.
constexpr std::size_t context_columns = 30;

constexpr std::array<std::string_view, rule_count> rule_names{
    "unreadable",    "invalid-utf8",      "empty-file",        "syntax",         "include-cycle",
    "version",       "unknown-key",       "missing-key",       "wrong-type",     "bad-id",
    "duplicate-id",  "bad-choice",        "bad-duration",      "out-of-bounds",  "no-checks",
    "bad-reference", "reference-place",   "unknown-variable",  "unknown-secret", "unknown-profile",
    "bad-source",    "variable-cycle",    "secret-literal",    "secret-place",   "bad-use",
    "unknown-check", "unknown-parameter", "missing-parameter", "parameter-type", "parameter-value",
    "unknown-id",    "ambiguous-id",      "unknown-fact",      "cycle",          "bad-for-each",
    "bad-when",      "bad-waiver",        "bad-grant",         "unused-grant",   "unset-variable",
    "unset-secret",  "plugin-missing",    "plugin-broken",     "missing-grant",
};

std::string paint(std::string_view text, const char* code, bool color) {
    if (!color || text.empty()) return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

// Breaks `text` at spaces so that no line, with `left` spaces before it, is wider than the limit;
// the first line has `used` columns before it already. Line breaks of its own are kept.
std::string wrap(std::string_view text, std::size_t used, std::size_t left) {
    std::string result;
    std::size_t column = used;
    const auto new_line = [&] {
        result.append(1, '\n').append(left, ' ');
        column = left;
    };
    bool first = true;
    while (true) {
        const auto end = std::min(text.find_first_of(" \n"), text.size());
        auto word = text.substr(0, end);
        if (!first && column + 1 + base::display_width(word) > max_columns) {
            new_line();
        } else if (!first) {
            result += ' ';
            ++column;
        }
        result += base::elide(word, max_columns - left);
        column += base::display_width(word);
        if (end == text.size()) return result;
        first = text[end] == '\n';
        if (first) new_line();
        text.remove_prefix(end + 1);
    }
}

// Splits off the first `count` characters.
std::string_view take_characters(std::string_view& text, std::size_t count) {
    std::size_t bytes = 0;
    for (; count > 0 && bytes < text.size(); --count)
        bytes += base::first_character(text.substr(bytes)).length;
    const auto result = text.substr(0, bytes);
    text.remove_prefix(bytes);
    return result;
}

// The end of `text`, at most `columns` wide.
std::string tail(std::string_view text, std::size_t columns) {
    if (base::display_width(text) <= columns) return std::string(text);
    while (base::display_width(text) + 1 > columns)
        take_characters(text, 1);
    return fmt::format("…{}", text);
}

// One character for one: carets stay under what they point at.
std::string one_line(std::string_view text) {
    std::string result = base::printable(text);
    std::ranges::replace_if(result, [](char c) { return c == '\t' || c == '\n'; }, ' ');
    return result;
}

std::string excerpt(const Diagnostic& diagnostic, bool color) {
    const auto gutter = fmt::format("{:>5} | ", diagnostic.where.line);
    std::string_view rest = diagnostic.line_text;
    auto before = one_line(take_characters(rest, diagnostic.where.column - 1));
    auto marked = one_line(take_characters(rest, std::max(diagnostic.length, 1U)));
    const auto room = max_columns - gutter.size();
    if (base::display_width(before) + std::min(base::display_width(marked), room / 2) > room) {
        before = tail(before, context_columns);
    }
    marked = base::elide(marked, room - base::display_width(before));
    const auto line = base::elide(before + marked + one_line(rest), room);
    const auto width = std::max<std::size_t>(base::display_width(marked), 1);
    const auto caret = fmt::format("^{:~<{}}", "", width - 1);
    return fmt::format("{}{}\n{:>6}| {}{}\n", gutter, line, "",
                       std::string(base::display_width(before), ' '), paint(caret, "32", color));
}

}  // namespace

std::string_view name(Rule rule) { return rule_names[static_cast<std::size_t>(rule)]; }

std::string render(const Diagnostic& diagnostic, bool color) {
    const auto& where = diagnostic.where;
    auto place = base::printable(where.file);
    if (where.line > 0) place += fmt::format(":{}:{}", where.line, where.column);
    const bool wrong = diagnostic.kind == Kind::wrong;
    const std::string_view label = wrong ? "error" : "missing here";
    const auto used = base::display_width(place) + label.size() + 4;
    std::string result = fmt::format("{}: {}: {}\n", paint(place, "1", color),
                                     paint(label, wrong ? "1;31" : "1;33", color),
                                     wrap(base::printable(diagnostic.message), used, indent));
    if (!diagnostic.line_text.empty() && where.column > 0) result += excerpt(diagnostic, color);
    if (!diagnostic.remedy.empty()) {
        result += fmt::format("{:{}}{}\n", "", indent,
                              wrap(base::printable(diagnostic.remedy), indent, indent));
    }
    return result;
}

}  // namespace triage::runbook
