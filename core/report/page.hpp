// Lines of text that fit a terminal: inks, wrapping, columns.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/verdict.hpp"
#include "core/report/report.hpp"

namespace triage::report {

// What a piece of text is, not how it looks.
enum class Ink { plain, strong, faint, good, warning, bad, unknown, remedy };

struct Piece {
    Ink ink = Ink::plain;
    std::string text;
};

// At most `width` columns each; breaks at spaces where it can, at newlines always; tabs become
// spaces. Never empty. With `most` lines or more to come, the last one ends in `ellipsis`.
std::vector<std::string> wrap(std::string_view text, std::size_t width, std::size_t most,
                              std::string_view ellipsis);

// Newlines, tabs and runs of spaces as one space each.
std::string on_one_line(std::string_view text);

// Collects lines, of which none is wider than the style's columns.
class Page {
public:
    explicit Page(const Style& style) : style_(style) {}

    const Style& style() const { return style_; }
    std::string_view ellipsis() const { return style_.unicode ? "…" : "..."; }
    std::string_view dot() const { return style_.unicode ? "·" : "|"; }
    std::string mark(model::Verdict verdict) const;
    std::string manual_mark() const { return style_.unicode ? "☐" : "[ ]"; }
    std::string arrow() const { return style_.unicode ? "→" : "->"; }

    // Pieces side by side; what does not fit is cut.
    void line(std::size_t indent, const std::vector<Piece>& pieces);
    // `left` as far as there is room, `right` at the right edge.
    void line(std::size_t indent, std::vector<Piece> left, const Piece& right);
    // Pieces side by side on as many lines as they need; none is broken if it fits a line.
    void flow(std::size_t indent, const std::vector<Piece>& pieces);
    // `head`, and `text` wrapped beside it, at most `most` lines.
    void paragraph(std::size_t indent, const std::vector<Piece>& head, const Piece& text,
                   std::size_t most);
    void rule();
    void blank();

    std::string take() { return std::move(out_); }

private:
    void put(const Piece& piece);

    Style style_;
    std::string out_;
};

std::size_t width_of(const std::vector<Piece>& pieces);

// The ink in which a verdict's mark is written.
Ink ink_of(model::Verdict verdict);

}  // namespace triage::report
