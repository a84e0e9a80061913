#include "core/runbook/toml.hpp"

#include <algorithm>
#include <span>
#include <sstream>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/runbook/key_depth.hpp"

#define TOML_HEADER_ONLY 0
#include <toml++/toml.h>

namespace triage::runbook {
namespace {

// With the limit of key_depth.hpp, toml++ nests to a few thousand levels, of which this folder's
// own functions see no more than 64.
constexpr std::size_t max_depth = 64;

class Converter {
public:
    explicit Converter(std::uint32_t source) : source_(source) {}

    // Empties `node`: its strings move into the tree. Throws SyntaxError.
    void convert(toml::node& node, Node& result) {
        result.at = position(node.source());
        if (++depth_ > max_depth) {
            throw SyntaxError{Rule::syntax,
                              result.at,
                              fmt::format("values are nested more than {} deep", max_depth),
                              {}};
        }
        switch (node.type()) {
            case toml::node_type::boolean:
                result.value = **node.as_boolean();
                break;
            case toml::node_type::integer:
                result.value = **node.as_integer();
                break;
            case toml::node_type::floating_point:
                result.value = **node.as_floating_point();
                break;
            case toml::node_type::string:
                result.value = std::move(**node.as_string());
                break;
            case toml::node_type::array:
                array(*node.as_array(), result.value.emplace<Array>());
                break;
            case toml::node_type::table:
                table(*node.as_table(), result.value.emplace<Table>());
                break;
            case toml::node_type::date:
                result.value = Date{text_of(**node.as_date())};
                break;
            case toml::node_type::time:
                result.value = Date{text_of(**node.as_time())};
                break;
            case toml::node_type::date_time:
                result.value = Date{text_of(**node.as_date_time())};
                break;
            case toml::node_type::none:
                break;
        }
        --depth_;
    }

private:
    void array(toml::array& nodes, Array& result) {
        result.reserve(nodes.size());
        for (auto& node : nodes)
            convert(node, result.emplace_back());
    }

    void table(toml::table& entries, Table& result) {
        // toml++ keeps them by name. Pointers are sorted: entries are large.
        const auto first = waiting_.size();
        for (auto&& [key, node] : entries)
            waiting_.emplace_back(&key, &node);
        std::ranges::sort(std::span(waiting_).subspan(first), {}, [](const auto& entry) {
            const auto& begin = entry.first->source().begin;
            return std::pair(begin.line, begin.column);
        });
        result.reserve(entries.size());
        for (auto i = first; i < first + entries.size(); ++i) {
            const auto [key, node] = waiting_[i];
            auto& entry = result.emplace_back(std::string(key->str()), position(key->source()));
            convert(*node, entry.node);
        }
        waiting_.resize(first);
    }

    template <class T>
    static std::string text_of(const T& value) {
        std::ostringstream out;
        out << value;
        return out.str();
    }

    Position position(const toml::source_region& region) const {
        const auto& [begin, end] = std::pair(region.begin, region.end);
        const bool one_line = begin.line == end.line && end.column > begin.column;
        return {source_, begin.line, begin.column, one_line ? end.column - begin.column : 1};
    }

    std::uint32_t source_;
    std::size_t depth_ = 0;
    // Entries that are still to be converted, of all tables that are open; innermost last.
    std::vector<std::pair<const toml::key*, toml::node*>> waiting_;
};

Position position_of(std::string_view text, std::size_t offset, std::uint32_t source) {
    const auto before = text.substr(0, offset);
    const auto line_start = before.rfind('\n') + 1;  // npos + 1 == 0
    const auto is_first_byte = [](char c) { return (c & 0xC0) != 0x80; };
    return {source, static_cast<std::uint32_t>(std::ranges::count(before, '\n') + 1),
            static_cast<std::uint32_t>(
                std::ranges::count_if(before.substr(line_start), is_first_byte) + 1),
            1};
}

// toml++ points behind the value that redefines a key; the line's own key is the better place.
void point_at_key(std::string_view text, SyntaxError& error) {
    if (!error.message.contains("redefine")) return;
    std::size_t start = 0;
    for (std::uint32_t line = 1; line < error.at.line; ++line)
        start = text.find('\n', start) + 1;
    const auto line = text.substr(start, text.find('\n', start) - start);
    const auto key = line.find_first_not_of(" \t[");
    if (key == std::string_view::npos) return;
    error.at.column = static_cast<std::uint32_t>(key + 1);
    error.at.length = static_cast<std::uint32_t>(line.find_first_of(" \t=].", key) - key);
    if (line.find_first_of(" \t=].", key) == std::string_view::npos) error.at.length = 1;
    error.remedy = "A key or table may be written only once; a list of tables is written [[…]].";
}

SyntaxError from(const toml::parse_error& error, std::string_view text, std::uint32_t source) {
    std::string_view what = error.description();
    constexpr std::string_view prefix = "Error while parsing ";
    if (what.starts_with(prefix)) what.remove_prefix(prefix.size());
    what = what.substr(0, what.find(" (TOML_MAX_NESTED_VALUES)"));
    const auto begin = error.source().begin;
    SyntaxError result{.rule = Rule::syntax,
                       .at = {source, begin.line, begin.column, 1},
                       .message = "not valid TOML: " + base::printable(what),
                       .remedy = {}};
    point_at_key(text, result);
    return result;
}

}  // namespace

std::expected<Node, SyntaxError> parse_toml(std::string_view text, std::uint32_t source) {
    if (const auto bad = base::find_invalid_utf8(text); bad != std::string_view::npos) {
        return std::unexpected(
            SyntaxError{Rule::invalid_utf8, position_of(text, bad, source),
                        fmt::format("byte 0x{:02X} is not valid UTF-8; TOML is written in UTF-8",
                                    static_cast<unsigned char>(text[bad])),
                        "Save the file in UTF-8."});
    }
    if (const auto deep = find_deep_key(text); deep != std::string_view::npos) {
        return std::unexpected(
            SyntaxError{Rule::syntax, position_of(text, deep, source),
                        fmt::format("a dotted key has more than {} parts", max_key_parts),
                        "Put text with dots in quotes."});
    }
    try {
        auto table = toml::parse(text, std::string_view{});
        Node root;
        Converter(source).convert(table, root);
        return root;
    } catch (const toml::parse_error& error) {
        return std::unexpected(from(error, text, source));
    } catch (SyntaxError& error) {
        return std::unexpected(std::move(error));
    }
}

}  // namespace triage::runbook
