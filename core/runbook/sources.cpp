#include "core/runbook/sources.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/runbook/reader.hpp"

namespace triage::runbook {

Sources::Sources(const Merged& merged, const Inputs& inputs, Problems& problems)
    : inputs_(inputs), problems_(problems), all_known_(!merged.unread.contains("env-files")) {
    for (const auto* entry : merged.env_files) {
        const auto* path = std::get_if<std::string>(&entry->node.value);
        if (path == nullptr || path->empty()) {
            problems_.wrong(Rule::wrong_type, entry->node.at,
                            fmt::format("'env-files.{}' is {}; expected the path of a file",
                                        entry->key, describe(entry->node)));
        } else if (!is_id(entry->key) || entry->key == "env") {
            problems_.wrong(Rule::bad_id, entry->at,
                            fmt::format("'{}' cannot be the name of an env file: expected "
                                        "lower-case letters, digits, '-' and '_', but not 'env'",
                                        entry->key));
        }
        const auto folder = std::filesystem::path(problems_.locate(entry->at).file).parent_path();
        files_[entry->key].path =
            path == nullptr ? std::string() : (folder / *path).lexically_normal().string();
    }
}

std::vector<SourceRef> Sources::parse(const Array& from) {
    std::vector<SourceRef> result;
    for (const auto* node : only_strings(from, "from", problems_)) {
        const auto& text = text_of(*node);
        const auto colon = text.find(':');
        if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
            problems_.wrong(Rule::bad_source, node->at,
                            fmt::format("'{}' is no source: expected \"env:NAME\" or \"FILE:KEY\" "
                                        "with FILE from [env-files]",
                                        text));
            continue;
        }
        SourceRef ref{text.substr(0, colon), text.substr(colon + 1), node->at};
        if (ref.file != "env" && !files_.contains(ref.file)) {
            if (!all_known_) continue;
            std::vector<std::string> known{"env"};
            for (const auto& [name, ignored] : files_)
                known.push_back(name);
            problems_.wrong(Rule::bad_source, node->at,
                            fmt::format("no env file is called '{}'.{}", ref.file,
                                        base::did_you_mean(ref.file, known)),
                            "Name it in env-files, or write \"env:NAME\".");
            continue;
        }
        result.push_back(std::move(ref));
    }
    return result;
}

std::expected<SourceValue, NotFound> Sources::read(const std::vector<SourceRef>& from) {
    NotFound result;
    for (const auto& ref : from) {
        std::optional<std::string> found;
        if (ref.file == "env") {
            found = environment(ref.key);
        } else {
            const auto& env_file = file(ref.file);
            if (!env_file.problem.empty()) {
                result.broken = {
                    fmt::format("{} cannot be used: {}", env_file.path, env_file.problem), {}};
                return std::unexpected(std::move(result));
            }
            if (env_file.absent) result.absent.push_back(env_file.path);
            const auto value = env_file.values.find(ref.key);
            if (value != env_file.values.end()) found = value->second;
        }
        if (found && !found->empty()) return SourceValue{std::move(*found), ref.text()};
    }
    for (const auto& ref : from)
        result.how_to_set += (result.how_to_set.empty() ? "" : ", or ") + how_to_set(ref);
    return std::unexpected(std::move(result));
}

std::optional<std::string> Sources::environment(const std::string& name) const {
    return inputs_.environment ? inputs_.environment(name) : std::nullopt;
}

std::vector<Setting> Sources::settings() const {
    std::vector<Setting> out;
    for (const auto& [name, env_file] : files_)
        for (const auto& [key, value] : env_file.values)
            out.push_back({fmt::format("{}:{}", name, key), value, true});
    return out;
}

const Sources::EnvFile& Sources::file(const std::string& name) {
    auto& result = files_.at(name);
    if (std::exchange(result.loaded, true)) return result;
    const auto text = inputs_.read_file ? inputs_.read_file(result.path)
                                        : base::Result<std::optional<std::string>>();
    if (!text) {
        result.problem = text.error().message;
        if (result.problem.starts_with(result.path + ": "))
            result.problem.erase(0, result.path.size() + 2);
        return result;
    }
    result.absent = !*text;
    if (result.absent) return result;
    auto values = parse_env_file(**text, inputs_.environment);
    if (values) {
        result.values = std::move(*values);
    } else {
        result.problem = values.error().message;
    }
    return result;
}

std::string Sources::how_to_set(const SourceRef& ref) {
    if (ref.file == "env") return fmt::format("{} in the environment", ref.key);
    const auto& env_file = file(ref.file);
    return fmt::format("{} in {} ({})", ref.key, env_file.path,
                       env_file.absent ? "it is not there" : "read, but it does not set it");
}

}  // namespace triage::runbook
