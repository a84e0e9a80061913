/// Parameters of ui.build, and what it has fetched.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <triage/plugin.hpp>

namespace ui {

struct BuildParams {
    triage::Url url;
    std::optional<triage::Url> api;
    std::string api_pattern;
    std::int64_t auto_port;
    triage::Map<std::string> settings;
    triage::Map<std::string> expect;
    std::chrono::microseconds timeout;
    std::int64_t redirects, max_files, max_file_bytes;
    std::optional<triage::Path> ca_file;

    static void describe(triage::Describe<BuildParams>& d);
};

/// One script or style, as the server gave it.
struct File {
    std::string url;
    bool is_script = true;
    std::string wrong;       ///< "HTTP 404"; "" if it is there
    bool is_silent = false;  ///< no whole answer came: that is the server, not the build
    bool is_page = false;    ///< HTML came in its place
    bool is_cut = false;     ///< longer than max-file-bytes
};

/// A setting that the scripts were built with, as its pattern finds it.
struct Setting {
    std::string name;
    std::vector<std::string> values;  ///< different ones in their order; none: not found
    std::string script;               ///< the URL of the first script that holds it
};

/// What came of all requests.
struct Build {
    std::string page;  ///< the URL after redirects
    std::vector<File> files;
    std::vector<std::string> others;   ///< files of other origins, not asked for
    std::vector<std::string> unknown;  ///< what could not be asked for, and why
    std::optional<Setting> api;        ///< none if it was not looked for
    std::vector<Setting> settings;

    /// All scripts were read from their beginning to their end.
    bool is_whole() const;
};

}  // namespace ui
