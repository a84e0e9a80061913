// Values that Python's libraries print in their errors.
#include <algorithm>
#include <cstddef>
#include <string_view>

#include "core/redact/shapes.hpp"
#include "core/redact/value.hpp"

namespace triage::redact {
namespace {

// Beyond this a value is no longer taken apart: hostile text could make that slow. pydantic itself
// shortens values to some 50 characters.
constexpr std::size_t longest_value = 1024;

// Where `needle` is next. Searches every part of the text once, however often it is asked.
class Next {
public:
    Next(std::string_view text, std::string_view needle) : text_(text), needle_(needle) {}

    // `at` never decreases. The text's size if there is none.
    std::size_t from(std::size_t at) {
        if (!searched_ || found_ < at) found_ = std::min(text_.find(needle_, at), text_.size());
        searched_ = true;
        return found_;
    }

private:
    std::string_view text_;
    std::string_view needle_;
    std::size_t found_ = 0;
    bool searched_ = false;
};

// The end of a repr: a string in quotes, a bracket with everything in it, or a bare word. npos if
// it is not complete on this line, as when it was shortened.
std::size_t end_of_repr(std::string_view text, std::size_t at) {
    const std::size_t limit = std::min(text.size(), at + longest_value);
    std::size_t depth = 0;
    char quote = 0;
    for (std::size_t i = at; i < limit && text[i] != '\n'; ++i) {
        const char c = text[i];
        if (c == '\\' && quote != 0) {
            ++i;
        } else if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else if (std::string_view("{[(").contains(c)) {
            ++depth;
        } else if (std::string_view("}])").contains(c)) {
            if (depth == 0) return i;
            --depth;
        } else if (depth == 0 && c == ',') {
            return i;
        }
    }
    return std::string_view::npos;
}

}  // namespace

// pydantic: [type=enum, input_value='secret', input_type=str]
std::vector<Span> find_input_values(std::string_view text) {
    constexpr std::string_view head = "input_value=";
    constexpr std::string_view tail = ", input_type=";
    std::vector<Span> spans;
    Next next_tail(text, tail);
    Next next_line(text, "\n");
    std::size_t at = 0;
    while ((at = text.find(head, at)) != std::string_view::npos) {
        const std::size_t begin = at + head.size();
        std::size_t end = end_of_repr(text, begin);
        const bool sure = end != std::string_view::npos &&
                          (text.substr(end).starts_with(tail) || text[end] == ']');
        if (!sure) end = std::min(next_tail.from(begin), next_line.from(begin));
        const std::string_view value = text.substr(begin, end - begin);
        // An empty value is no secret, and often the very cause.
        const bool empty = value == "''" || value == "\"\"" || value == "{}" || value == "[]";
        if (!empty && !is_no_value(value)) spans.push_back({begin, end, "<input>"});
        at = std::max(end, begin);
    }
    return spans;
}

// SQLAlchemy: [parameters: {'email': 'x'}]
std::vector<Span> find_sql_parameters(std::string_view text) {
    constexpr std::string_view head = "[parameters: ";
    std::vector<Span> spans;
    Next next_line(text, "\n");
    std::size_t at = 0;
    while ((at = text.find(head, at)) != std::string_view::npos) {
        const std::size_t begin = at + head.size();
        std::size_t end = end_of_repr(text, begin);
        while (end != std::string_view::npos && text[end] == ',')
            end = end_of_repr(text, end + 1);
        if (end == std::string_view::npos || text[end] != ']') {
            end = next_line.from(begin);
        }
        spans.push_back({begin, end, "<parameters>"});
        at = end;
    }
    return spans;
}

}  // namespace triage::redact
