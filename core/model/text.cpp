#include "core/model/text.hpp"

#include <algorithm>

namespace triage::model {

Text Text::on_one_line() && {
    if (value_.find('\n') == std::string::npos) return std::move(*this);
    constexpr std::string_view blank = " \t\n";
    std::string line;
    for (std::string_view rest = value_; !rest.empty();) {
        auto piece = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
        piece.remove_prefix(std::min(piece.find_first_not_of(blank), piece.size()));
        piece = piece.substr(0, piece.find_last_not_of(blank) + 1);
        if (piece.empty()) continue;
        line.append(line.empty() ? "" : " ⏎ ").append(piece);
    }
    value_ = std::move(line);
    return std::move(*this);
}

}  // namespace triage::model
