#include "page.hpp"

#include <libxml/HTMLparser.h>

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <set>
#include <utility>

#include <triage/text.hpp>

namespace ui {
namespace {

std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

/// Names and values by turns, ended by a null; or null.
class Attributes {
public:
    explicit Attributes(const xmlChar** all) : all_(all) {}

    std::string_view get(std::string_view name) const {
        for (const auto** one = all_; one != nullptr && *one != nullptr; one += 2)
            if (triage::same_ignoring_case(view(*one), name)) return trimmed(view(one[1]));
        return {};
    }
    /// It is written, with a value or without.
    bool has(std::string_view name) const {
        for (const auto** one = all_; one != nullptr && *one != nullptr; one += 2)
            if (triage::same_ignoring_case(view(*one), name)) return true;
        return false;
    }
    /// Of a list of words, as in rel="preload stylesheet".
    bool has_word(std::string_view name, std::string_view word) const {
        auto rest = get(name);
        while (!rest.empty()) {
            const auto end = std::min(rest.find_first_of(spaces), rest.size());
            if (triage::same_ignoring_case(rest.substr(0, end), word)) return true;
            rest = trimmed(rest.substr(end));
        }
        return false;
    }

private:
    static constexpr std::string_view spaces = " \t\r\n\f";

    static std::string_view trimmed(std::string_view text) {
        const auto first = std::min(text.find_first_not_of(spaces), text.size());
        const auto last = text.find_last_not_of(spaces);
        return text.substr(first, last == text.npos ? 0 : last + 1 - first);
    }

    const xmlChar** all_;
};

/// What the parser's calls have in common.
struct Reading {
    Page page;
    std::set<std::pair<bool, std::string>> seen;
    std::size_t depth_unused = 0;  ///< in how many elements whose content is not loaded
};

void add(Reading& reading, bool is_script, std::string_view target) {
    if (target.empty() || triage::same_ignoring_case(target.substr(0, 5), "data:")) return;
    std::pair key(is_script, std::string(target));
    if (reading.seen.contains(key)) return;
    if (reading.page.references.size() == Page::most_references) {
        ++reading.page.more_references;
        return;
    }
    reading.page.references.push_back({is_script, key.second});
    reading.seen.insert(std::move(key));
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> all) {
    return std::ranges::any_of(all,
                               [&](auto one) { return triage::same_ignoring_case(text, one); });
}

void add_script(Reading& reading, const Attributes& attributes) {
    const bool is_javascript =
        is_one_of(attributes.get("type"),
                  {"", "module", "text/javascript", "application/javascript",
                   "application/x-javascript", "text/ecmascript", "application/ecmascript"});
    // Browsers that know modules do not load `nomodule`.
    if (is_javascript && !attributes.has("nomodule")) add(reading, true, attributes.get("src"));
}

void add_link(Reading& reading, const Attributes& attributes) {
    if (attributes.has("disabled") || attributes.has_word("rel", "alternate") ||
        triage::same_ignoring_case(attributes.get("media"), "print"))
        return;
    const auto target = attributes.get("href");
    const bool is_preload = attributes.has_word("rel", "preload");
    const bool is_script = attributes.has_word("rel", "modulepreload") ||
                           (is_preload && attributes.has_word("as", "script"));
    const bool is_style = attributes.has_word("rel", "stylesheet") ||
                          (is_preload && attributes.has_word("as", "style"));
    if (is_script || is_style) add(reading, is_script, target);
}

/// With scripts enabled, what is in these is text, or there for scripts to use.
bool is_unused(std::string_view element) {
    return is_one_of(element, {"template", "noscript", "textarea"});
}

void on_element(void* context, const xmlChar* name, const xmlChar** all) {
    auto& reading = *static_cast<Reading*>(context);
    auto& page = reading.page;
    const Attributes attributes(all);
    const auto element = view(name);
    // The parser puts these around any text.
    page.is_html |= element != "html" && element != "body" && element != "p";
    if (is_unused(element)) ++reading.depth_unused;
    if (reading.depth_unused > 0) return;
    if (element == "script") add_script(reading, attributes);
    if (element == "link") add_link(reading, attributes);
    if (element == "base" && page.base.empty()) page.base = attributes.get("href");
}

void on_end(void* context, const xmlChar* name) {
    auto& reading = *static_cast<Reading*>(context);
    if (is_unused(view(name)) && reading.depth_unused > 0) --reading.depth_unused;
}

std::size_t find_any_case(std::string_view text, std::string_view lower) {
    const auto at = std::ranges::search(text, lower, {}, [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return static_cast<std::size_t>(at.begin() - text.begin());
}

// In pieces: the parser takes an int.
void feed(htmlParserCtxt& parser, std::string_view text) {
    constexpr std::size_t piece = 64 * 1024;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        const auto part = text.substr(at, piece);
        htmlParseChunk(&parser, part.data(), static_cast<int>(part.size()), 0);
    }
}

}  // namespace

Page read_page(std::string_view text) {
    Reading reading;
    xmlSAXHandler handler{};
    handler.startElement = on_element;
    handler.endElement = on_end;
    const std::unique_ptr<htmlParserCtxt, decltype(&htmlFreeParserCtxt)> parser(
        htmlCreatePushParserCtxt(&handler, &reading, nullptr, 0, nullptr, XML_CHAR_ENCODING_UTF8),
        &htmlFreeParserCtxt);
    if (!parser) return {};
    htmlCtxtUseOptions(parser.get(), HTML_PARSE_NONET | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
    while (!text.empty()) {
        // Browsers go on after the end of the document, the parser does not: it never sees one.
        const auto end = find_any_case(text, "</html");
        feed(*parser, text.substr(0, end));
        text.remove_prefix(std::min(text.find('>', end), text.size() - 1) + 1);
    }
    htmlParseChunk(parser.get(), nullptr, 0, 1);
    return std::move(reading.page);
}

}  // namespace ui
