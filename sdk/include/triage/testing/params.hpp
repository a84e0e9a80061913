/// triage/testing/params.hpp: a runbook's `with`, for the fake host.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <triage/text.hpp>

namespace triage::testing {

/// One scalar as a runbook writes it. Durations are strings ("250ms"), as in TOML.
using Scalar = std::variant<bool, std::int64_t, double, std::string>;

/// What a runbook gives for one parameter: entries with keys for a table, without for a list or a
/// single value. Whether that fits is judged against the plugin's declaration.
struct ParamInput {
    std::uint32_t shape;
    std::vector<std::pair<std::string, Scalar>> entries;
    bool from_command_line = false;  ///< text, to be read as the declared type
};

/// Parameters of a run, set fluently:
///
///     Params().set("url", "http://a/").set("slow", 20ms).list("status", {200, 204})
///             .table("headers", {{"X-Env", "test"}}).secret("token", "canary-7f3a")
class Params {
public:
    /// Values of a list.
    using List = std::vector<Scalar>;
    /// Entries of a table, in order.
    using Table = std::vector<std::pair<std::string, Scalar>>;

    /// A string, or whatever a runbook writes as one: URL, endpoint, path, duration, secret.
    Params& set(const std::string& name, const char* value) {
        return set_one(name, std::string(value));
    }
    /// The same.
    Params& set(const std::string& name, std::string value) {
        return set_one(name, std::move(value));
    }
    /// true or false.
    Params& set(const std::string& name, bool value) { return set_one(name, value); }
    /// A float.
    Params& set(const std::string& name, double value) { return set_one(name, value); }
    /// An integer.
    template <std::integral Number>
    Params& set(const std::string& name, Number value) {
        return set_one(name, static_cast<std::int64_t>(value));
    }
    /// A duration; becomes "250ms".
    template <class Rep, class Period>
    Params& set(const std::string& name, std::chrono::duration<Rep, Period> value) {
        return set_one(name, runbook_duration(value));
    }
    /// A list of scalars.
    Params& list(const std::string& name, const List& values);
    /// A table of scalars. For a table of secrets the values are the secrets' texts.
    Params& table(const std::string& name, Table entries);

    /// A secret's text, for a parameter of type SECRET (or one more entry of a table of them). It
    /// is a canary: if it shows up in anything that the check reports, that is a violation.
    Params& secret(const std::string& name, std::string text) { return set(name, std::move(text)); }

    /// "name=value" as on the command line of `triage check`; the value is read according to the
    /// parameter's declared type.
    Params& assign(const std::string& assignment);

    /// What was said, by parameter; for the fake host.
    const std::map<std::string, ParamInput>& inputs() const noexcept { return inputs_; }

private:
    Params& set_one(const std::string& name, Scalar value);

    std::map<std::string, ParamInput> inputs_;
};

}  // namespace triage::testing
