// A valid runbook: what is to be checked, as values. Made by validate.hpp, read by core/plan and
// core/run.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/error.hpp"
#include "core/runbook/argument_list.hpp"
#include "core/runbook/read_urls.hpp"

namespace triage::runbook {

using std::chrono::microseconds;

// Repeats a check: it is run up to `count` times, `interval` apart, until `pass` of them passed or
// that can no longer happen. All that ran passed: pass. Enough, but not all: warn (flapping).
struct Attempts {
    unsigned count = 1;
    unsigned pass = 1;
    microseconds interval{0};
};

// Runs the check only if a fact of another check has (or has not) one of the given values. An
// unknown fact blocks; a different value skips.
struct When {
    std::string check;
    std::string fact;
    std::vector<std::string> is;      // any of these, compared as text
    std::vector<std::string> is_not;  // none of these
};

// An accepted failure: until it expires it counts as a warning and is shown as waived.
struct Waiver {
    std::string reason;
    std::string until;  // "2026-12-31"
    std::string code;   // the only finding code it covers; empty: all
};

struct Check {
    std::string id;        // unique: "api", "cors[https://app.example.com]"
    std::string base_id;   // without the for-each part
    std::size_t step = 0;  // index into Runbook::steps
    std::string title;
    std::string plugin;  // `use`, split at the first dot
    std::string check;
    std::string layer;
    std::string vantage = "host";
    std::vector<std::string> tags;
    std::vector<std::string>
        needs;  // ids of checks (instances), sorted in runbook order, no duplicates
    std::optional<When> when;
    Attempts attempts;
    microseconds timeout{5'000'000};  // per attempt
    bool on_fail_warn = false;
    std::vector<Waiver> waivers;
    ArgumentList arguments;  // in the plugin's order of declaration, defaults put in
    // Why it cannot run here (an unset variable or secret, a plugin that is missing or broken, an
    // expired …): it becomes an error with this reason; the other checks run.
    std::optional<base::Error> unmet;
};

struct Manual {
    std::string id;
    std::size_t step = 0;
    std::string ask;
    std::string doc;
};

struct Step {
    std::string id;
    std::string title;
    std::string doc;
};

struct Secret {
    std::string name;
    std::optional<std::string> value;  // none: unset
    std::string source;                // "env:DATABASE_URL": where it came from, for people
    std::vector<std::string> send_to;  // origins it may be sent to; empty: the origins of the URL
                                       // parameters of the check that uses it
};

// What [allow] grants to one plugin, beyond what its parameters name.
struct Allow {
    std::vector<std::string> http;   // origins: safe methods
    std::vector<std::string> write;  // "POST /path/with/*": on origins that are granted
    std::vector<std::string> unix_sockets;
    std::vector<std::string> net;     // "host:port"
    std::vector<std::string> read;    // paths
    std::vector<std::string> reveal;  // names of secrets
    bool exec = false;
};

struct Limits {
    unsigned parallel = 128;  // checks outstanding at once
    unsigned transfers = 64;  // HTTP requests in flight
    unsigned per_target = 8;  // of these to one origin
};

// What a reader of the run must know, such as that a waiver has expired.
struct Notice {
    std::string text;
    std::string check;  // base id of the check that it is about; empty: of no check in particular
};

// Something from outside that the runbook was read with.
struct Setting {
    std::string name;  // "var api", "backend:CORS_ORIGINS", "secret database_url"
    std::string value;
    bool secret = false;  // whatever comes from an env file may be one
};

struct Runbook {
    std::string name;
    std::string path;
    std::string fingerprint;        // of its files' texts
    std::vector<Setting> settings;  // sorted by name
    microseconds deadline{30'000'000};
    Limits limits;
    std::vector<Step> steps;
    std::vector<Check> checks;  // in the order they are written, for-each in the order of its list
    std::vector<Manual> manuals;
    std::vector<Secret> secrets;
    std::map<std::string, Allow> allow;  // by plugin id
    ReadUrls urls;                       // of the checks' arguments
    std::vector<Notice> notices;
};

}  // namespace triage::runbook
