// Pieces of a text that are to be replaced.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace triage::redact {

struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string token;  // what stands there instead: "<password>"
};

// Spans may come in any order and overlap: those that do become one, named as the longest of them.
std::string replace(std::string_view text, std::vector<Span> spans);

}  // namespace triage::redact
