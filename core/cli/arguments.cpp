#include "core/cli/arguments.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/cli/print.hpp"
#include "core/cli/sink.hpp"
#include "core/model/verdict.hpp"
#include "core/report/page.hpp"

namespace triage::cli {
namespace {

constexpr const char* about =
    "triage works an on-call checklist in seconds: it runs the checks of a runbook\n"
    "and says what is up, what is down and what could not be told.\n";

constexpr const char* examples =
    "\nExamples:\n"
    "  triage                                     run ./triage.toml\n"
    "  triage run incident.toml --var api=https://api.example.com\n"
    "  triage run incident.toml --format console --format json=result.json\n"
    "  triage plan incident.toml                  what would run, touching nothing\n"
    "  triage check health.endpoint url=http://127.0.0.1:8000/healthz\n"
    "  triage plugins health                      its checks and their parameters\n"
    "\nExit codes: 0 all that ran passed or warned; 1 something failed; 2 usage or a\n"
    "wrong runbook; 3 nothing failed, but something could not be told; 130 was\n"
    "interrupted.\n";

constexpr std::size_t name_columns = 30;
constexpr std::size_t text_columns = 80 - name_columns;

// CLI11 indents after a line break, but does not break lines itself.
std::string wrapped(const std::string& text) {
    return fmt::format("{}", fmt::join(report::wrap(text, text_columns, SIZE_MAX, ""), "\n"));
}

// A command's own help has the whole line for what the list of commands shows in a column.
class Help : public CLI::Formatter {
public:
    std::string make_description(const CLI::App* app) const override {
        auto text = app->get_description();
        if (app->get_parent() != nullptr) std::ranges::replace(text, '\n', ' ');
        return text + "\n";
    }
};

void wrap_descriptions(CLI::App& app) {
    for (auto* option : app.get_options())
        option->description(wrapped(option->get_description()));
    for (auto* command : app.get_subcommands(nullptr)) {
        wrap_descriptions(*command);
        command->description(wrapped(command->get_description()));
    }
}

Color parse_color(const std::string& text) {
    const std::vector<std::string> names{"auto", "always", "never"};  // as in Color
    std::string word = text;
    std::ranges::transform(word, word.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto found = std::ranges::find(names, word);
    if (found == names.end()) {
        throw CLI::ValidationError(
            "--color", fmt::format("'{}' is not one of {}.{}", text, fmt::join(names, ", "),
                                   base::did_you_mean(word, names)));
    }
    return static_cast<Color>(found - names.begin());
}

const std::vector<std::string> formats{"console", "json"};

// NAME=VALUE → pair; throws CLI11's error for the option `name`.
std::pair<std::string, std::string> assignment(const std::string& text, const std::string& name) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
        throw CLI::ValidationError(name, fmt::format("expected NAME=VALUE, found '{}'", text));
    }
    return {text.substr(0, equals), text.substr(equals + 1)};
}

CLI::Option* repeatable(CLI::Option* option) { return option->allow_extra_args(false); }

// Who names a folder means one that is there: without it, other plugins than the named ones would
// be used. Those of TRIAGE_PLUGIN_PATH may be missing, as in any PATH.
std::string existing_folder(const std::string& folder) {
    std::error_code error;
    const auto status = std::filesystem::status(folder, error);
    if (std::filesystem::is_directory(status)) return folder;
    const auto what =
        std::filesystem::exists(status) ? "'{}' is not a folder" : "the folder '{}' does not exist";
    throw CLI::ValidationError("--plugins", fmt::format(fmt::runtime(what), folder));
}

void add_plugin_options(CLI::App& app, PluginOptions& options) {
    repeatable(app.add_option_function<std::vector<std::string>>(
                      "--plugins",
                      [&options](const std::vector<std::string>& folders) {
                          for (const auto& folder : folders)
                              options.folders.push_back(existing_folder(folder));
                      },
                      "Look for plugins in this folder first (repeatable; then "
                      "TRIAGE_PLUGIN_PATH, then the installed ones)")
                   ->type_name("DIR"));
    app.add_flag("--in-process", options.in_process,
                 "Load plugins into this process instead of one worker process each");
}

void add_variable_options(CLI::App& app, RunbookOptions& options) {
    repeatable(app.add_option_function<std::vector<std::string>>(
                      "--var",
                      [&options](const std::vector<std::string>& texts) {
                          for (const auto& text : texts)
                              options.vars.push_back(assignment(text, "--var"));
                      },
                      "Set a variable of the runbook (repeatable)")
                   ->type_name("NAME=VALUE"));
    app.add_option("--profile", options.profile, "Use the variables of [profile.NAME]")
        ->type_name("NAME");
}

void add_runbook_options(CLI::App& app, RunbookOptions& options) {
    app.add_option("RUNBOOK", options.path, "The runbook")->capture_default_str();
    add_variable_options(app, options);
}

void add_selection_options(CLI::App& app, plan::Selection& selection) {
    repeatable(app.add_option("--only", selection.only,
                              "Run only this check or step, and what it needs (repeatable)")
                   ->type_name("ID"));
    repeatable(app.add_option("--tag", selection.tags, "Run only checks with this tag (repeatable)")
                   ->type_name("TAG"));
    repeatable(app.add_option("--skip-tag", selection.skip_tags,
                              "Leave out checks with this tag (repeatable)")
                   ->type_name("TAG"));
    app.add_flag("--deep", selection.deep, "Also run costly checks");
}

void add_color_option(CLI::App& app, Color& color) {
    app.add_option_function<std::string>(
           "--color", [&color](const std::string& text) { color = parse_color(text); },
           "Colour on the terminal: auto, always, never")
        ->type_name("WHEN");
}

void add_cause_option(CLI::App& app, std::vector<std::string>& causes) {
    repeatable(app.add_option("--causes", causes,
                              "Know these causes too: a file, or a folder of *.toml (repeatable)")
                   ->type_name("PATH"));
}

void add_history_options(CLI::App& app, HistoryOptions& options) {
    app.add_option("--history", options.file,
                   "The file in which runs are kept (default: TRIAGE_HISTORY, or "
                   "~/.local/state/triage/history.db)")
        ->type_name("FILE");
    app.add_flag("--no-history", options.none,
                 "Neither compare with earlier runs nor keep this one");
}

Output parse_output(const std::string& text) {
    const auto equals = text.find('=');
    Output output{.format = text.substr(0, equals), .file = {}};
    if (equals != std::string::npos) {
        output.file = text.substr(equals + 1);
        if (output.file.empty()) {
            throw CLI::ValidationError("--format",
                                       fmt::format("'{}' names no file after '='", text));
        }
    }
    if (std::ranges::find(formats, output.format) == formats.end()) {
        throw CLI::ValidationError(
            "--format",
            fmt::format("'{}' is not a format: expected {}.{}", output.format,
                        fmt::join(formats, " or "), base::did_you_mean(output.format, formats)));
    }
    return output;
}

void add_output_options(CLI::App& app, OutputOptions& options) {
    repeatable(app.add_option_function<std::vector<std::string>>(
                      "--format,-f",
                      [&options](const std::vector<std::string>& texts) {
                          for (const auto& text : texts)
                              options.outputs.push_back(parse_output(text));
                      },
                      "console or json, to standard output or to a file (repeatable)")
                   ->type_name("FORMAT[=FILE]"));
    app.add_flag("--verbose,-v", options.verbose,
                 "Show evidence, facts and timings of passing checks too");
    app.add_flag_callback(
        "--no-progress", [&options] { options.progress = false; }, "Do not show what is in flight");
    add_color_option(app, options.color);
}

// The last one would replace what the others have written, or what the command itself reads.
void refuse_same_file(const OutputOptions& options, const std::string& save,
                      const std::string& source) {
    std::vector<std::string> files;
    for (const auto& output : options.outputs)
        if (!output.file.empty()) files.push_back(output.file);
    const auto formats_end = files.size();
    if (!save.empty()) files.push_back(save);
    for (const auto& file : files) {
        if (!source.empty() && is_same_file(file, source))
            throw CLI::ValidationError(
                file == save ? "--save" : "--format",
                fmt::format("'{}' is what is read, and would be lost: name another file", file));
    }
    for (std::size_t i = 1; i < files.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            if (!is_same_file(files[k], files[i])) continue;
            throw CLI::ValidationError(
                i < formats_end ? "--format" : "--save",
                files[k] == files[i]
                    ? fmt::format("two documents cannot go to one file, '{}'", files[i])
                    : fmt::format("'{}' and '{}' are one file: two documents cannot go there",
                                  files[k], files[i]));
        }
    }
}

// Exactly one thing may go to standard output, or a program could not read it.
void finish_outputs(OutputOptions& options, const std::string& save = {},
                    const std::string& source = {}) {
    refuse_same_file(options, save, source);
    const auto on_stdout = std::ranges::count_if(
        options.outputs, [](const Output& output) { return output.file.empty(); });
    if (on_stdout > 1) {
        throw CLI::ValidationError(
            "--format",
            "only one format can go to standard output; give the others a file: json=result.json");
    }
    if (options.outputs.empty()) options.outputs.push_back({.format = "console", .file = {}});
}

// The whole command line: one member per command, so that CLI11 has somewhere to write.
struct Parser {
    CLI::App app{about, "triage"};
    RunCommand run;
    PlanCommand plan;
    ValidateCommand validate;
    PluginsCommand plugins;
    SchemaCommand schema;
    CheckCommand check;
    NewPluginCommand new_plugin;
    CausesCommand causes;
    ExplainCommand explain;
    ReplayCommand replay;
    HistoryCommand history;
    RunbookOptions history_runbook;
    ChangesCommand changes;
    std::vector<std::string> with;
    std::optional<Command> chosen;

    Parser() {
        app.set_version_flag("--version,-V", std::string("triage " TRIAGE_VERSION));
        app.require_subcommand(0, 1);
        const auto help = std::make_shared<Help>();
        help->column_width(name_columns);
        app.formatter(help);  // before the commands are made, which inherit it
        add_run();
        add_plan();
        add_validate();
        add_check();
        add_plugins();
        add_past();
        add_causes();
        add_new_plugin();
        app.footer(examples);  // last: commands made after it would inherit it
        wrap_descriptions(app);
    }

    void add_run() {
        auto* command = app.add_subcommand("run", "Run a runbook (the default: ./triage.toml)");
        add_runbook_options(*command, run.runbook);
        add_selection_options(*command, run.selection);
        add_output_options(*command, run.output);
        add_cause_option(*command, run.causes);
        add_history_options(*command, run.history);
        command->add_option("--save", run.save, "Also save the run, for `triage replay FILE`")
            ->type_name("FILE");
        add_plugin_options(*command, run.plugins);
        command->callback([this] { chosen = run; });
    }

    void add_plan() {
        auto* command = app.add_subcommand(
            "plan", "Show what would run, in which order, with which permissions; touch nothing");
        add_runbook_options(*command, plan.runbook);
        add_selection_options(*command, plan.selection);
        add_plugin_options(*command, plan.plugins);
        add_color_option(*command, plan.color);
        command->callback([this] { chosen = plan; });
    }

    void add_validate() {
        auto* command =
            app.add_subcommand("validate", "Check a runbook and show everything that is wrong");
        add_runbook_options(*command, validate.runbook);
        add_plugin_options(*command, validate.plugins);
        add_color_option(*command, validate.color);
        command->callback([this] { chosen = validate; });
    }

    void add_check() {
        auto* command = app.add_subcommand("check", "Run one check without a runbook");
        command->add_option("PLUGIN.CHECK", check.use, "Which check, for example health.endpoint")
            ->required();
        command->add_option("PARAM=VALUE", with,
                            "Its parameters; `triage plugins PLUGIN.CHECK` lists them. Lists: "
                            "status=200,204, patterns each by itself: match=A match=B; tables: "
                            "headers.accept=text/html; secrets: "
                            "PARAM=env:NAME, read from the environment");
        command->add_option("--timeout", check.timeout, "How long it may take: 3s (default 25s)")
            ->type_name("DURATION");
        add_output_options(*command, check.output);
        add_plugin_options(*command, check.plugins);
        command->callback([this] {
            for (const auto& text : with)
                check.with.push_back(assignment(text, "PARAM=VALUE"));
            chosen = check;
        });
    }

    void add_plugins() {
        auto* list = app.add_subcommand(
            "plugins", "List plugins; with a name, show its checks and parameters");
        list->add_option("NAME", plugins.name,
                         "A plugin (health) or one of its checks (health.endpoint)");
        add_plugin_options(*list, plugins.plugins);
        list->callback([this] { chosen = plugins; });

        auto* command = app.add_subcommand(
            "schema", "Print the JSON Schema of runbooks, for completion and checking in editors");
        add_plugin_options(*command, schema.plugins);
        command->callback([this] { chosen = schema; });
    }

    void add_past() {
        auto* list = app.add_subcommand("history", "Show the runs that are kept, the last first");
        const auto* runbook =
            list->add_option("RUNBOOK", history_runbook.path, "Only those of this runbook");
        add_variable_options(*list, history_runbook);
        list->add_option("--limit", history.limit, "At most so many (default 20)")
            ->check(CLI::Range(1, 100'000));
        add_history_options(*list, history.history);
        list->callback([this, runbook] {
            if (runbook->count() > 0) history.runbook = history_runbook;
            chosen = history;
        });

        auto* compare = app.add_subcommand(
            "changes", "Show what is different in a runbook's last run from its last good one");
        add_runbook_options(*compare, changes.runbook);
        add_history_options(*compare, changes.history);
        compare->callback([this] { chosen = changes; });

        auto* again = app.add_subcommand(
            "replay", "Report a run that was saved (run --save), with the causes known now");
        again->add_option("FILE", replay.file, "The saved run")->required();
        add_output_options(*again, replay.output);
        add_cause_option(*again, replay.causes);
        again->callback([this] { chosen = replay; });
    }

    void add_causes() {
        auto* explain_command = app.add_subcommand(
            "explain", "Explain a finding's code or a cause: what it means, what to do");
        explain_command->add_option("NAME", explain.name, "db.refused, database.refused")
            ->required();
        add_cause_option(*explain_command, explain.causes);
        add_plugin_options(*explain_command, explain.plugins);
        explain_command->callback([this] { chosen = explain; });

        auto* command = app.add_subcommand("causes", "List the causes that are known");
        auto* test = command->add_subcommand(
            "test",
            "Try causes on the examples that they carry, and look whether their codes exist");
        for (auto* one : {command, test}) {
            one->add_option("PATH", causes.files, "Files of causes, or folders of *.toml");
            add_color_option(*one, causes.color);
            add_plugin_options(*one, causes.plugins);
        }
        test->callback([this] { causes.test = true; });
        command->callback([this] { chosen = causes; });
    }

    void add_new_plugin() {
        auto* command =
            app.add_subcommand("new-plugin", "Make the skeleton of a plugin, ready to build");
        command->add_option("NAME", new_plugin.name, "Its id, for example my-service")->required();
        command->add_option("--dir", new_plugin.folder, "Where to make it (default: ./NAME)")
            ->type_name("DIR");
        command->callback([this] { chosen = new_plugin; });
    }
};

// What to say of an argument that CLI11 did not expect: the nearest option, command by command.
std::string unexpected(const CLI::App& command, const std::string& argument) {
    const auto name = argument.substr(0, argument.find('='));
    if (!name.starts_with('-')) return fmt::format("unexpected argument '{}'", argument);
    std::vector<std::string> known;
    for (const auto* option : command.get_options()) {
        for (const auto& long_name : option->get_lnames())
            known.push_back("--" + long_name);
    }
    return fmt::format("there is no option '{}'.{}", name, base::did_you_mean(name, known));
}

// The first argument that nothing was expecting. What follows a misspelt option may be its value.
std::string first_unexpected(const CLI::App& command) {
    const auto rest = command.remaining();
    const auto option =
        std::ranges::find_if(rest, [](const auto& text) { return text.starts_with('-'); });
    if (option != rest.end()) return *option;
    return rest.empty() ? std::string() : rest.front();
}

// CLI11 has found the arguments to be wrong; say it our way and name the nearest command.
int usage_error(const Parser& parser, const CLI::ParseError& error, int argc,
                const char* const* argv) {
    if (argc <= 1) {
        print_error({error.what(), "`triage --help` shows how it is used."});
        return model::exit_usage;
    }
    const std::string word = argv[1];
    std::vector<std::string> commands;
    const CLI::App* command = nullptr;
    for (const auto* known : parser.app.get_subcommands(nullptr)) {
        commands.push_back(known->get_name());
        if (known->get_name() == word) command = known;
    }
    if (command == nullptr && !word.starts_with('-')) {
        print_error(
            {fmt::format("'{}' is not a command.{}", word, base::did_you_mean(word, commands)),
             "`triage --help` lists them; a runbook is run with `triage run FILE`."});
        return model::exit_usage;
    }
    const auto argument = first_unexpected(command == nullptr ? parser.app : *command);
    std::string message = error.what();
    std::string remedy =
        fmt::format("`triage {} --help` shows how it is used.", command == nullptr ? "run" : word);
    if (command == nullptr) {
        message = fmt::format("'{}' is not an option of triage without a command", word);
        remedy = "Put the command first: `triage run --only ID`; `triage --help` lists them.";
    } else if (!argument.empty()) {
        message = unexpected(*command, argument);
    }
    print_error({message, remedy});
    return model::exit_usage;
}

}  // namespace

std::variant<Command, int> parse_arguments(int argc, const char* const* argv) {
    Parser parser;
    try {
        parser.app.parse(argc, argv);
        if (!parser.chosen) parser.chosen = parser.run;
        if (auto* run = std::get_if<RunCommand>(&*parser.chosen))
            finish_outputs(run->output, run->save, run->runbook.path);
        if (auto* check = std::get_if<CheckCommand>(&*parser.chosen)) finish_outputs(check->output);
        if (auto* again = std::get_if<ReplayCommand>(&*parser.chosen))
            finish_outputs(again->output, {}, again->file);
        return *parser.chosen;
    } catch (const CLI::CallForHelp&) {
        return print(parser.app.help());
    } catch (const CLI::CallForVersion&) {
        return print("triage " TRIAGE_VERSION "\n");
    } catch (const CLI::ParseError& error) {
        return usage_error(parser, error, argc, argv);
    }
}

}  // namespace triage::cli
