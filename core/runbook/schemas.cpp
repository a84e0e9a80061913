#include "core/runbook/schemas.hpp"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"

namespace triage::runbook {
namespace {

namespace json = boost::json;
using model::ParamType;

// A JSON value as a runbook would have it.
std::optional<Value> to_value(const json::value& node) {
    if (node.is_bool()) return Value{node.get_bool(), {}};
    if (node.is_int64()) return Value{node.get_int64(), {}};
    if (node.is_double()) return Value{node.get_double(), {}};
    if (node.is_string()) return Value{std::string(node.get_string()), {}};
    return std::nullopt;
}

// Reads the texts that a plugin has declared; throws Bad with what is wrong with them.
class ParameterReader {
public:
    struct Bad {
        std::string message;
    };

    explicit ParameterReader(const model::ParamInfo& info) : info_(info) {}

    Parameter read() {
        Parameter result;
        result.info = &info_;
        result.pattern = compile(info_.pattern, "pattern: ");
        result.key_pattern = compile(info_.key_pattern, "pattern of keys: ");
        result.refuse = compile(info_.refuse, "what is refused: ");
        result.refuse_key = compile(info_.refuse_key, "what is refused of keys: ");
        if (info_.minimum) result.minimum = bound(result, *info_.minimum, "minimum");
        if (info_.maximum) result.maximum = bound(result, *info_.maximum, "maximum");
        if (info_.fallback) {
            result.fallback =
                std::make_shared<const model::Argument>(fallback(result, *info_.fallback));
        }
        return result;
    }

private:
    static std::optional<Pattern> compile(const std::optional<std::string>& text,
                                          const char* what) {
        if (!text) return std::nullopt;
        auto pattern = Pattern::compile(*text);
        if (!pattern)
            throw Bad{fmt::format("{}'{}' is not a pattern: {}", what, *text, pattern.error())};
        return std::move(*pattern);
    }

    static json::value parse(const std::string& text, const char* what) {
        json::error_code error;
        auto result = json::parse(text, error);
        if (error) throw Bad{fmt::format("{} is not JSON: {}", what, text)};
        return result;
    }

    static model::ArgValue one(const Parameter& parameter, const json::value& node,
                               const char* what) {
        auto value = to_value(node);
        if (!value) throw Bad{fmt::format("{} is of the wrong shape", what)};
        ReadUrls urls;
        auto argument = to_argument(parameter, std::move(*value), urls);
        if (!argument) throw Bad{fmt::format("{}: {}", what, argument.error().message)};
        return std::move(*argument);
    }

    static std::variant<std::monostate, std::int64_t, double> bound(const Parameter& parameter,
                                                                    const std::string& text,
                                                                    const char* what) {
        Parameter unbounded;
        unbounded.info = parameter.info;
        const auto value = one(unbounded, parse(text, what), what);
        if (const auto* number = std::get_if<std::int64_t>(&value.value)) return *number;
        if (const auto* number = std::get_if<double>(&value.value)) return *number;
        throw Bad{fmt::format("{} is no number", what)};
    }

    model::Argument fallback(const Parameter& parameter, const std::string& text) const {
        model::Argument result{info_.name, info_.type, info_.shape, {}};
        const auto node = parse(text, "default");
        if (info_.shape == model::Shape::one) {
            result.items.push_back({{}, one(parameter, node, "default")});
        } else if (info_.shape == model::Shape::list && node.is_array()) {
            for (const auto& item : node.get_array())
                result.items.push_back({{}, one(parameter, item, "default")});
        } else if (info_.shape == model::Shape::map && node.is_object()) {
            for (const auto& item : node.get_object())
                result.items.push_back({item.key(), one(parameter, item.value(), "default")});
        } else {
            throw Bad{"default is of the wrong shape"};
        }
        if (result.items.size() < info_.min_items) throw Bad{"default has too few items"};
        return result;
    }

    const model::ParamInfo& info_;
};

std::string first_of(const std::vector<std::string>& names, std::size_t count) {
    const auto shown = std::span(names).first(std::min(names.size(), count));
    return fmt::format("{}{}", fmt::join(shown, ", "), shown.size() < names.size() ? ", …" : "");
}

}  // namespace

const Parameter* CheckSchema::find(std::string_view name) const {
    const auto found = std::ranges::find(
        parameters, name,
        [](const Parameter& parameter) -> std::string_view { return parameter.info->name; });
    return found == parameters.end() ? nullptr : &*found;
}

const Schemas::Found& Schemas::find(const std::string& plugin, const std::string& check) {
    auto key = std::pair(plugin, check);
    const auto found = known_.find(key);
    if (found != known_.end()) return found->second;
    auto made = make(plugin, check);
    return known_.emplace(std::move(key), std::move(made)).first->second;
}

Schemas::Found Schemas::make(const std::string& plugin, const std::string& check) const {
    const auto found = catalog_.plugins.find(plugin);
    if (found == catalog_.plugins.end()) {
        if (const auto broken = catalog_.broken.find(plugin); broken != catalog_.broken.end()) {
            return std::unexpected(Unknown{
                Unknown::Why::broken,
                {fmt::format("the plugin '{}' cannot be used: {}", plugin, broken->second.message),
                 broken->second.remedy}});
        }
        return std::unexpected(
            Unknown{Unknown::Why::missing,
                    {fmt::format("there is no plugin '{}' in {}.{}", plugin,
                                 catalog_.searched.empty() ? "any folder" : catalog_.searched,
                                 base::did_you_mean(plugin, catalog_.known_ids)),
                     "Put it there, or name its folder with --plugins or TRIAGE_PLUGIN_PATH."}});
    }
    const auto* info = found->second.find(check);
    if (info == nullptr) {
        std::vector<std::string> known;
        for (const auto& other : found->second.checks)
            known.push_back(other.name);
        return std::unexpected(Unknown{Unknown::Why::no_such_check,
                                       {fmt::format("the plugin '{}' has no check '{}'.{}", plugin,
                                                    check, base::did_you_mean(check, known)),
                                        fmt::format("It has: {}.", first_of(known, 20))}});
    }
    CheckSchema schema;
    schema.info = info;
    schema.use = fmt::format("{}.{}", plugin, check);
    for (const auto& param : info->params) {
        try {
            const auto& parameter = schema.parameters.emplace_back(ParameterReader(param).read());
            if (parameter.fallback) ++schema.fallbacks;
        } catch (const ParameterReader::Bad& bad) {
            return std::unexpected(Unknown{
                Unknown::Why::broken,
                {fmt::format("the plugin '{}' cannot be used: it declares the parameter '{}' of "
                             "{}.{} wrongly: {}",
                             plugin, param.name, plugin, check, bad.message),
                 "This is a fault of the plugin: tell its author."}});
        }
    }
    return schema;
}

}  // namespace triage::runbook
