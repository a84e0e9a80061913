#include "core/runbook/values.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/runbook/joiner.hpp"
#include "core/runbook/misfits.hpp"
#include "core/runbook/reader.hpp"

namespace triage::runbook {
namespace {

Value each(const Scope& scope) {
    const auto origin = scope.each_origin == nullptr ? Origin{} : *scope.each_origin;
    return std::visit([&](const auto& held) { return Value{held, origin}; }, *scope.each);
}

std::size_t size_of(const Value& value) {
    struct Size {
        std::size_t operator()(const std::string& text) const { return text.size(); }
        std::size_t operator()(const std::vector<Scalar>& list) const {
            auto size = list.size();
            for (const auto& item : list)
                size += std::visit(*this, item);
            return size;
        }
        std::size_t operator()(const model::Template& text) const {
            std::size_t size = 0;
            for (const auto& part : text.parts) {
                if (const auto* literal = std::get_if<std::string>(&part)) size += literal->size();
            }
            return size;
        }
        std::size_t operator()(bool) const { return 0; }
        std::size_t operator()(std::int64_t) const { return 0; }
        std::size_t operator()(double) const { return 0; }
    };
    return std::visit(Size{}, value.value);
}

bool is_list(const Value& value) {
    return std::holds_alternative<std::vector<Scalar>>(value.value);
}

}  // namespace

Expected<Value> Values::expand(const Node& node, Scope scope) {
    if (const auto* text = std::get_if<std::string>(&node.value)) {
        if (!has_references(*text)) {
            return scope.each == nullptr ? Value{*text, {}} : counted(Value{*text, {}}, node);
        }
        // Without taking it apart for each of ten thousand instances.
        if (*text == "${each}" && scope.each != nullptr) return counted(each(scope), node);
        const auto [good, bad] = parse_pieces(*text);
        auto value = put_in(good, node, scope);  // also beside a bad one: all errors are found
        for (const auto& [source, message, earlier] : bad) {
            problems_.wrong(Rule::bad_reference, problems_.find_in_line(node.at, source, earlier),
                            message);
        }
        return bad.empty() ? std::move(value) : std::unexpected(Absent{});
    }
    if (const auto* value = std::get_if<bool>(&node.value)) return Value{*value, {}};
    if (const auto* value = std::get_if<std::int64_t>(&node.value)) return Value{*value, {}};
    if (const auto* value = std::get_if<double>(&node.value)) return Value{*value, {}};
    problems_.wrong(Rule::wrong_type, node.at,
                    fmt::format("found {}; expected a string, a number or a bool", describe(node)),
                    std::holds_alternative<Date>(node.value) ? "Write the date in quotes." : "");
    return std::unexpected(Absent{});
}

// What a variable may be: also an array.
Expected<Value> Values::literal(const Node& node) {
    if (!std::holds_alternative<Array>(node.value)) return expand(node, {});
    return expand_list(node, "a variable");
}

Expected<std::string> Values::expand_text(const Node& node, Scope scope) {
    auto original = expand_original(node, scope);
    if (!original) return std::unexpected(std::move(original.error()));
    return std::move(original->text);
}

Expected<OriginalText> Values::expand_original(const Node& node, Scope scope) {
    auto value = expand(node, scope);
    if (!value) return std::unexpected(std::move(value.error()));
    Joiner joiner;
    if (joiner.add(std::move(*value))) {
        auto text = joiner.take();
        return OriginalText{std::get<std::string>(std::move(text.value)), std::move(text.origin)};
    }
    problems_.wrong(Rule::wrong_type, node.at, "the variable is an array; expected one value");
    return std::unexpected(Absent{});
}

Expected<Value> Values::expand_list(const Node& node, std::string_view what) {
    if (const auto* array = std::get_if<Array>(&node.value)) {
        std::vector<Scalar> items;
        Origin origin;
        std::optional<Absent> absent;
        for (const auto& item : *array) {
            auto value = expand(item, {});
            if (value && is_list(*value)) {
                problems_.wrong(Rule::wrong_type, item.at,
                                fmt::format("{} holds an array in an array", what));
                value = std::unexpected(Absent{});
            }
            if (!value) {
                // "wrong" counts more than "missing here"
                if (!absent || !value.error().why) absent = std::move(value.error());
                continue;
            }
            if (value->origin.outside) origin = value->origin;
            std::visit(
                [&]<class T>(T& held) {
                    if constexpr (std::is_constructible_v<Scalar, T>)
                        items.emplace_back(std::move(held));
                },
                value->value);
        }
        if (absent) return std::unexpected(std::move(*absent));
        return Value{std::move(items), std::move(origin)};
    }
    auto value = expand(node, {});
    if (!value || is_list(*value)) return value;
    if (value->origin.outside) {
        if (const auto* text = std::get_if<std::string>(&value->value)) {
            if (!text->empty()) return Value{split_at_commas(*text), std::move(value->origin)};
            return std::unexpected(report_misfit(
                Rule::out_of_bounds, node.at, value->origin,
                "the list is empty; expected values, separated by commas", problems_));
        }
    }
    problems_.wrong(Rule::wrong_type, node.at,
                    fmt::format("{} is {}; expected an array, or a variable that is one", what,
                                describe(node)));
    return std::unexpected(Absent{});
}

Expected<Value> Values::put_in(const std::vector<Piece>& pieces, const Node& node, Scope scope) {
    if (pieces.size() == 1 && pieces[0].kind != ReferenceKind::literal) {
        return counted(look_up(pieces[0], node, scope), node);
    }
    Joiner joiner;
    std::size_t size = 0;
    std::optional<Absent> absent;
    for (const auto& piece : pieces) {
        if (piece.kind == ReferenceKind::literal) {
            joiner.add_part(piece.name);
            continue;
        }
        auto value = look_up(piece, node, scope);  // all of them, so that all errors are found
        if (value) size += size_of(*value);
        if (size > max_value_bytes) {
            return std::unexpected(
                wrong(Rule::out_of_bounds, node, piece,
                      fmt::format("the text is longer than {} MiB with its references put in",
                                  max_value_bytes >> 20)));
        }
        if (!value) {
            // "wrong" counts more than "missing here"
            if (!absent || !value.error().why) absent = std::move(value.error());
        } else if (!joiner.add(std::move(*value))) {
            absent =
                wrong(Rule::wrong_type, node, piece,
                      fmt::format("'{}' is an array: it cannot be a part of a text", piece.source));
        }
    }
    if (absent) return std::unexpected(std::move(*absent));
    return counted(joiner.take(), node);
}

// The value, unless all values together are more than fits.
Expected<Value> Values::counted(Expected<Value> value, const Node& node) {
    if (!value) return value;
    const bool fitted = expanded_ <= max_expanded_bytes;
    expanded_ += size_of(*value);
    if (expanded_ <= max_expanded_bytes) return value;
    if (fitted) {
        problems_.wrong(Rule::out_of_bounds, node.at,
                        fmt::format("the runbook's values, with their references put in, are more "
                                    "than {} MiB in all",
                                    max_expanded_bytes >> 20));
    }
    return std::unexpected(Absent{});
}

Expected<Value> Values::look_up(const Piece& piece, const Node& node, Scope scope) {
    switch (piece.kind) {
        case ReferenceKind::variable:
            return variable(piece, node);
        case ReferenceKind::environment:
            return environment(piece, node);
        case ReferenceKind::secret:
            return secret(piece, node, scope);
        case ReferenceKind::fact:
            if (!scope.open) break;
            return Value{model::Template{{model::FactRef{piece.name, piece.key}}}, {}};
        case ReferenceKind::each:
            if (scope.each == nullptr && scope.each_unknown) return std::unexpected(Absent{});
            if (scope.each == nullptr) break;
            return each(scope);
        case ReferenceKind::literal:
            break;
    }
    return std::unexpected(
        wrong(Rule::reference_place, node, piece,
              piece.kind == ReferenceKind::each
                  ? "'${each}' may stand only in a check with for-each"
                  : fmt::format("'{}' may stand only in a parameter (with.…): facts are not known "
                                "before the run",
                                piece.source)));
}

Expected<Value> Values::variable(const Piece& piece, const Node& node) {
    const auto found = variables_.find(piece.name);
    if (found == variables_.end() && unread_.contains("vars")) return std::unexpected(Absent{});
    if (found == variables_.end()) {
        const auto hint = problems_.hint(piece.name, [this] { return variable_names(); });
        return std::unexpected(wrong(Rule::unknown_variable, node, piece,
                                     fmt::format("no variable is called '{}'.{}", piece.name, hint),
                                     "Variables stand in [vars]."));
    }
    const auto& value = resolve(piece.name, found->second);
    if (value) return value;
    if (!value.error().why) return std::unexpected(Absent{});  // reported where it is declared
    base::Error why = *value.error().why;
    if (why.message.empty()) {
        why.message = fmt::format("the variable '{}' is not set", piece.name);
        const auto& ways = found->second.how_to_set;
        why.remedy = fmt::format("Set it with --var {}=…{}{}.", piece.name,
                                 ways.empty() ? "" : ", or as ", ways);
    }
    return std::unexpected(unmet(Rule::unset_variable, node, piece, std::move(why)));
}

Expected<Value> Values::environment(const Piece& piece, const Node& node) {
    auto value = sources_.environment(piece.name);
    const bool readable = value && base::find_invalid_utf8(*value) == std::string::npos;
    if (readable && !value->empty()) {
        return Value{std::move(*value),
                     {.name = fmt::format("the environment variable {}", piece.name),
                      .argument = {},
                      .outside = true,
                      .untyped = true,
                      .hidden = true}};
    }
    return std::unexpected(
        unmet(Rule::unset_variable, node, piece,
              {fmt::format("the environment variable {} is {}", piece.name,
                           !value || readable ? "not set" : "not valid UTF-8"),
               fmt::format("Set {} in the environment. For a default, declare a variable in "
                           "[vars].",
                           piece.name)}));
}

Expected<Value> Values::secret(const Piece& piece, const Node& node, Scope scope) {
    const auto* secret = find_secret(piece.name);
    if (!scope.open) {
        return std::unexpected(
            wrong(Rule::secret_place, node, piece,
                  fmt::format("'{}' may stand only in a parameter of type secret", piece.source)));
    }
    if (secret == nullptr && unread_.contains("secrets")) return std::unexpected(Absent{});
    if (secret == nullptr) {
        const auto hint = problems_.hint(piece.name, [this] { return secret_names(); });
        return std::unexpected(wrong(Rule::unknown_secret, node, piece,
                                     fmt::format("no secret is called '{}'.{}", piece.name, hint),
                                     "Secrets stand in [secrets]."));
    }
    // Where it may not stand, it is wrong whether it is set or not.
    if (secret->value || !scope.secrets)
        return Value{model::Template{{model::SecretRef{piece.name}}}, {}};
    const auto found = unset_secrets_.find(piece.name);
    if (found == unset_secrets_.end()) return std::unexpected(Absent{});  // wrong: reported
    auto why = found->second;
    return std::unexpected(unmet(Rule::unset_secret, node, piece, std::move(why)));
}

Absent Values::wrong(Rule rule, const Node& node, const Piece& piece, std::string message,
                     std::string remedy) {
    problems_.wrong(rule, problems_.find_in_line(node.at, piece.source), std::move(message),
                    std::move(remedy));
    return {};
}

Absent Values::unmet(Rule rule, const Node& node, const Piece& piece, base::Error why) {
    // A variable that nobody uses may be unset: its uses say so.
    if (busy_.empty()) {
        problems_.unmet(rule, problems_.find_in_line(node.at, piece.source), why.message,
                        why.remedy);
    }
    return {std::move(why)};
}

}  // namespace triage::runbook
