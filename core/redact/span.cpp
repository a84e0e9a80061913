#include "core/redact/span.hpp"

#include <algorithm>
#include <tuple>

namespace triage::redact {

std::string replace(std::string_view text, std::vector<Span> spans) {
    std::ranges::sort(spans, {}, [](const Span& span) {
        return std::tuple<std::size_t, std::size_t, const std::string&>(span.begin, span.end,
                                                                        span.token);
    });
    std::string out;
    std::size_t copied = 0;
    for (auto span = spans.begin(); span != spans.end();) {
        const Span* longest = &*span;
        std::size_t end = span->end;
        auto next = span + 1;
        for (; next != spans.end() && next->begin < end; ++next) {
            if (next->end - next->begin > longest->end - longest->begin) longest = &*next;
            end = std::max(end, next->end);
        }
        out.append(text.substr(copied, span->begin - copied)).append(longest->token);
        copied = end;
        span = next;
    }
    return out.append(text.substr(copied));
}

}  // namespace triage::redact
