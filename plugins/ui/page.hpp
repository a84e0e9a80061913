/// What a page loads. The only place that knows the HTML parser.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ui {

/// One script or style that a page names.
struct Reference {
    bool is_script;
    std::string target;  ///< as written, character references resolved

    friend bool operator==(const Reference&, const Reference&) = default;
};

/// An HTML page, as far as loading it goes.
struct Page {
    static constexpr std::size_t most_references = 1000;

    std::string base;                   ///< of <base href>, or empty
    std::vector<Reference> references;  ///< in their order, each once, the first most_references
    std::size_t more_references = 0;    ///< those after them, not kept
    bool is_html = false;               ///< it has more than text and paragraphs
};

/// Reads any text; nothing in it is wrong, as with browsers. Left out is what browsers do not load,
/// and `data:`, which needs no request.
Page read_page(std::string_view text);

}  // namespace ui
