/// What a page loads. The only place that knows the HTML parser.
#pragma once

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
    std::string base;                   ///< of <base href>, or empty
    std::vector<Reference> references;  ///< in their order, each once
    bool is_html = false;               ///< it has more than text and paragraphs
};

/// Reads any text; nothing in it is wrong, as with browsers. `data:` is left out, it needs no
/// request.
Page read_page(std::string_view text);

}  // namespace ui
