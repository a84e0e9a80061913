#include "values.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>

#include <triage/json.hpp>

namespace triage::testing {
namespace {

[[noreturn]] void wrong(const triage_param& param, const std::string& what) {
    throw std::invalid_argument(text("parameter ", param.name, ": ", what));
}

const char* type_name(std::uint32_t type) {
    static constexpr const char* names[] = {"?",        "a bool",     "an integer", "a float",
                                            "a string", "a duration", "a URL",      "an endpoint",
                                            "a path",   "a secret",   "a scalar"};
    return type < std::size(names) ? names[type] : "?";
}

/// The text of a default or a bound: a scalar, a flat array or a flat object.
ParamInput parse_json(std::string_view written) {
    const auto fail = [&](const std::string& why) {
        throw std::invalid_argument(text("not a JSON value text: ", written, " (", why, ")"));
    };
    std::string why;
    const auto json = Json::parse(written, &why);
    if (!json) fail(why);
    ParamInput out{TRIAGE_SHAPE_ONE, {}, false};
    const auto add = [&](const std::string& key, const std::string& place) {
        auto scalar = json->scalar(place);
        if (!scalar) fail("a part is no scalar");
        out.entries.emplace_back(key, *std::move(scalar));
    };
    if (const auto size = json->array_size("")) {
        out.shape = TRIAGE_SHAPE_LIST;
        for (std::size_t i = 0; i < *size; ++i)
            add("", text("/", i));
    } else if (const auto keys = json->keys("")) {
        out.shape = TRIAGE_SHAPE_MAP;
        for (const auto& key : *keys)
            add(key, "/" + Json::escape(key));
    } else {
        add("", "");
    }
    return out;
}

/// Text of the command line, read as the declared type.
Scalar from_text(const triage_param& param, const std::string& written) {
    const bool is_text = param.type >= TRIAGE_TYPE_STRING && param.type <= TRIAGE_TYPE_SECRET;
    if (is_text) return written;
    try {
        return parse_json(written).entries.at(0).second;
    } catch (const std::invalid_argument&) {
        if (param.type == TRIAGE_TYPE_ANY) return written;
        wrong(param, text("found \"", written, "\", expected ", type_name(param.type)));
    }
}

void check_bounds(const triage_param& param, const triage_value& value) {
    const auto number = [&](const char* json) {
        const auto bound = parse_json(json).entries.at(0).second;
        if (const auto* duration = std::get_if<std::string>(&bound)) {
            return static_cast<double>(parse_duration(*duration));
        }
        if (const auto* real = std::get_if<double>(&bound)) return *real;
        return static_cast<double>(std::get<std::int64_t>(bound));
    };
    const double actual =
        value.type == TRIAGE_TYPE_FLOAT ? value.f64 : static_cast<double>(value.i64);
    if (param.minimum != nullptr && actual < number(param.minimum)) {
        wrong(param, text(actual, " is less than ", param.minimum));
    }
    if (param.maximum != nullptr && actual > number(param.maximum)) {
        wrong(param, text(actual, " is more than ", param.maximum));
    }
}

void check_choice(const triage_param& param, std::string_view value) {
    if (param.choice_count == 0) return;
    const auto* const end = param.choices + param.choice_count;
    if (std::find(param.choices, end, value) == end) {
        wrong(param, text("\"", value, "\" is not one of its choices"));
    }
}

}  // namespace

std::int64_t parse_duration(const std::string& written) {
    static constexpr std::pair<const char*, double> units[] = {
        {"us", 1}, {"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}};
    double count = 0;
    const auto* const end = written.data() + written.size();
    const auto [stop, error] = std::from_chars(written.data(), end, count);
    const std::string_view unit(stop, static_cast<std::size_t>(end - stop));
    for (const auto& [name, factor] : units) {
        if (error == std::errc() && unit == name) return static_cast<std::int64_t>(count * factor);
    }
    throw std::invalid_argument(text("\"", written, "\" is not a duration such as 250ms or 3s"));
}

Values::Values(const triage_check& check, const Params& params) {
    std::set<std::string> unknown;
    for (const auto& [name, input] : params.inputs()) {
        unknown.insert(name);
    }
    for (std::uint32_t i = 0; i < check.param_count; ++i) {
        const auto& param = *check.params[i];
        unknown.erase(param.name);
        values_[param.name];
        if (const auto given = params.inputs().find(param.name); given != params.inputs().end()) {
            add(param, given->second);
        } else if (param.fallback != nullptr) {
            add(param, parse_json(param.fallback));
        } else if (param.required != 0) {
            wrong(param, "required, and not given");
        }
    }
    if (!unknown.empty()) {
        throw std::invalid_argument(
            text("the check ", check.name, " has no parameter ", *unknown.begin()));
    }
}

void Values::add(const triage_param& param, const ParamInput& input) {
    // The command line gives one value at a time, also for lists.
    const bool one_for_list = input.shape == TRIAGE_SHAPE_ONE && param.shape == TRIAGE_SHAPE_LIST;
    if (input.shape != param.shape && !one_for_list) {
        static constexpr const char* shapes[] = {"one value", "a list", "a table"};
        wrong(param, text("found ", shapes[input.shape], ", expected ", shapes[param.shape]));
    }
    if (input.entries.size() < param.min_items) {
        wrong(param, text("it is empty, expected at least ", param.min_items));
    }
    for (const auto& [key, scalar] : input.entries) {
        const auto* written = std::get_if<std::string>(&scalar);
        const bool read = input.from_command_line && written != nullptr;
        values_[param.name].push_back(
            typed(param, key, read ? from_text(param, *written) : scalar));
    }
}

triage_str Values::keep(std::string text) { return to_abi(texts_.emplace_back(std::move(text))); }

triage_value Values::typed(const triage_param& param, const std::string& key, const Scalar& given) {
    static constexpr std::uint32_t type_of[] = {TRIAGE_TYPE_BOOL, TRIAGE_TYPE_INT,
                                                TRIAGE_TYPE_FLOAT, TRIAGE_TYPE_STRING};
    triage_value value{};
    value.size = sizeof value;
    value.type = param.type == TRIAGE_TYPE_ANY ? type_of[given.index()] : param.type;
    value.key = keep(key);
    const auto* const string = std::get_if<std::string>(&given);
    const auto* const integer = std::get_if<std::int64_t>(&given);
    const auto* const real = std::get_if<double>(&given);
    const auto* const truth = std::get_if<bool>(&given);
    if (value.type == TRIAGE_TYPE_BOOL && truth != nullptr) {
        value.i64 = *truth ? 1 : 0;
    } else if (value.type == TRIAGE_TYPE_INT && integer != nullptr) {
        value.i64 = *integer;
    } else if (value.type == TRIAGE_TYPE_FLOAT && (real != nullptr || integer != nullptr)) {
        value.f64 = real != nullptr ? *real : static_cast<double>(*integer);
    } else if (value.type == TRIAGE_TYPE_DURATION && string != nullptr) {
        value.i64 = parse_duration(*string);
    } else if (value.type == TRIAGE_TYPE_SECRET && string != nullptr) {
        value.i64 = add_secret(*string);
    } else if (value.type >= TRIAGE_TYPE_STRING && value.type != TRIAGE_TYPE_DURATION &&
               value.type != TRIAGE_TYPE_SECRET && string != nullptr) {
        value.str = keep(*string);
        check_choice(param, *string);
    } else {
        wrong(param, text("found ", type_name(type_of[given.index()]), ", expected ",
                          type_name(param.type)));
    }
    check_bounds(param, value);
    return value;
}

std::uint32_t Values::count(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? 0 : static_cast<std::uint32_t>(found->second.size());
}

const triage_value* Values::at(const std::string& name, std::uint32_t index) const {
    return index < count(name) ? &values_.at(name)[index] : nullptr;
}

const std::string* Values::secret(std::int64_t handle) const {
    const bool known = handle >= 1 && handle <= static_cast<std::int64_t>(secrets_.size());
    return known ? &secrets_[static_cast<std::size_t>(handle - 1)] : nullptr;
}

std::int64_t Values::add_secret(std::string text) {
    secrets_.push_back(std::move(text));
    return static_cast<std::int64_t>(secrets_.size());
}

Params& Params::set_one(const std::string& name, Scalar value) {
    inputs_[name] = {TRIAGE_SHAPE_ONE, {{"", std::move(value)}}, false};
    return *this;
}

Params& Params::list(const std::string& name, const List& values) {
    ParamInput input{TRIAGE_SHAPE_LIST, {}, false};
    for (const auto& value : values) {
        input.entries.emplace_back("", value);
    }
    inputs_[name] = std::move(input);
    return *this;
}

Params& Params::table(const std::string& name, Table entries) {
    inputs_[name] = {TRIAGE_SHAPE_MAP, std::move(entries), false};
    return *this;
}

Params& Params::assign(const std::string& assignment) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos) {
        throw std::invalid_argument("\"" + assignment + "\" is not name=value");
    }
    const auto name = assignment.substr(0, equals);
    set(name, assignment.substr(equals + 1));
    inputs_[name].from_command_line = true;
    return *this;
}

}  // namespace triage::testing
