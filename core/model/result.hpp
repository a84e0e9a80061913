// What one check found: plain values, fit to be shown (every string from outside is Text).
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/model/text.hpp"
#include "core/model/verdict.hpp"

namespace triage::model {

struct Evidence {
    Text name;
    Text value;
};

// Something that is not as it should be, or (weight info) is worth knowing.
struct Finding {
    std::string code;  // declared by the plugin: "cors.origin-not-allowed"
    Weight weight = Weight::fail;
    Text subject;  // what it is about: a URL, host:port, table, container
    Text message;  // one line: what was found and what was expected
    Text remedy;   // what to do, or empty
    std::vector<Evidence> evidence;
};

using Value = std::variant<bool, std::int64_t, double, Text>;

struct Fact {
    std::string key;
    Value value;
};

struct Metric {
    std::string name;
    double value = 0;
    std::string unit;  // "ms", "By", "1"
};

struct Attempt {
    Verdict verdict = Verdict::error;
    Text summary;
    std::chrono::microseconds started{0};  // since the run's start
    std::chrono::microseconds duration{0};
};

struct LogLine {
    std::uint8_t level = 0;  // TRIAGE_LOG_*
    Text text;
};

// Names of codes. Most results have looked for the same ones: copies share them.
class Codes {
public:
    Codes() = default;
    Codes(std::initializer_list<std::string> names) : Codes(std::vector<std::string>(names)) {}
    explicit Codes(std::vector<std::string> names)
        : names_(std::make_shared<const std::vector<std::string>>(std::move(names))) {}

    using value_type = std::string;
    using const_iterator = const std::string*;
    std::size_t size() const { return names_ == nullptr ? 0 : names_->size(); }
    bool empty() const { return size() == 0; }
    const_iterator begin() const { return empty() ? nullptr : names_->data(); }
    const_iterator end() const { return begin() + size(); }

private:
    std::shared_ptr<const std::vector<std::string>> names_;
};

// The result of one check of the runbook (of one instance, under for-each).
struct CheckResult {
    Text id;            // unique in the run: "api", "cors[https://app.example.com]"
    Text step;          // id of the step it belongs to
    std::string use;    // "PLUGIN.CHECK"
    Text title;         // empty: show the id
    std::string layer;  // "ui", "api", "db", …, or empty
    Text vantage;       // "host", "container:backend"
    Verdict verdict = Verdict::error;
    Text summary;  // one line: what was measured; for error, blocked and skip the reason
    Text remedy;   // what to do about what could not be told, or empty
    std::vector<Finding> findings;
    Codes evaluated;          // codes that were looked for, in the plugin's order
    std::vector<Fact> facts;  // sorted by key
    std::vector<Metric> metrics;
    std::vector<Attempt> attempts;  // empty: never executed
    std::vector<LogLine> log;
    Text waived;  // why a failure counts as a warning, until when; or empty
    std::chrono::microseconds duration{0};  // first attempt's start to last one's end
};

// A line of the checklist for a person.
struct ManualItem {
    Text id;
    Text step;
    Text ask;
    Text doc;
};

struct StepInfo {
    Text id;
    Text title;
    Text doc;
};

// A whole run, as reports see it. Results are in the runbook's order, whatever order they came in.
struct Run {
    Text runbook;  // its name
    Text path;     // its file
    // What chose the runbook's values, as on the command line: "--var", "api=http://…". For
    // commands that ask the same again.
    std::vector<Text> arguments;
    std::int64_t started_at_us = 0;  // since 1970 UTC
    std::chrono::microseconds duration{0};
    std::chrono::microseconds deadline{0};
    Verdict verdict = Verdict::error;
    int exit_code = exit_unknown;
    bool interrupted = false;
    bool deadline_reached = false;
    // What the run was made with, for "what changed": "runbook", "triage", "plugin health", "var
    // api", and fingerprints of settings, "backend:CORS_ORIGINS". Sorted by key.
    std::vector<Fact> settings;
    std::vector<StepInfo> steps;
    std::vector<CheckResult> results;
    std::vector<ManualItem> manual;
    std::vector<Text>
        notices;  // what a reader must know about this run: a sandbox that was not available, …
};

}  // namespace triage::model
