// One attempt of one check, as the host asks a plugin for it and as the plugin answers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/loop/loop.hpp"
#include "core/model/schema.hpp"
#include "core/net/http.hpp"

namespace triage::plugin {

enum class CallId : std::uint64_t {};  // chosen by the caller of Plugins::start, never used twice
enum class OpId : std::uint64_t {};    // triage_op, unique within a call

// A parameter's value; which member counts follows from type, as in triage_value.
struct CallValue {
    model::ParamType type = model::ParamType::string;
    std::int64_t integer = 0;  // bool, int, duration (µs), secret (handle)
    double floating = 0;
    std::string text;
    std::string key;  // for Shape::map
};

struct CallArgument {
    std::string name;
    std::vector<CallValue> values;
};

struct Call {
    std::string plugin;
    std::string check;
    std::string label;  // the check's id, for messages
    std::vector<CallArgument> arguments;
    // What many calls have in common, mostly defaults, is there once, and told to a worker once.
    std::vector<std::shared_ptr<const CallArgument>> common;
    std::vector<std::pair<std::int64_t, std::string>> revealed;  // secrets this plugin may read
    std::shared_ptr<const net::Place> place;  // where the check looks from; null: the host
    loop::TimePoint deadline;
};

// ---- What a plugin answered. Strings are as the plugin gave them (not redacted), but bounded, and
// ---- codes, facts and names are ones that the check has declared.

struct RawFinding {
    std::string code;
    model::Weight weight = model::Weight::fail;
    std::string subject;
    std::string message;
    std::string remedy;  // the finding's own, or the code's
    std::vector<std::pair<std::string, std::string>> evidence;
};

struct RawFact {
    std::string key;
    std::variant<bool, std::int64_t, double, std::string> value;
};

struct RawMetric {
    std::string name;
    double value = 0;
    std::string unit;
};

struct RawLog {
    std::uint8_t level = 0;
    std::string text;
};

struct Outcome {
    // Why the check could not tell, or empty: its own words, or what became of its process.
    std::string error;
    std::string error_remedy;
    std::string summary;
    std::vector<RawFinding> findings;
    std::vector<std::uint32_t> evaluated;  // indices of CheckInfo::codes, ascending
    std::vector<RawFact> facts;            // sorted by key
    std::vector<RawMetric> metrics;        // in the order reported
    std::vector<RawLog> log;
};

inline constexpr std::size_t max_string_bytes = 64UL * 1024;
inline constexpr std::size_t max_findings = 1000;
inline constexpr std::size_t max_evidence = 64;
inline constexpr std::size_t max_log_lines = 200;

// Who started the call.
class CallSink {
public:
    virtual ~CallSink() = default;
    // Exactly once for each call that was started and not cancelled.
    virtual void on_outcome(CallId id, Outcome outcome) = 0;
};

// Runs attempts. Implemented by Plugins; by a canned double where the scheduler is tested.
class Executor {
public:
    virtual ~Executor() = default;
    // Starts an attempt. Never calls back before it has returned. What makes the start impossible
    // comes as an outcome with an error. The deadline is the caller's to keep: it cancels; but the
    // plugin is told of it.
    virtual void start(CallId id, Call call, CallSink& sink) = 0;
    // The check is told to stop; no outcome follows. A worker that does not obey is ended. Unknown
    // ids are ignored.
    virtual void cancel(CallId id) = 0;
};

// ---- What checks ask of the host while they run. All on the loop's thread.

// Where the answer to a request goes. Calls for a call or operation that is over are ignored.
class HttpReplies {
public:
    virtual ~HttpReplies() = default;
    virtual void http_head(CallId call, OpId op, const net::Response& head) = 0;
    virtual void http_data(CallId call, OpId op, std::string_view chunk) = 0;
    virtual void http_done(CallId call, OpId op, net::Response response) = 0;
};

// Implemented by core/broker, which checks permissions and puts secrets in.
class HostServices {
public:
    virtual ~HostServices() = default;
    // Always answered by http_done, never before this has returned. Headers hold secret handles.
    virtual void http_start(CallId call, OpId op, net::Request request, HttpReplies& replies) = 0;
    virtual void http_cancel(CallId call, OpId op) = 0;
    virtual void http_consumed(CallId call, OpId op, std::size_t bytes) = 0;
    // The check has learned a secret: redact it from now on.
    virtual void secret_learned(CallId call, std::string text) = 0;
};

}  // namespace triage::plugin
