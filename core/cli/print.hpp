// Everything that the program prints, but the live progress, goes through here: a terminal that is
// gone or a full disk changes the exit code, and never ends the program.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/model/verdict.hpp"

namespace triage::cli {

// Call it first. A standard descriptor that is closed is filled with one that cannot be used: else
// the next file to be opened would be taken for it. And writing to a pipe that nobody reads becomes
// an error like any other.
void prepare_streams();

// `name` is what the message calls the file.
base::Result<void> write_all(int fd, std::string_view text, const std::string& name);

// To standard output. Returns `exit_code`; if what was asked for could not be written, says so and
// returns an exit code that is not "all is well".
int print(std::string_view text, int exit_code = model::exit_ok);

// To standard error. What cannot be written there can be said nowhere.
void print_to_stderr(std::string_view text);

// "triage: MESSAGE" and the remedy, to standard error.
void print_error(const base::Error& error);

}  // namespace triage::cli
