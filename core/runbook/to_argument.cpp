// One value → one parameter's value, or what is wrong with it.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/runbook/misfits.hpp"
#include "core/runbook/schemas.hpp"

namespace triage::runbook {
namespace {

namespace json = boost::json;

using model::ArgValue;
using model::ParamType;
using Result = std::expected<ArgValue, Misfit>;

bool is_text(ParamType type) {
    return type == ParamType::string || type == ParamType::url || type == ParamType::endpoint ||
           type == ParamType::path || type == ParamType::secret;
}

// JSON text of a duration: without its quotes.
std::string_view unquoted(std::string_view text) {
    return text.starts_with('"') ? text.substr(1, text.size() - 2) : text;
}

// Text that nothing gives a type is what it looks like, as in JSON: true, 5, 0.5, or "true" for the
// text. A number that would be written otherwise ("1.10", "007") is text: it is a version or an id.
void read_type(Value& value) {
    const auto* text = std::get_if<std::string>(&value.value);
    if (text == nullptr) return;
    json::error_code error;
    const auto node = json::parse(*text, error);
    if (error) return;
    Scalar scalar;
    if (node.is_string()) {
        value.value = std::string(node.as_string());
        return;
    }
    if (node.is_bool()) {
        scalar = node.as_bool();
    } else if (node.is_int64()) {
        scalar = node.as_int64();
    } else if (node.is_double()) {
        scalar = node.as_double();
    } else {
        return;
    }
    if (to_text(scalar) != *text) return;
    std::visit([&](auto& held) { value.value = std::move(held); }, scalar);
}

// What a pattern means, for people: an example, the default, or what the parameter is for.
std::string what_fits(const model::ParamInfo& info) {
    auto purpose = "expected: " + info.doc;
    if (info.type == ParamType::secret) return purpose;
    const auto& text = info.example ? info.example : info.fallback;
    json::error_code error;
    auto like = text ? json::parse(*text, error) : json::value();
    if (like.is_array()) like = like.as_array().empty() ? json::value() : like.as_array().front();
    if (error || !like.is_string() || like.as_string().empty()) return purpose;
    return fmt::format("expected something like {}", json::serialize(like));
}

class ToArgument {
public:
    ToArgument(const Parameter& parameter, ReadUrls& urls)
        : parameter_(parameter), type_(parameter.info->type), urls_(urls) {}

    // Moves the text out of `value`, but nothing else: messages tell the origin.
    Result convert(Value& value) const {
        if (auto* open = std::get_if<model::Template>(&value.value)) {
            const bool fits = open->parts.size() == 1 || is_text(type_) || type_ == ParamType::any;
            return fits ? good(std::move(*open)) : misfit(value);
        }
        switch (type_) {
            case ParamType::boolean:
                return boolean(value);
            case ParamType::integer:
                return integer(value);
            case ParamType::floating:
                return floating(value);
            case ParamType::duration:
                return duration(value);
            case ParamType::any:
                return any(value);
            default:
                return text(value);
        }
    }

private:
    template <class T>
    Result good(T value) const {
        Result result;
        result->type = type_;
        result->value = std::move(value);
        return result;
    }

    static std::unexpected<Misfit> bad(Rule rule, std::string message) {
        return std::unexpected(Misfit{rule, std::move(message)});
    }

    std::unexpected<Misfit> misfit(const Value& value) const {
        return bad(Rule::parameter_type,
                   fmt::format("found {}; expected {}", describe(value), expectation(type_)));
    }

    Result boolean(const Value& value) const {
        if (const auto* flag = std::get_if<bool>(&value.value)) return good(*flag);
        const auto* outside = outside_text(value);
        if (outside == nullptr || (*outside != "true" && *outside != "false")) return misfit(value);
        return good(*outside == "true");
    }

    Result integer(const Value& value) const {
        if (const auto* number = std::get_if<std::int64_t>(&value.value)) {
            return bounded(*number, "", value.origin);
        }
        std::int64_t number = 0;
        if (!parse(value, number)) return misfit(value);
        return bounded(number, "", value.origin);
    }

    Result floating(const Value& value) const {
        if (const auto* number = std::get_if<double>(&value.value))
            return bounded(*number, "", value.origin);
        if (const auto* number = std::get_if<std::int64_t>(&value.value)) {
            return bounded(static_cast<double>(*number), "", value.origin);
        }
        double number = 0;
        if (!parse(value, number)) return misfit(value);
        return bounded(number, "", value.origin);
    }

    Result duration(const Value& value) const {
        const auto* text = std::get_if<std::string>(&value.value);
        const auto parsed = text == nullptr ? std::nullopt : base::parse_duration(*text);
        if (!parsed) return misfit(value);
        return bounded(std::int64_t{parsed->count()}, *text, value.origin);
    }

    template <class T>
    Result bounded(T value, std::string_view shown, const Origin& origin) const {
        const auto* minimum = std::get_if<T>(&parameter_.minimum);
        const auto* maximum = std::get_if<T>(&parameter_.maximum);
        const auto& info = *parameter_.info;
        const auto found = origin.hidden   ? fmt::format("the value ({})", origin.name)
                           : shown.empty() ? fmt::format("{}", value)
                                           : std::string(shown);
        if (minimum != nullptr && !(value >= *minimum)) {
            return bad(Rule::parameter_value,
                       fmt::format("{} is less than {}", found, unquoted(*info.minimum)));
        }
        if (maximum != nullptr && !(value <= *maximum)) {
            return bad(Rule::parameter_value,
                       fmt::format("{} is more than {}", found, unquoted(*info.maximum)));
        }
        return good(value);
    }

    Result any(Value& value) const {
        if (value.origin.untyped) read_type(value);
        if (auto* text = std::get_if<std::string>(&value.value)) {
            if (auto problem = misfit_of_text(*text, value.origin); !problem.empty())
                return bad(Rule::parameter_value, std::move(problem));
            return literal(std::move(*text));
        }
        if (const auto* flag = std::get_if<bool>(&value.value)) return good(*flag);
        if (const auto* number = std::get_if<std::int64_t>(&value.value)) {
            return good(*number);
        }
        if (const auto* number = std::get_if<double>(&value.value)) return good(*number);
        return misfit(value);
    }

    Result text(Value& value) const {
        auto* held = std::get_if<std::string>(&value.value);
        std::string converted;
        if (held == nullptr) {
            // ${var.port} in a string: the text of the number. Written in place it is a mistake.
            if (value.origin.name.empty() || !to_text_of(value, converted)) return misfit(value);
            held = &converted;
        }
        if (auto problem = misfit_of_text(*held, value.origin); !problem.empty()) {
            if (!value.origin.hidden && !value.origin.name.empty())
                problem += fmt::format(" ({})", value.origin.name);
            return bad(Rule::parameter_value, std::move(problem));
        }
        return literal(std::move(*held));
    }

    Result literal(std::string text) const {
        model::Template result;
        result.parts.emplace_back(std::move(text));
        return good(std::move(result));
    }

    std::string misfit_of_text(const std::string& text, const Origin& origin) const {
        if (type_ == ParamType::url) {
            if (auto problem = misfit_of_url(text); !problem.empty())
                return origin.hidden ? no(text, origin) : problem;
        } else if (type_ == ParamType::endpoint) {
            if (const auto endpoint = base::parse_endpoint(text); !endpoint)
                return origin.hidden ? no(text, origin) : endpoint.error().message;
        } else if (type_ == ParamType::path && !text.starts_with('/')) {
            return fmt::format("{} is not an absolute path: expected it to begin with '/'",
                               quoted(text, origin));
        }
        const auto& info = *parameter_.info;
        if (!info.choices.empty() && std::ranges::find(info.choices, text) == info.choices.end()) {
            return fmt::format("{} is not one of {}.{}", quoted(text, origin),
                               fmt::join(info.choices, ", "),
                               base::did_you_mean(text, info.choices));
        }
        // Before the pattern: that only knows that it does not fit.
        if (parameter_.refuse && parameter_.refuse->matches(text))
            return fmt::format("{} is refused: {}", quoted(text, origin), info.refuse_why);
        if (parameter_.pattern && !parameter_.pattern->matches(text))
            return fmt::format("{} does not fit; {}", quoted(text, origin), what_fits(info));
        return info.syntax == model::Syntax::any ? std::string() : misfit_of_regex(text, origin);
    }

    std::string misfit_of_regex(const std::string& text, const Origin& origin) const {
        const auto compiled = Pattern::compile(text);
        if (compiled && parameter_.info->syntax == model::Syntax::regex_with_group &&
            !compiled->has_group()) {
            return fmt::format("{} has no group: put ( and ) around what it is to find",
                               quoted(text, origin));
        }
        if (compiled) return {};
        const auto no = fmt::format("{} is not a regular expression", quoted(text, origin));
        return origin.hidden ? no + " (RE2)" : fmt::format("{}: {}", no, compiled.error());
    }

    std::string misfit_of_url(const std::string& text) const {
        const auto url = urls_.read(text);
        return url ? std::string() : url.error().message;
    }

    // A literal in a map of secrets may be one.
    std::string quoted(const std::string& text, const Origin& origin) const {
        return type_ == ParamType::secret ? "the text" : shown(text, origin);
    }

    // What is wrong with it in particular can be said of a URL only without showing it.
    std::string no(const std::string& text, const Origin& origin) const {
        const auto why = type_ == ParamType::url ? base::why_not_a_url(text) : "";
        return fmt::format("{} is not {}{}{}", shown(text, origin), expectation(type_),
                           why.empty() ? "" : ": ", why);
    }

    static bool to_text_of(const Value& value, std::string& text) {
        return std::visit(
            [&]<class T>(const T& held) {
                if constexpr (std::is_arithmetic_v<T>) {
                    text = to_text(Scalar(held));
                    return true;
                } else {
                    return false;
                }
            },
            value.value);
    }

    static const std::string* outside_text(const Value& value) {
        return value.origin.outside ? std::get_if<std::string>(&value.value) : nullptr;
    }

    template <class T>
    static bool parse(const Value& value, T& number) {
        const auto* text = outside_text(value);
        if (text == nullptr) return false;
        const char* end = text->data() + text->size();
        const auto [last, error] = std::from_chars(text->data(), end, number);
        return error == std::errc() && last == end;
    }

    const Parameter& parameter_;
    ParamType type_;
    ReadUrls& urls_;
};

}  // namespace

std::expected<model::ArgValue, Misfit> to_argument(const Parameter& parameter, Value&& value,
                                                   ReadUrls& urls) {
    return ToArgument(parameter, urls).convert(value);
}

std::string_view expectation(ParamType type) {
    switch (type) {
        case ParamType::boolean:
            return "true or false";
        case ParamType::integer:
            return "an int such as 5";
        case ParamType::floating:
            return "a number such as 1.5";
        case ParamType::string:
            return "a string in quotes";
        case ParamType::duration:
            return "a duration such as \"250ms\", \"3s\" or \"2m\"";
        case ParamType::url:
            return "an absolute http or https URL";
        case ParamType::endpoint:
            return "\"host:port\"";
        case ParamType::path:
            return "an absolute path";
        case ParamType::secret:
            return "text with a secret, such as \"${secret.NAME}\"";
        case ParamType::any:
            return "a string, a number or a bool";
    }
    return "something else";
}

}  // namespace triage::runbook
