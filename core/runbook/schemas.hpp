// What plugins declare, made ready for checking values: patterns compiled, bounds and defaults
// read.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/error.hpp"
#include "core/model/argument.hpp"
#include "core/model/schema.hpp"
#include "core/runbook/read_urls.hpp"
#include "core/runbook/validate.hpp"
#include "core/runbook/values.hpp"

namespace triage::runbook {

// An RE2 pattern that a whole string must match.
class Pattern {
public:
    // The error says what is wrong with it, and quotes parts of it.
    static std::expected<Pattern, std::string> compile(const std::string& text);
    bool matches(std::string_view text) const;
    bool has_group() const;

private:
    struct Compiled;
    std::shared_ptr<const Compiled> compiled_;
};

struct Parameter {
    const model::ParamInfo* info = nullptr;
    // int64 for int and duration (microseconds), double for float
    std::variant<std::monostate, std::int64_t, double> minimum;
    std::variant<std::monostate, std::int64_t, double> maximum;
    std::optional<Pattern> pattern;
    std::optional<Pattern> key_pattern;
    std::optional<Pattern> refuse;
    std::optional<Pattern> refuse_key;
    std::shared_ptr<const model::Argument> fallback;  // may be null
};

// A kind of check.
struct CheckSchema {
    const model::CheckInfo* info = nullptr;
    std::string use;                    // "health.endpoint"
    std::vector<Parameter> parameters;  // in the plugin's order of declaration
    std::size_t fallbacks = 0;          // how many of them have one

    const Parameter* find(std::string_view name) const;  // or null
};

// What came of asking for "PLUGIN.CHECK".
struct Unknown {
    enum class Why : std::uint8_t { missing, broken, no_such_check } why;
    base::Error error;
};

class Schemas {
public:
    // `catalog` must outlive this.
    explicit Schemas(const Catalog& catalog) : catalog_(catalog) {}

    using Found = std::expected<CheckSchema, Unknown>;
    const Found& find(const std::string& plugin, const std::string& check);

private:
    Found make(const std::string& plugin, const std::string& check) const;

    const Catalog& catalog_;
    std::map<std::pair<std::string, std::string>, Found> known_;
};

struct Misfit {
    Rule rule = Rule::parameter_value;
    std::string message;  // "found …; expected …"
};

// The value as the parameter has it, or what is wrong with it. A template with open references is
// taken as it is where its type allows one. `value` keeps its origin.
std::expected<model::ArgValue, Misfit> to_argument(const Parameter& parameter, Value&& value,
                                                   ReadUrls& urls);

// What a parameter of this type takes, for messages: "an absolute http or https URL".
std::string_view expectation(model::ParamType type);

}  // namespace triage::runbook
