#include "core/runbook/arguments.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"
#include "core/runbook/combinations.hpp"
#include "core/runbook/misfits.hpp"
#include "core/runbook/reader.hpp"

namespace triage::runbook {
namespace {

using model::ParamType;
using model::Shape;

bool holds_secret(const model::ArgValue& value) {
    const auto* text = std::get_if<model::Template>(&value.value);
    return text != nullptr && std::ranges::any_of(text->parts, [](const auto& part) {
               return std::holds_alternative<model::SecretRef>(part);
           });
}

bool refers_to_secret(const Node& node) {
    const auto* text = std::get_if<std::string>(&node.value);
    // Most texts need not be taken apart for it.
    if (text == nullptr || !text->contains("${secret.")) return false;
    return std::ranges::any_of(parse_pieces(*text).good, [](const Piece& piece) {
        return piece.kind == ReferenceKind::secret;
    });
}

class ArgumentsReader {
public:
    ArgumentsReader(const CheckSchema& schema, const ArgumentContext& context, Values& values,
                    Problems& problems)
        : schema_(schema), context_(context), values_(values), problems_(problems) {
        context_.scope.open = true;
    }

    Arguments read(const Table* with) {
        static const Table nothing;
        const Table& table = with == nullptr ? nothing : *with;
        given_.resize(schema_.parameters.size());
        for (const auto& entry : table) {
            if (const auto* parameter = schema_.find(entry.key)) {
                given_[index_of(*parameter)] = &entry;
            } else {
                report_unknown(entry);
            }
        }
        result_.list.reserve(table.size() + schema_.fallbacks);
        for (std::size_t i = 0; i < given_.size(); ++i) {
            const auto& parameter = schema_.parameters[i];
            if (given_[i] != nullptr) {
                read_parameter(parameter, *given_[i]);
            } else if (parameter.fallback) {
                use_fallback(parameter);
            } else if (parameter.info->required) {
                report_missing(*parameter.info);
            }
        }
        for (std::size_t i = 0; i < given_.size(); ++i) {
            const auto& info = *schema_.parameters[i].info;
            if (given_[i] != nullptr) check_combination(schema_.parameters[i], *given_[i]);
            check_time(info);
            check_order(info);
            if (given_[i] != nullptr) check_keys(info, *given_[i]);
            check_difference(info);
        }
        check_one_of();
        return std::move(result_);
    }

private:
    std::size_t index_of(const Parameter& parameter) const {
        return static_cast<std::size_t>(&parameter - schema_.parameters.data());
    }

    // Where the runbook gives it, or null.
    const Entry* entry_of(std::string_view name) const {
        const auto* parameter = schema_.find(name);
        return parameter == nullptr ? nullptr : given_[index_of(*parameter)];
    }

    static bool is_time_to_answer(const model::ParamInfo& info) {
        return info.type == ParamType::duration && info.shape == Shape::one &&
               info.name == "timeout";
    }

    void use_fallback(const Parameter& parameter) {
        if (is_time_to_answer(*parameter.info)) {
            model::Argument argument = *parameter.fallback;
            auto* limit = std::get_if<std::int64_t>(&argument.items.at(0).value.value);
            if (limit != nullptr && *limit > context_.attempt.count()) {
                *limit = context_.attempt.count();
                return result_.list.push_back(std::move(argument));
            }
        }
        result_.list.share(parameter.fallback);
    }

    // How long an attempt may take: a check that is meant to take all of it comes to no end.
    void check_time(const model::ParamInfo& info) {
        if (!info.within_timeout && !is_time_to_answer(info)) return;
        const auto value = known_number(result_.list, info.name);
        const auto attempt = static_cast<double>(context_.attempt.count());
        if (!value || *value < attempt || (*value == attempt && !info.within_timeout)) return;
        const auto* entry = entry_of(info.name);
        misfit(entry == nullptr ? context_.at : entry->at, info.name,
               fmt::format("{}: '{}' is {} an attempt may take, which the check's own `timeout` "
                           "says: {}",
                           schema_.use, info.name,
                           info.within_timeout ? "not shorter than" : "longer than",
                           base::format_duration(context_.attempt)));
    }

    // What it must not be above.
    void check_order(const model::ParamInfo& info) {
        if (info.not_above.empty()) return;
        const auto value = known_number(result_.list, info.name);
        const auto most = known_number(result_.list, info.not_above);
        const auto* entry = entry_of(info.name);
        if (entry == nullptr) entry = entry_of(info.not_above);
        if (entry == nullptr || !value || !most || *value <= *most) return;
        misfit(entry->at, entry->key,
               fmt::format("{}: '{}'{} must not be above '{}'{}", schema_.use, info.name,
                           found(info, info.name, *value), info.not_above,
                           found(info, info.not_above, *most)));
    }

    // Each key is one of the other table's.
    void check_keys(const model::ParamInfo& info, const Entry& entry) {
        const auto* table = std::get_if<Table>(&entry.node.value);
        const auto* other = schema_.find(info.keys_of);
        if (other == nullptr || table == nullptr) return;
        std::vector<std::string> known;
        if (const auto* there = given_[index_of(*other)]; there != nullptr) {
            const auto* keys = std::get_if<Table>(&there->node.value);
            if (keys == nullptr) return;  // that is told already
            for (const auto& key : *keys)
                known.push_back(key.key);
        } else if (other->fallback) {
            for (const auto& item : other->fallback->items)
                known.push_back(item.key);
        }
        for (const auto& item : *table) {
            if (std::ranges::find(known, item.key) != known.end()) continue;
            problems_.wrong(Rule::parameter_value, item.at,
                            fmt::format("{}: '{}' has '{}', and '{}' has no such key.{}",
                                        schema_.use, entry.key, base::elide(item.key, 60),
                                        info.keys_of, base::did_you_mean(item.key, known)));
        }
    }

    // Whose values it has not.
    void check_difference(const model::ParamInfo& info) {
        if (info.differs_from.empty()) return;
        const auto value = known_text(result_.list, info.name);
        if (!value) return;
        for (const auto& other : info.differs_from) {
            if (!has_value(result_.list, other, *value)) continue;
            const auto* entry = entry_of(info.name);
            if (entry == nullptr) entry = entry_of(other);
            if (entry == nullptr) continue;  // both as the plugin has it
            const bool is_list = schema_.find(other)->info->shape == Shape::list;
            misfit(entry->at, outside_.contains(info.name) ? info.name : other,
                   fmt::format(
                       "{}: '{}'{} is the same as {}'{}'; expected another", schema_.use, info.name,
                       is_hidden(info.name) ? std::string()
                                            : fmt::format(" ('{}')", base::elide(*value, 60)),
                       is_list ? "one of " : "", other));
        }
    }

    // Also what is wrong is given: that is told already.
    bool is_given(const std::string& name) const {
        const auto found = std::ranges::find(result_.list, name, &model::Argument::name);
        if (found == result_.list.end()) return entry_of(name) != nullptr;
        return !found->items.empty() && known_text(result_.list, name) != "";
    }

    // Those of which one is needed.
    void check_one_of() {
        const auto& names = schema_.info->one_of;
        if (names.empty()) return;
        if (std::ranges::any_of(names, [&](const auto& name) { return is_given(name); })) return;
        problems_.wrong(Rule::missing_parameter, context_.at,
                        fmt::format("{} needs at least one of the parameters '{}'", schema_.use,
                                    fmt::join(names, "', '")),
                        how_to_write(*schema_.find(names.front())->info));
    }

    bool is_hidden(const std::string& name) const {
        const auto outside = outside_.find(name);
        return outside != outside_.end() && outside->second.hidden;
    }

    // " (2 s)", but never a value that is hidden.
    std::string found(const model::ParamInfo& info, const std::string& name, double value) const {
        if (is_hidden(name)) return {};
        if (info.type != ParamType::duration) return fmt::format(" ({})", value);
        return fmt::format(
            " ({})",
            base::format_duration(std::chrono::microseconds(static_cast<std::int64_t>(value))));
    }

    void misfit(Position at, const std::string& name, std::string message) {
        const auto outside = outside_.find(name);
        absent(report_misfit(Rule::parameter_value, at,
                             outside == outside_.end() ? Origin() : outside->second,
                             std::move(message), problems_));
    }

    // With what it makes no sense.
    void check_combination(const Parameter& parameter, const Entry& entry) {
        const auto& info = *parameter.info;
        if (info.not_with.empty() || !says_something(parameter)) return;
        if (known_text(result_.list, info.not_with) != info.not_with_value) return;
        auto message = fmt::format("{}: '{}' makes no sense where '{}' is {}", schema_.use,
                                   info.name, info.not_with, info.not_with_value);
        misfit(entry.at, info.not_with, std::move(message));
    }

    // Neither empty nor what it is without being said.
    bool says_something(const Parameter& parameter) const {
        for (const auto& argument : result_.list) {
            if (argument.name != parameter.info->name) continue;
            if (argument.items.empty()) return false;
            const auto said = known_text(result_.list, argument.name);
            return !said || !parameter.fallback ||
                   said != known_text(fallback_alone(parameter), argument.name);
        }
        return false;
    }

    static ArgumentList fallback_alone(const Parameter& parameter) {
        ArgumentList list;
        list.share(parameter.fallback);
        return list;
    }

    void report_unknown(const Entry& entry) {
        std::vector<std::string> known;
        known.reserve(schema_.parameters.size());
        for (const auto& parameter : schema_.parameters)
            known.push_back(parameter.info->name);
        const auto hint = base::did_you_mean(entry.key, known);
        std::string remedy;
        if (hint.empty()) {
            remedy = known.empty() ? "It has no parameters."
                                   : fmt::format("It has: {}.", fmt::join(known, ", "));
        }
        problems_.wrong(Rule::unknown_parameter, entry.at,
                        fmt::format("{} has no parameter '{}'.{}", schema_.use, entry.key, hint),
                        std::move(remedy));
    }

    void report_missing(const model::ParamInfo& info) {
        problems_.wrong(Rule::missing_parameter, context_.at,
                        fmt::format("{} needs the parameter '{}': expected {}", schema_.use,
                                    info.name, expectation(info.type)),
                        how_to_write(info));
    }

    static std::string how_to_write(const model::ParamInfo& info) {
        if (info.example) return fmt::format("For example with.{} = {}", info.name, *info.example);
        return fmt::format("Write with.{} = …: {}.", info.name, info.doc);
    }

    void read_parameter(const Parameter& parameter, const Entry& entry) {
        const auto& info = *parameter.info;
        model::Argument argument{info.name, info.type, info.shape, {}};
        const auto facts = result_.facts.size();
        const bool good = info.shape == Shape::one    ? read_one(parameter, entry, argument)
                          : info.shape == Shape::list ? read_list(parameter, entry, argument)
                                                      : read_map(parameter, entry, argument);
        if (good && has_enough(info, entry, argument)) {
            result_.list.push_back(std::move(argument));
        } else {
            result_.facts.resize(facts);
        }
    }

    // One value, its references put in.
    Expected<Value> expand(const Parameter& parameter, const Node& node, std::string_view name) {
        if (!std::holds_alternative<Array>(node.value) &&
            !std::holds_alternative<Table>(node.value) &&
            !std::holds_alternative<Date>(node.value)) {
            auto scope = context_.scope;
            scope.secrets = parameter.info->type == ParamType::secret;
            auto value = values_.expand(node, scope);
            if (scope.secrets || !refers_to_secret(node)) return value;
            problems_.wrong(Rule::secret_place, node.at,
                            fmt::format("{}: '{}': a secret may only go to a parameter of type "
                                        "secret; this one is of type {}",
                                        schema_.use, name, model::name(parameter.info->type)));
            return std::unexpected(Absent{});
        }
        problems_.wrong(Rule::parameter_type, node.at,
                        fmt::format("{}: '{}': found {}; expected {}", schema_.use, name,
                                    describe(node), expectation(parameter.info->type)));
        return std::unexpected(Absent{});
    }

    bool read_one(const Parameter& parameter, const Entry& entry, model::Argument& argument) {
        auto value = expand(parameter, entry.node, entry.key);
        if (!value) return absent(value.error());
        if (value->origin.outside) outside_.insert_or_assign(entry.key, value->origin);
        if (parameter.info->type == ParamType::secret &&
            !std::holds_alternative<model::Template>(value->value)) {
            problems_.wrong_hidden(
                Rule::secret_literal, entry.node.at,
                fmt::format("{}: '{}' must be a secret, but its text stands here", schema_.use,
                            entry.key),
                "Declare it in [secrets], say NAME = { from = [\"env:…\"] }, and write "
                "\"${secret.NAME}\".");
            return false;
        }
        auto item = convert(parameter, std::move(*value), entry.node.at, entry.key);
        if (!item) return false;
        if (parameter.info->type == ParamType::secret && !holds_secret(*item)) {
            problems_.wrong(Rule::secret_literal, entry.node.at,
                            fmt::format("{}: '{}' must hold a secret", schema_.use, entry.key),
                            "Write \"${secret.NAME}\".");
            return false;
        }
        argument.items.push_back({{}, std::move(*item)});
        return true;
    }

    bool read_list(const Parameter& parameter, const Entry& entry, model::Argument& argument) {
        if (const auto* array = std::get_if<Array>(&entry.node.value)) {
            bool good = true;
            for (const auto& node : *array)
                good = add_item(parameter, node, {}, entry.key, argument) && good;
            return good;
        }
        const auto* text = std::get_if<std::string>(&entry.node.value);
        if (text == nullptr || !has_references(*text)) {
            problems_.wrong(
                Rule::parameter_type, entry.node.at,
                fmt::format("{}: '{}' is {}; expected an array, each of it {}", schema_.use,
                            entry.key, describe(entry.node), expectation(parameter.info->type)));
            return false;
        }
        const auto list = values_.expand_list(entry.node, fmt::format("'{}'", entry.key));
        if (!list) return absent(list.error());
        if (list->origin.outside) outside_.try_emplace(argument.name, list->origin);
        for (const auto& scalar : std::get<std::vector<Scalar>>(list->value)) {
            Value value;
            std::visit([&](const auto& held) { value.value = held; }, scalar);
            value.origin = list->origin;
            auto item = convert(parameter, std::move(value), entry.node.at, entry.key);
            if (!item) return false;
            argument.items.push_back({{}, std::move(*item)});
        }
        return true;
    }

    bool read_map(const Parameter& parameter, const Entry& entry, model::Argument& argument) {
        const auto* table = std::get_if<Table>(&entry.node.value);
        if (table == nullptr) {
            problems_.wrong(Rule::parameter_type, entry.node.at,
                            fmt::format("{}: '{}' is {}; expected a table such as {{ name = … }}",
                                        schema_.use, entry.key, describe(entry.node)));
            return false;
        }
        bool good = true;
        for (const auto& item : *table) {
            good = is_key(parameter, entry.key, item) && good;
            good = add_item(parameter, item.node, item.key,
                            fmt::format("{}.{}", entry.key, item.key), argument) &&
                   good;
        }
        return good;
    }

    bool has_enough(const model::ParamInfo& info, const Entry& entry,
                    const model::Argument& argument) {
        const auto count = argument.items.size();
        const bool too_many = info.at_most_one && count > 1;
        if (count >= info.min_items && !too_many) return true;
        misfit(entry.node.at, entry.key,
               fmt::format("{}: '{}' has {} items; expected at {}", schema_.use, entry.key, count,
                           too_many ? "most one" : fmt::format("least {}", info.min_items)));
        return false;
    }

    bool is_key(const Parameter& parameter, const std::string& name, const Entry& item) {
        if (parameter.refuse_key && parameter.refuse_key->matches(item.key)) {
            problems_.wrong(Rule::parameter_value, item.at,
                            fmt::format("{}: '{}': the key '{}' is refused: {}", schema_.use, name,
                                        base::elide(item.key, 60), parameter.info->refuse_key_why));
            return false;
        }
        if (!parameter.key_pattern || parameter.key_pattern->matches(item.key)) return true;
        problems_.wrong(
            Rule::parameter_value, item.at,
            fmt::format("{}: '{}': the key '{}' does not fit; expected: {}", schema_.use, name,
                        base::elide(item.key, 60), parameter.info->doc));
        return false;
    }

    bool add_item(const Parameter& parameter, const Node& node, const std::string& key,
                  std::string_view name, model::Argument& argument) {
        auto value = expand(parameter, node, name);
        if (!value) return absent(value.error());
        if (value->origin.outside) outside_.try_emplace(argument.name, value->origin);
        auto item = convert(parameter, std::move(*value), node.at, name);
        if (!item) return false;
        argument.items.push_back({key, std::move(*item)});
        return true;
    }

    std::optional<model::ArgValue> convert(const Parameter& parameter, Value&& value, Position at,
                                           std::string_view name) {
        const auto& origin = value.origin;
        const auto* text = std::get_if<std::string>(&value.value);
        const bool has_comma = text != nullptr && text->contains(',');
        auto result = to_argument(parameter, std::move(value), context_.urls);
        if (result) {
            note_facts(*result, at);
            return std::move(*result);
        }
        auto message = fmt::format("{}: '{}': {}", schema_.use, name, result.error().message);
        if (origin.outside && has_comma && parameter.info->shape == Shape::list)
            message += "; for a list from outside write the reference alone, without brackets";
        const auto rule = origin.argument.empty() ? result.error().rule : Rule::parameter_value;
        absent(report_misfit(rule, at, origin, std::move(message), problems_));
        return std::nullopt;
    }

    void note_facts(const model::ArgValue& value, Position at) {
        const auto* text = std::get_if<model::Template>(&value.value);
        if (text == nullptr) return;
        for (const auto& part : text->parts) {
            if (std::holds_alternative<model::FactRef>(part)) result_.facts.push_back(at);
        }
    }

    bool absent(const Absent& absent) {
        if (absent.why && !result_.unmet) result_.unmet = absent.why;
        return false;
    }

    const CheckSchema& schema_;
    ArgumentContext context_;
    Values& values_;
    Problems& problems_;
    Arguments result_;
    std::vector<const Entry*> given_;        // by parameter; null: not given
    std::map<std::string, Origin> outside_;  // by parameter; of several values the first
};

}  // namespace

Arguments read_arguments(const CheckSchema& schema, const Table* with,
                         const ArgumentContext& context, Values& values, Problems& problems) {
    return ArgumentsReader(schema, context, values, problems).read(with);
}

}  // namespace triage::runbook
