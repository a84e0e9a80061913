// The command line as values. The only user of CLI11.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/plan/plan.hpp"

namespace triage::cli {

using Assignments = std::vector<std::pair<std::string, std::string>>;  // NAME=VALUE, in order

// What every command that loads plugins takes.
struct PluginOptions {
    std::vector<std::string> folders;  // --plugins, searched first
    bool in_process = false;
};

// What every command that reads a runbook takes.
struct RunbookOptions {
    static constexpr const char* default_path = "triage.toml";
    std::string path = default_path;
    Assignments vars;
    std::optional<std::string> profile;
};

enum class Color : unsigned char { automatic, always, never };

// One --format: what is written, and where ("": standard output).
struct Output {
    std::string format;  // "console" or "json"
    std::string file;
};

// Where runs are kept, to compare with.
struct HistoryOptions {
    std::string file;   // empty: TRIAGE_HISTORY, or the state folder's
    bool none = false;  // neither look nor keep
};

struct OutputOptions {
    std::vector<Output> outputs;  // never empty; at most one on standard output
    Color color = Color::automatic;
    bool verbose = false;
    bool progress = true;
};

struct RunCommand {
    PluginOptions plugins;
    RunbookOptions runbook;
    plan::Selection selection;
    OutputOptions output;
    HistoryOptions history;
    std::vector<std::string> causes;  // files and folders, beside the causes that come with triage
    std::string save;                 // a file for the bundle; empty: none
};
struct PlanCommand {
    PluginOptions plugins;
    RunbookOptions runbook;
    plan::Selection selection;
    Color color = Color::automatic;
};
struct ValidateCommand {
    PluginOptions plugins;
    RunbookOptions runbook;
    Color color = Color::automatic;
};
struct PluginsCommand {
    PluginOptions plugins;
    std::string name;  // "health", "health.endpoint", or empty for all
};
struct SchemaCommand {
    PluginOptions plugins;
};
struct CheckCommand {
    PluginOptions plugins;
    OutputOptions output;
    std::string use;
    Assignments with;
    std::string timeout;  // "" is the default
};
struct NewPluginCommand {
    std::string name;
    std::string folder;  // "" is ./NAME
};

struct CausesCommand {
    PluginOptions plugins;
    std::vector<std::string> files;  // beside the causes that come with triage
    bool test = false;
    Color color = Color::automatic;
};
struct ExplainCommand {
    PluginOptions plugins;
    std::vector<std::string> causes;
    std::string name;
};
struct ReplayCommand {
    std::string file;
    std::vector<std::string> causes;
    OutputOptions output;
};
struct HistoryCommand {
    HistoryOptions history;
    std::optional<RunbookOptions> runbook;  // none: of all
    int limit = 20;
};
struct ChangesCommand {
    RunbookOptions runbook;
    HistoryOptions history;
};

using Command = std::variant<RunCommand, PlanCommand, ValidateCommand, PluginsCommand,
                             SchemaCommand, CheckCommand, NewPluginCommand, CausesCommand,
                             ExplainCommand, ReplayCommand, HistoryCommand, ChangesCommand>;

// Either what to do, or (after --help, --version or a mistake, which it has printed) the exit code.
std::variant<Command, int> parse_arguments(int argc, const char* const* argv);

}  // namespace triage::cli
