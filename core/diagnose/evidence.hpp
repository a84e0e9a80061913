// What a run has shown: which signs are there, which were looked for and are not, which nobody
// looked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/diagnose/rule.hpp"
#include "core/model/changes.hpp"
#include "core/model/result.hpp"

namespace triage::diagnose {

enum class Presence : std::uint8_t { present, absent, unknown };

// Findings by number. Those of weight info tell nothing that is wrong and are left out.
using Numbers = std::set<std::size_t>;

class Evidence {
public:
    // `run` must outlive this.
    Evidence(const model::Run& run, const model::Changes& changes);

    Presence of(const Sign& sign) const;
    // Those that are the sign.
    Numbers matching(const Sign& sign) const;

    // What wants an explanation: all but changes, and failures that were waived.
    const Numbers& unexplained() const { return open_; }
    // A change: it may speak for a cause, but is nothing that is wrong.
    bool is_change(std::size_t number) const { return found_[number].result == &changes_; }

    model::Reference reference(std::size_t number) const;
    const model::CheckResult& result(std::size_t number) const { return *found_[number].result; }
    const model::Finding& finding(std::size_t number) const { return *found_[number].finding; }
    // What it is about: host and port, if its subject is a URL or begins with them; else the
    // subject.
    const std::string& target(std::size_t number) const { return found_[number].target; }

private:
    struct Found {
        const model::CheckResult* result;
        const model::Finding* finding;
        std::string target;
    };
    void add(const model::CheckResult& result, const model::Finding& finding);
    bool is(const Sign& sign, const Found& found) const;

    model::CheckResult changes_;  // as findings: "change.deploy"
    std::vector<Found> found_;
    Numbers open_;
    std::unordered_map<std::string, std::vector<std::size_t>> by_code_;
    std::unordered_map<std::string, std::set<std::string>> evaluated_;  // code → layers
};

// "https://app.example.com/x" → "app.example.com:443", "10.0.0.1:5432/app" → "10.0.0.1:5432".
std::string target_of(std::string_view subject);

}  // namespace triage::diagnose
