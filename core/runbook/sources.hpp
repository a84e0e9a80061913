// Where values of variables and secrets come from: "env:NAME", and "FILE:KEY" of [env-files].
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/runbook/merge.hpp"
#include "core/runbook/problems.hpp"
#include "core/runbook/runbook.hpp"
#include "core/runbook/validate.hpp"

namespace triage::runbook {

struct SourceRef {
    std::string file;  // "env", or a name of [env-files]
    std::string key;
    Position at;

    std::string text() const { return file + ":" + key; }
};

struct SourceValue {
    std::string value;   // never empty
    std::string source;  // "env:API_URL"
};

// Why read() has nothing.
struct NotFound {
    std::string how_to_set;  // what a person can do
    // Files that are not there.
    std::vector<std::string> absent;
    // A file that is there, but of no use: it may set the value, so nobody knows what it is.
    std::optional<base::Error> broken;
};

class Sources {
public:
    // Reports what is wrong with [env-files]. Files are read when they are asked for.
    Sources(const Merged& merged, const Inputs& inputs, Problems& problems);

    // Reads an array of "env:NAME" and "FILE:KEY"; bad ones are reported and left out.
    std::vector<SourceRef> parse(const Array& from);

    // The first that is set and not empty.
    std::expected<SourceValue, NotFound> read(const std::vector<SourceRef>& from);

    std::optional<std::string> environment(const std::string& name) const;

    // All that stands in the files that were read.
    std::vector<Setting> settings() const;

private:
    struct EnvFile {
        std::string path;  // as shown and read
        bool loaded = false;
        bool absent = false;
        std::string problem;  // why it is of no use though it is there, or empty
        std::map<std::string, std::string> values;
    };

    const EnvFile& file(const std::string& name);
    std::string how_to_set(const SourceRef& ref);

    const Inputs& inputs_;
    Problems& problems_;
    bool all_known_;  // [env-files] could be read
    std::map<std::string, EnvFile> files_;
};

}  // namespace triage::runbook
