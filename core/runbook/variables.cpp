// [vars], --var and profiles.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"
#include "core/runbook/misfits.hpp"
#include "core/runbook/reader.hpp"
#include "core/runbook/values.hpp"

namespace triage::runbook {
namespace {

// A chain of variables takes as much of the stack.
constexpr std::size_t max_variable_depth = 100;
constexpr std::array<std::string_view, 3> variable_keys{"from", "default", "doc"};

template <class T>
std::optional<T> number(const std::string& text) {
    T value{};
    const char* end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || last != end) return std::nullopt;
    return value;
}

// Why typed_like() has no value. The text itself may be a secret.
std::string misfit(const std::string& text, const Node* pattern) {
    if (pattern == nullptr || base::find_invalid_utf8(text) != std::string::npos) {
        return "is not valid UTF-8";
    }
    return fmt::format("is {}, which is not of the type of the default, {}",
                       describe(Value{text, {.name = {}, .argument = {}, .hidden = true}}),
                       describe(*pattern));
}

}  // namespace

Values::Values(const Merged& merged, const Inputs& inputs, Problems& problems)
    : problems_(problems),
      unread_(merged.unread),
      vars_option_(inputs.vars_option),
      vars_hidden_(inputs.vars_hidden),
      sources_(merged, inputs, problems) {
    declare_variables(merged, inputs);
    for (auto& [name, variable] : variables_)
        resolve(name, variable);
    declare_secrets(merged);
}

void Values::declare_variables(const Merged& merged, const Inputs& inputs) {
    for (const auto* entry : merged.vars) {
        variables_[entry->key].declared = entry;
        if (!entry->key.empty() && entry->key.find_first_of("{}$ \n") == std::string::npos)
            continue;
        problems_.wrong(Rule::bad_id, entry->at,
                        fmt::format("'{}' cannot be the name of a variable: expected letters, "
                                    "digits, '-' and '_'",
                                    entry->key));
    }
    if (!unread_.contains("vars")) check_profiles(merged);
    if (inputs.profile) choose_profile(merged, *inputs.profile);
    for (const auto& [name, value] : inputs.vars) {
        const auto found = variables_.find(name);
        if (found != variables_.end()) {
            found->second.argument = value;
            continue;
        }
        if (unread_.contains("vars")) continue;
        const auto known = variable_names();
        problems_.wrong_at(Rule::unknown_variable, inputs.vars_option + name,
                           fmt::format("the runbook has no variable '{}'.{}", name,
                                       base::did_you_mean(name, known)),
                           known.empty() ? "It has no variables at all."
                                         : fmt::format("It has: {}.", fmt::join(known, ", ")));
    }
}

void Values::check_profiles(const Merged& merged) {
    const auto known = variable_names();
    for (const auto& profile : merged.profiles) {
        for (const auto* entry : profile.vars) {
            if (variables_.contains(entry->key)) continue;
            problems_.wrong(
                Rule::unknown_variable, entry->at,
                fmt::format("the profile '{}' sets the variable '{}', which is not in "
                            "[vars].{}",
                            profile.name, entry->key, base::did_you_mean(entry->key, known)));
        }
    }
}

void Values::choose_profile(const Merged& merged, const std::string& name) {
    std::vector<std::string> known;
    for (const auto& profile : merged.profiles) {
        known.push_back(profile.name);
        if (profile.name != name) continue;
        for (const auto* entry : profile.vars) {
            const auto found = variables_.find(entry->key);
            if (found != variables_.end()) found->second.profiled = entry;
        }
        return;
    }
    if (unread_.contains("profile")) return;
    problems_.wrong_at(
        Rule::unknown_profile, "--profile " + name,
        fmt::format("the runbook has no profile '{}'.{}", name, base::did_you_mean(name, known)),
        known.empty() ? "A profile is written [profile.NAME.vars]."
                      : fmt::format("It has: {}.", fmt::join(known, ", ")));
}

std::vector<std::string> Values::variable_names() const {
    std::vector<std::string> names;
    names.reserve(variables_.size());
    for (const auto& [name, ignored] : variables_)
        names.push_back(name);
    return names;
}

const Expected<Value>& Values::resolve(const std::string& name, Variable& variable) {
    if (variable.state == State::fresh && busy_.size() >= max_variable_depth) {
        problems_.wrong(
            Rule::out_of_bounds, variable.declared->at,
            fmt::format("variables refer to each other more than {} deep", max_variable_depth));
        variable.state = State::done;
    } else if (variable.state == State::fresh) {
        variable.state = State::busy;
        busy_.push_back(name);
        variable.value = evaluate(name, variable);
        busy_.pop_back();
        variable.state = State::done;
    } else if (variable.state == State::busy) {
        const auto first = std::ranges::find(busy_, name);
        problems_.wrong(Rule::variable_cycle, variable.declared->at,
                        fmt::format("variables refer to each other in a circle: {} → {}",
                                    fmt::join(first, busy_.end(), " → "), name));
    }
    return variable.value;
}

Expected<Value> Values::evaluate(const std::string& name, Variable& variable) {
    // Also what is not used is read, so that everything wrong is found.
    auto chosen = from_entry(name, variable, *variable.declared);
    if (variable.profiled != nullptr) {
        auto absent_files = std::exchange(variable.absent_files, {});
        auto profiled = from_entry(name, variable, *variable.profiled);
        // Only a profile that says nothing leaves it to the declaration. What it says, but cannot
        // be had here, is missing: the checks would look at something else, and pass.
        if (profiled || !profiled.error().why || !profiled.error().why->message.empty()) {
            chosen = std::move(profiled);
        } else {
            variable.absent_files = std::move(absent_files);
        }
    }
    if (variable.argument) return from_argument(name, variable);
    if (chosen) {
        for (const auto& file : variable.absent_files)
            defaults_used_[file].insert(name);
    }
    return chosen;
}

Expected<Value> Values::from_entry(const std::string& name, Variable& variable,
                                   const Entry& entry) {
    const auto* table = std::get_if<Table>(&entry.node.value);
    if (table == nullptr) return literal(entry.node);
    const Reader reader(*table, entry.at, "a variable", variable_keys, problems_);
    reader.string("doc");
    const auto* from = reader.array("from");
    const auto* fallback = reader.get("default");
    // The default is read in any case: what is wrong with it is wrong on every machine.
    auto value = fallback == nullptr ? Expected<Value>(std::unexpected(Absent{base::Error{}}))
                                     : literal(fallback->node);
    auto found = sources_.read(from == nullptr ? std::vector<SourceRef>() : sources_.parse(*from));
    if (!found) return instead_of(name, variable, std::move(found.error()), std::move(value));
    const auto* pattern = default_of(variable);
    auto typed = typed_like(found->value, pattern);
    if (!typed) {
        return std::unexpected(
            Absent{base::Error{fmt::format("the variable '{}' (from {}) {}", name, found->source,
                                           misfit(found->value, pattern)),
                               {}}});
    }
    typed->origin.name = fmt::format("the variable '{}', from {}", name, found->source);
    typed->origin.outside = true;
    typed->origin.hidden = true;
    typed->origin.untyped = pattern == nullptr;
    return std::move(*typed);
}

// What a variable is if none of its sources is set: its default.
Expected<Value> Values::instead_of(const std::string& name, Variable& variable, NotFound missing,
                                   Expected<Value> fallback) {
    if (missing.broken) {
        // Not the default: the checks would look at something else than the file says, and pass.
        return std::unexpected(Absent{base::Error{
            fmt::format("the variable '{}' cannot be known: {}", name, missing.broken->message),
            fmt::format("Correct that file, or set {}{}=…: that goes before it.", vars_option_,
                        name)}});
    }
    if (!missing.how_to_set.empty()) variable.how_to_set = std::move(missing.how_to_set);
    if (fallback) variable.absent_files = std::move(missing.absent);
    return fallback;
}

std::vector<std::string> Values::notices() const {
    std::vector<std::string> result;
    for (const auto& [file, names] : defaults_used_) {
        result.push_back(fmt::format("{} is not there: the default{} of '{}' {} used", file,
                                     names.size() == 1 ? "" : "s", fmt::join(names, "', '"),
                                     names.size() == 1 ? "is" : "are"));
    }
    return result;
}

const Node* Values::default_of(const Variable& variable) const {
    const auto* table = std::get_if<Table>(&variable.declared->node.value);
    if (table == nullptr) return &variable.declared->node;
    const auto* fallback = find(*table, "default");
    return fallback == nullptr ? nullptr : &fallback->node;
}

// Text from outside has the type of the default; nothing if it is not of that type.
std::optional<Value> Values::typed_like(const std::string& text, const Node* pattern) const {
    if (base::find_invalid_utf8(text) != std::string::npos) return std::nullopt;
    if (pattern == nullptr) return Value{text, {}};
    if (std::holds_alternative<Array>(pattern->value)) return Value{split_at_commas(text), {}};
    if (std::holds_alternative<bool>(pattern->value)) {
        if (text == "true" || text == "false") return Value{text == "true", {}};
        return std::nullopt;
    }
    if (std::holds_alternative<std::int64_t>(pattern->value)) {
        const auto value = number<std::int64_t>(text);
        return value ? std::optional(Value{*value, {}}) : std::nullopt;
    }
    if (std::holds_alternative<double>(pattern->value)) {
        const auto value = number<double>(text);
        return value ? std::optional(Value{*value, {}}) : std::nullopt;
    }
    return Value{text, {}};
}

Expected<Value> Values::from_argument(const std::string& name, Variable& variable) {
    const auto place = vars_option_ + name;
    const auto* pattern = default_of(variable);
    const bool list = pattern != nullptr && std::holds_alternative<Array>(pattern->value);
    if (list && variable.argument->empty()) {
        // Nothing would be looked at, and all would seem well.
        problems_.wrong_at(Rule::out_of_bounds, place,
                           "the list is empty; expected values, separated by commas");
        return std::unexpected(Absent{});
    }
    auto value = typed_like(*variable.argument, pattern);
    if (!value) {
        problems_.wrong_at(Rule::wrong_type, place,
                           fmt::format("the value {}", misfit(*variable.argument, pattern)));
        return std::unexpected(Absent{});
    }
    value->origin = {.name = fmt::format("from {}", place),
                     .argument = place,
                     .outside = true,
                     .untyped = pattern == nullptr,
                     .hidden = vars_hidden_};
    return std::move(*value);
}

std::vector<Setting> Values::settings() const {
    auto out = sources_.settings();
    for (const auto& [name, variable] : variables_) {
        if (!variable.value) continue;
        std::string text;
        if (const auto* list = std::get_if<std::vector<Scalar>>(&variable.value->value)) {
            for (const auto& one : *list)
                text += (text.empty() ? "" : ",") + to_text(one);
        } else if (const auto* string = std::get_if<std::string>(&variable.value->value)) {
            text = *string;
        } else {
            continue;  // a number or truth value stands in the runbook, or nobody cares
        }
        out.push_back({"var " + name, std::move(text), false});
    }
    for (const auto& secret : secrets_)
        if (secret.value) out.push_back({"secret " + secret.name, *secret.value, true});
    std::ranges::sort(out, {}, &Setting::name);
    return out;
}

}  // namespace triage::runbook
