/// Which files a runbook's paths and globs mean.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "timestamp.hpp"

namespace logs {

/// A file to read.
struct FileName {
    std::string path;
    bool rotated = false;  ///< a sibling that was rotated away: read to its end, not followed
};

/// What paths and globs mean here, and what they do not.
struct Listed {
    std::vector<FileName> files;
    /// "/var/log/app/*.log: no file matches": nothing there to be read.
    std::vector<std::string> missing;
};

/// Looks paths and globs up. With `rotated`, also siblings of the files found ("app.log.1",
/// "app.log.2.gz", "app.log-20261123.zst") that were written after `since`.
Listed list_files(const std::vector<std::string>& paths, bool rotated,
                  const std::optional<Time>& since);

/// Is `name` what rotation makes of `base`? "app.log.2.gz" of "app.log", not "app.log.old-copy".
bool is_rotated(std::string_view name, std::string_view base);

}  // namespace logs
