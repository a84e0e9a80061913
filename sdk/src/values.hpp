/// A run's parameter values: what the test gave, judged against what the plugin declared.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include <triage/abi.h>
#include <triage/testing/params.hpp>

namespace triage::testing {

/// Owns the values and secrets of one run. Strings stay in place as long as it lives.
class Values {
public:
    /// Throws std::invalid_argument that names the parameter, what was found and what was expected.
    Values(const triage_check& check, const Params& params);

    bool declared(const std::string& name) const { return values_.contains(name); }
    std::uint32_t count(const std::string& name) const;
    /// Null if there is none.
    const triage_value* at(const std::string& name, std::uint32_t index) const;

    /// The text behind a handle; null if it is none of this run's.
    const std::string* secret(std::int64_t handle) const;
    /// Remembers a secret; returns its handle.
    std::int64_t add_secret(std::string text);
    const std::deque<std::string>& secrets() const noexcept { return secrets_; }

private:
    void add(const triage_param& param, const ParamInput& input);
    triage_value typed(const triage_param& param, const std::string& key, const Scalar& given);
    triage_str keep(std::string text);

    std::map<std::string, std::vector<triage_value>> values_;
    std::deque<std::string> texts_;
    std::deque<std::string> secrets_;  // handle is index + 1
};

/// Microseconds of "250ms", "3s", "2m"; throws std::invalid_argument.
std::int64_t parse_duration(const std::string& text);

}  // namespace triage::testing
