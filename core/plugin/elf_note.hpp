// What a plugin file says about itself without being run: ELF header and the note "triage".
//
// The note is this project's own format (see TRIAGE_NOTE in triage/abi.h). Files are hostile input:
// every offset is checked against the file's size, and reading never allocates more than a note may
// hold.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace triage::plugin {

struct Note {
    std::string id;
    std::string version;
    std::string abi;                        // "0.1"
    std::vector<std::string> capabilities;  // sorted
    std::string build_id;                   // of the linker, in hexadecimal; empty: none
};

// Fails if `path` cannot be read or is no shared library for this machine with a triage note that
// this program can live with. The message begins with the path.
base::Result<Note> read_note(const std::string& path);

// The same for a file whose bytes are in memory; `name` stands in messages.
base::Result<Note> parse_note(std::string_view content, const std::string& name);

// Whether a plugin compiled with this revision of the ABI fits this program; else why not, to be
// put after the plugin's name: "wants ABI 1.3, this triage offers 0.1".
base::Result<void> check_abi(unsigned major, unsigned minor, const std::string& name);

}  // namespace triage::plugin
