// Document + what plugins declare + the outside's values → Runbook. Everything wrong is reported at
// once.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/model/schema.hpp"
#include "core/runbook/parse.hpp"
#include "core/runbook/runbook.hpp"

namespace triage::runbook {

// What is known of the plugins that the runbook uses.
struct Catalog {
    std::map<std::string, model::PluginInfo> plugins;  // by id
    std::map<std::string, base::Error> broken;         // found, but not usable: why
    std::vector<std::string> known_ids;  // every plugin that was found, for suggestions
    std::string searched;                // "/usr/lib/triage/plugins, …": for "not found" messages
};

// What comes from outside the runbook. Nothing is read from the process itself, so that tests are
// exact.
struct Inputs {
    std::vector<std::pair<std::string, std::string>> vars;  // --var NAME=VALUE, in order
    std::string vars_option = "--var ";                     // what they are called in messages
    bool vars_hidden = true;  // no message shows a value: scripts put secrets there
    std::optional<std::string> profile;
    std::function<std::optional<std::string>(const std::string&)> environment;
    // A .env file's text, or why it cannot be read; nothing if there is no such file. `path` is
    // already relative to the runbook's folder.
    std::function<base::Result<std::optional<std::string>>(const std::string& path)> read_file;
    std::chrono::sys_days today;  // for waivers
};

struct Validated {
    Runbook runbook;  // complete if nothing in diagnostics is Kind::wrong
    Diagnostics diagnostics;
    bool usable() const;  // no Kind::wrong
};

Validated validate(const Document& document, const Catalog& catalog, const Inputs& inputs);

// One check without a runbook: `triage check PLUGIN.CHECK key=value …`. Lists are split at commas
// or given more than once; an entry of a map is map.entry=value; a secret is env:NAME. It may take
// `timeout`.
Validated single_check(const std::string& use,
                       const std::vector<std::pair<std::string, std::string>>& with,
                       std::chrono::microseconds timeout, const Catalog& catalog,
                       const Inputs& inputs);

// Reads Docker Compose's .env dialect; an error names line and column, and never shows the line.
base::Result<std::map<std::string, std::string>> parse_env_file(
    std::string_view text,
    const std::function<std::optional<std::string>(const std::string&)>& environment);

// The JSON Schema of runbooks, with each known check's parameters: for completion in editors.
std::string json_schema(const Catalog& catalog);

}  // namespace triage::runbook
