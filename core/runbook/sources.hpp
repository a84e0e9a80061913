// Where values of variables and secrets come from: "env:NAME", and "FILE:KEY" of [env-files].
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/runbook/merge.hpp"
#include "core/runbook/problems.hpp"
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

class Sources {
public:
    // Reports what is wrong with [env-files]. Files are read when they are asked for.
    Sources(const Entries& env_files, const Inputs& inputs, Problems& problems);

    // Reads an array of "env:NAME" and "FILE:KEY"; bad ones are reported and left out.
    std::vector<SourceRef> parse(const Array& from);

    // The first that is set and not empty; otherwise what a person can do to set it.
    std::expected<SourceValue, std::string> read(const std::vector<SourceRef>& from);

    std::optional<std::string> environment(const std::string& name) const;

private:
    struct EnvFile {
        std::string path;  // as shown and read
        bool loaded = false;
        std::string problem;  // why it is of no use, or empty
        std::map<std::string, std::string> values;
    };

    EnvFile* file(const std::string& name);
    std::optional<std::string> value(const SourceRef& ref);
    std::string how_to_set(const SourceRef& ref);

    const Inputs& inputs_;
    Problems& problems_;
    std::map<std::string, EnvFile> files_;
};

}  // namespace triage::runbook
