// What is wrong with a runbook, and where.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace triage::runbook {

struct Location {
    std::string file;        // as the user named it; "--var api" for a value from the command line
    std::uint32_t line = 0;  // from 1; 0: no line
    std::uint32_t column = 0;  // from 1, in characters
};

enum class Kind : std::uint8_t {
    wrong,  // the runbook is wrong in itself: nothing runs, exit code 2
    unmet,  // something is missing here (a variable, secret, plugin): its checks become errors
};

// What a diagnostic is about: one value for each thing that is checked. Every one has a runbook in
// testdata/ that breaks it.
enum class Rule : std::uint8_t {
    // the text
    unreadable,    // a file that is missing, too large or no file
    invalid_utf8,  //
    empty_file,    //
    syntax,        // not TOML 1.0
    include_cycle,
    // keys and values
    version,  // `triage = 1`
    unknown_key,
    missing_key,
    wrong_type,
    bad_id,
    duplicate_id,
    bad_choice,     // not one of a fixed set of words
    bad_duration,   //
    out_of_bounds,  // a number, a duration or a count
    no_checks,      // nothing to do: a false green
    // references, variables, secrets
    bad_reference,    // "${…}" that cannot be read
    reference_place,  // a reference where none of its kind may stand
    unknown_variable,
    unknown_secret,
    unknown_profile,
    bad_source,  // not "env:NAME" or "FILE:KEY" of a known file
    variable_cycle,
    secret_literal,  // a secret's text in the runbook
    secret_place,    // a secret for a parameter of another type
    // checks
    bad_use,
    unknown_check,  // the plugin has no such check
    unknown_parameter,
    missing_parameter,
    parameter_type,
    parameter_value,
    unknown_id,    // of a check of the runbook
    ambiguous_id,  // names all instances of a for-each where one is wanted
    unknown_fact,
    cycle,
    bad_for_each,
    bad_when,
    bad_waiver,
    bad_grant,     // an entry of [allow] or send-to
    unused_grant,  // [allow] for a plugin that no check uses
    // what is missing here
    unset_variable,
    unset_secret,
    plugin_missing,
    plugin_broken,
    missing_grant,  // for what a check will do
};
inline constexpr std::size_t rule_count = static_cast<std::size_t>(Rule::missing_grant) + 1;
std::string_view name(Rule rule);  // "unknown-key"

struct Diagnostic {
    Kind kind = Kind::wrong;
    Rule rule = Rule::syntax;
    Location where;
    std::string line_text;     // the source line, for display; may be empty
    std::uint32_t length = 1;  // how many columns of it to underline
    std::string message;       // what was found, what was expected, the nearest known name
    std::string remedy;        // what to do, or empty
};

using Diagnostics = std::vector<Diagnostic>;  // in order of file, line, column

// For people, in lines of at most 80 columns, each ending in a newline:
//
//     triage.toml:7:3: error: unknown key 'tilte' in a step. Did you mean 'title'?
//         7 |   tilte = "Confirm impact"
//           |   ^~~~~
//       What to do.
std::string render(const Diagnostic& diagnostic, bool color);

}  // namespace triage::runbook
