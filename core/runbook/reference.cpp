#include "core/runbook/reference.hpp"

#include <algorithm>
#include <array>
#include <expected>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace triage::runbook {
namespace {

constexpr const char* known_forms =
    "expected ${var.NAME}, ${env.NAME}, ${secret.NAME}, ${fact.CHECK.KEY} or ${each}";

// The length of "${…}" at the beginning of `text`; npos if it has no end. The value in the id of an
// instance, "cors[http://[::1]/{x}]", may hold braces and brackets: there the end is "].KEY}".
std::size_t reference_length(std::string_view text) {
    const auto brace = text.find('}');
    const auto bracket = text.find('[');
    if (bracket > brace) return brace == std::string_view::npos ? brace : brace + 1;
    const auto value_end = text.find("].", bracket);
    const auto end = text.find('}', value_end);
    return end == std::string_view::npos ? end : end + 1;
}

std::string unknown_form(std::string_view inside) {
    static const std::vector<std::string> words{"var", "env", "secret", "fact", "each"};
    const auto hint = base::did_you_mean(inside.substr(0, inside.find('.')), words);
    return fmt::format("unknown reference '${{{}}}': {}{}{}", inside, known_forms,
                       hint.empty() ? "" : ".", hint);
}

std::expected<Piece, BadReference> parse_one(std::string_view source) {
    const auto inside = source.substr(2, source.size() - 3);
    Piece piece;
    piece.source = source;
    if (inside == "each") {
        piece.kind = ReferenceKind::each;
        return piece;
    }
    constexpr std::array<std::pair<std::string_view, ReferenceKind>, 4> kinds{{
        {"var.", ReferenceKind::variable},
        {"env.", ReferenceKind::environment},
        {"secret.", ReferenceKind::secret},
        {"fact.", ReferenceKind::fact},
    }};
    const auto* const found = std::ranges::find_if(
        kinds, [&](const auto& kind) { return inside.starts_with(kind.first); });
    if (found == kinds.end()) {
        return std::unexpected(BadReference{piece.source, unknown_form(inside)});
    }
    piece.kind = found->second;
    piece.name = inside.substr(found->first.size());
    if (piece.kind == ReferenceKind::fact) {
        const auto dot = piece.name.rfind('.');
        if (dot == std::string::npos) {
            return std::unexpected(BadReference{
                piece.source,
                fmt::format("'{}' names no key: expected ${{fact.CHECK.KEY}}", piece.source)});
        }
        piece.key = piece.name.substr(dot + 1);
        piece.name.resize(dot);
        if (piece.key.empty()) piece.name.clear();
    }
    if (piece.name.empty()) {
        return std::unexpected(BadReference{
            piece.source, fmt::format("'{}' names nothing: {}", piece.source, known_forms)});
    }
    return piece;
}

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

}  // namespace

Pieces parse_pieces(std::string_view text) {
    const auto whole = text;
    Pieces pieces;
    std::string literal;
    const auto flush = [&] {
        if (literal.empty()) return;
        pieces.good.push_back({ReferenceKind::literal, std::exchange(literal, {}), {}, {}});
    };
    const auto note_bad = [&](BadReference bad) {
        bad.earlier = count(whole.substr(0, whole.size() - text.size()), bad.source);
        pieces.bad.push_back(std::move(bad));
    };
    while (!text.empty()) {
        const auto at = text.find("${");
        if (at == std::string_view::npos) {
            literal += text;
            break;
        }
        literal += text.substr(0, at);
        if (at > 0 && text[at - 1] == '$') {  // "$${"
            literal += '{';
            text.remove_prefix(at + 2);
            continue;
        }
        text.remove_prefix(at);
        const auto length = reference_length(text);
        if (length == std::string_view::npos) {
            note_bad({std::string(text),
                      fmt::format("'${{' without '}}': {}. Write $${{ for the text '${{' itself",
                                  known_forms)});
            break;
        }
        flush();
        if (auto piece = parse_one(text.substr(0, length))) {
            pieces.good.push_back(std::move(*piece));
        } else {
            note_bad(std::move(piece.error()));
        }
        text.remove_prefix(length);
    }
    flush();
    return pieces;
}

}  // namespace triage::runbook
