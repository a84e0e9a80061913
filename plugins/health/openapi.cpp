#include "openapi.hpp"

#include <string>

namespace health {
namespace {

std::string_view take_segment(std::string_view& rest) {
    const auto segment = rest.substr(0, rest.find('/', 1));
    rest.remove_prefix(segment.size());
    return segment;
}

// "/boards/{id}" fits "/boards/7".
bool fits(std::string_view pattern, std::string_view path) {
    while (!pattern.empty() && !path.empty()) {
        const auto wanted = take_segment(pattern);
        const auto given = take_segment(path);
        if (wanted != given && wanted.find('{') == wanted.npos) return false;
    }
    return pattern.empty() && path.empty();
}

}  // namespace

std::optional<bool> has_operation(const triage::Json& document, std::string_view path,
                                  std::string_view method) {
    using triage::Json;
    const auto patterns = document.keys("/paths");
    if (!patterns || patterns->empty()) return std::nullopt;
    for (const auto& pattern : *patterns) {
        const auto item = "/paths/" + Json::escape(pattern);
        if (!fits(pattern, path) || !document.is_object(item)) continue;
        if (document.has(triage::text(item, "/", Json::escape(method)))) return true;
    }
    return false;
}

}  // namespace health
