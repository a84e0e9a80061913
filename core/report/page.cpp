#include "core/report/page.hpp"

#include <algorithm>
#include <utility>

#include "core/base/text.hpp"
#include "core/base/utf8.hpp"

namespace triage::report {
namespace {

using base::display_width;
using model::Verdict;

std::string_view sgr(Ink ink) {
    switch (ink) {
        case Ink::plain:
            return "";
        case Ink::strong:
            return "1";
        case Ink::faint:
            return "2";
        case Ink::good:
            return "32";
        case Ink::warning:
            return "33";
        case Ink::bad:
            return "1;31";
        case Ink::unknown:
            return "35";
        case Ink::remedy:
            return "36";
    }
    return "";
}

// The end of the longest beginning of `text` that is at most `width` wide, at least one character.
std::size_t fitting(std::string_view text, std::size_t width) {
    std::size_t used = 0;
    std::size_t at = 0;
    while (at < text.size()) {
        const base::Character character = base::first_character(text.substr(at));
        used += base::character_width(character.code);
        if (used > width && at > 0) break;
        at += character.length;
    }
    return at;
}

// Where to break a line that could go on to `end`: at a space, else behind punctuation as in URLs;
// but not far to the left, which would waste the line.
std::size_t good_break(std::string_view text, std::size_t end) {
    const std::size_t space = text.substr(0, end).rfind(' ');
    if (space != std::string_view::npos && space * 3 >= end) return space;
    const std::size_t sign = text.substr(0, end).find_last_of("/&?,;=:-");
    if (sign != std::string_view::npos && sign * 3 >= end * 2) return sign + 1;
    return end;
}

// Takes one line off the front of `text`, which holds no newline.
std::string take_line(std::string_view& text, std::size_t width) {
    std::size_t end = fitting(text, width);
    if (end < text.size() && text[end] != ' ') end = good_break(text, end);
    std::string line(text.substr(0, end));
    line.erase(line.find_last_not_of(' ') + 1);
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    return line;
}

std::string with_tabs_expanded(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\t') {
            out += "    ";
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

std::vector<std::string> wrap(std::string_view text, std::size_t width, std::size_t most,
                              std::string_view ellipsis) {
    while (text.ends_with('\n') || text.ends_with(' '))
        text.remove_suffix(1);
    std::vector<std::string> lines;
    bool more = true;
    while (more && lines.size() < most) {
        const std::size_t newline = std::min(text.find('\n'), text.size());
        more = newline < text.size();
        const std::string paragraph = with_tabs_expanded(text.substr(0, newline));
        text.remove_prefix(std::min(newline + 1, text.size()));
        std::string_view rest = paragraph;
        do {
            lines.push_back(take_line(rest, width));
        } while (!rest.empty() && lines.size() < most);
        more = more || !rest.empty();
    }
    if (more) {
        const std::size_t room = width - std::min(display_width(ellipsis), width);
        lines.back() = base::elide(lines.back(), room, "").append(ellipsis);
    }
    return lines;
}

std::string on_one_line(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool space = c == ' ' || c == '\n' || c == '\t';
        if (!space) {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

std::size_t width_of(const std::vector<Piece>& pieces) {
    std::size_t width = 0;
    for (const Piece& piece : pieces)
        width += display_width(piece.text);
    return width;
}

Ink ink_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::pass:
            return Ink::good;
        case Verdict::warn:
            return Ink::warning;
        case Verdict::fail:
            return Ink::bad;
        case Verdict::error:
        case Verdict::blocked:
            return Ink::unknown;
        case Verdict::skip:
            return Ink::faint;
    }
    return Ink::plain;
}

std::string Page::mark(Verdict verdict) const {
    switch (verdict) {
        case Verdict::pass:
            return style_.unicode ? "✓" : "+";
        case Verdict::warn:
            return "!";
        case Verdict::fail:
            return style_.unicode ? "✗" : "X";
        case Verdict::error:
            return "?";
        case Verdict::blocked:
            return style_.unicode ? "⊘" : "/";
        case Verdict::skip:
            return style_.unicode ? "–" : "-";
    }
    return "?";
}

void Page::put(const Piece& piece) {
    const std::string_view code = style_.color ? sgr(piece.ink) : "";
    if (code.empty() || piece.text.empty()) {
        out_ += piece.text;
        return;
    }
    out_.append("\x1b[").append(code).append("m").append(piece.text).append("\x1b[0m");
}

void Page::line(std::size_t indent, const std::vector<Piece>& pieces) {
    std::size_t room = style_.columns - std::min(indent, style_.columns);
    out_.append(indent, ' ');
    for (const Piece& piece : pieces) {
        const std::string text = base::elide(piece.text, room, ellipsis());
        put({piece.ink, text});
        room -= display_width(text);
        if (text.size() != piece.text.size()) break;
    }
    out_.erase(out_.find_last_not_of(' ') + 1);
    out_ += '\n';
}

void Page::line(std::size_t indent, std::vector<Piece> left, const Piece& right) {
    if (right.text.empty()) return line(indent, left);
    const std::size_t taken = indent + display_width(right.text) + 2;
    std::size_t room = style_.columns - std::min(taken, style_.columns);
    for (Piece& piece : left) {
        piece.text = base::elide(piece.text, room, ellipsis());
        room -= display_width(piece.text);
    }
    left.push_back({Ink::plain, std::string(room + 2, ' ')});
    left.push_back(right);
    line(indent, left);
}

void Page::flow(std::size_t indent, const std::vector<Piece>& pieces) {
    std::vector<Piece> row;
    for (const Piece& piece : pieces) {
        const bool fits = indent + width_of(row) + display_width(piece.text) <= style_.columns;
        if (!fits && !row.empty()) {
            line(indent, row);
            row = {{Ink::plain, "  "}};
        }
        row.push_back(piece);
    }
    line(indent, row);
}

void Page::paragraph(std::size_t indent, const std::vector<Piece>& head, const Piece& text,
                     std::size_t most) {
    const std::size_t hang = indent + width_of(head);
    const std::size_t width = style_.columns - std::min(hang, style_.columns - 8);
    const auto lines = wrap(text.text, width, most, ellipsis());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::vector<Piece> pieces;
        if (i == 0) pieces = head;
        pieces.push_back({text.ink, lines[i]});
        line(i == 0 ? indent : hang, pieces);
    }
}

void Page::rule() {
    std::string text;
    for (std::size_t i = 0; i < style_.columns; ++i)
        text += style_.unicode ? "─" : "-";
    line(0, {{Ink::faint, text}});
}

void Page::blank() {
    if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
}

}  // namespace triage::report
