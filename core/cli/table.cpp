#include "core/cli/table.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "core/base/text.hpp"
#include "core/report/page.hpp"
#include "core/report/report.hpp"

namespace triage::cli {
namespace {

// What a column that is not the last may take of the page, so that the last one has room.
std::size_t widest_cell(std::size_t columns) { return std::max<std::size_t>(16, columns * 3 / 10); }

// As wide as the widest cell that is not too wide.
std::vector<std::size_t> column_widths(const std::vector<Row>& rows, std::size_t columns) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            const auto own = base::display_width(row[i]);
            if (own <= widest_cell(columns)) widths[i] = std::max(widths[i], own);
        }
    }
    return widths;
}

std::string render(const Row& row, const std::vector<std::size_t>& widths, std::size_t indent,
                   std::size_t columns) {
    std::string text(indent, ' ');
    std::size_t used = indent;
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
        text += row[i];
        const auto own = base::display_width(row[i]);
        used += widths[i] + 2;
        // A cell that is too wide has the line for itself.
        text += own <= widths[i] ? std::string(widths[i] - own + 2, ' ')
                                 : "\n" + std::string(used, ' ');
    }
    const auto room = columns > used + 20 ? columns - used : 20;
    const auto lines = report::wrap(row.empty() ? std::string() : row.back(), room, SIZE_MAX, "");
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0) text += "\n" + std::string(used, ' ');
        text += lines[i];
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
}

}  // namespace

std::string table(const std::vector<Row>& rows, std::size_t indent, std::size_t columns) {
    const auto widths = column_widths(rows, columns);
    std::string text;
    for (const auto& row : rows)
        text += render(row, widths, indent, columns);
    return text;
}

std::size_t output_columns() { return report::style_for(STDOUT_FILENO).columns; }

}  // namespace triage::cli
