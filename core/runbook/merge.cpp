#include "core/runbook/merge.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "core/runbook/reader.hpp"

namespace triage::runbook {
namespace {

constexpr std::array<std::string_view, 11> top_keys{"triage",  "name",    "deadline", "env-files",
                                                    "include", "vars",    "secrets",  "allow",
                                                    "limits",  "profile", "step"};
constexpr std::array<std::string_view, 7> step_keys{"id",    "title", "doc",   "tags",
                                                    "layer", "check", "manual"};
constexpr std::array<std::string_view, 1> profile_keys{"vars"};

void overlay(Entries& entries, const Table* table) {
    if (table == nullptr) return;
    std::unordered_map<std::string_view, std::size_t> index;
    for (std::size_t i = 0; i < entries.size(); ++i)
        index.emplace(entries[i]->key, i);
    for (const auto& entry : *table) {
        const auto [found, added] = index.emplace(entry.key, entries.size());
        if (added) {
            entries.push_back(&entry);
        } else {
            entries[found->second] = &entry;
        }
    }
}

class Merger {
public:
    Merger(const Document& document, Problems& problems)
        : document_(document), problems_(problems) {}

    Merged merge() {
        result_.at = {0, 1, 1, 1};
        for (const auto i : document_.merge_order)
            add_file(std::get<Table>(document_.sources[i].root.value), i);
        if (!found_name_ && !result_.unread.contains("name")) {
            problems_.wrong(Rule::missing_key, result_.at,
                            "the runbook lacks 'name': expected a string");
        }
        return std::move(result_);
    }

private:
    void add_file(const Table& table, std::uint32_t source) {
        const Reader reader(table, {source, 1, 1, 1}, "the runbook", top_keys, problems_);
        check_version(reader);
        check_include(reader);
        found_name_ = found_name_ || reader.has("name");
        if (const auto* entry = reader.string("name")) result_.name = entry;
        if (const auto* entry = reader.string("deadline")) result_.deadline = entry;
        const auto table_at = [&](std::string_view key) {
            const auto* found = reader.table(key);
            if (found == nullptr && reader.has(key)) result_.unread.emplace(key);
            return found;
        };
        overlay(result_.env_files, table_at("env-files"));
        overlay(result_.vars, table_at("vars"));
        overlay(result_.secrets, table_at("secrets"));
        overlay(result_.allow, table_at("allow"));
        overlay(result_.limits, table_at("limits"));
        if (const auto* profiles = reader.table("profile")) add_profiles(*profiles);
        if (const auto* steps = reader.array("step")) {
            for (const auto& step : *steps)
                add_step(step);
        } else if (reader.has("step")) {
            result_.unread.emplace("step");
        }
    }

    void check_version(const Reader& reader) {
        const auto* entry = reader.get("triage");
        if (entry == nullptr) {
            problems_.wrong(Rule::version, reader.at(),
                            "'triage = 1' is missing: it says which grammar the runbook uses",
                            "Write triage = 1 in the first line.");
            return;
        }
        const auto* version = std::get_if<std::int64_t>(&entry->node.value);
        if (version != nullptr && *version == 1) return;
        problems_.wrong(
            Rule::version, entry->node.at,
            fmt::format("'triage' is {}; this program knows grammar 1", describe(entry->node)),
            "Write triage = 1.");
    }

    // What names of files there are has been read before. A file that nobody knows may hold
    // anything: what seems to be missing is only a consequence.
    void check_include(const Reader& reader) {
        const auto* entry = reader.get("include");
        if (entry == nullptr) return;
        const auto* files = std::get_if<Array>(&entry->node.value);
        bool good = files != nullptr;
        if (!good) {
            problems_.wrong(Rule::wrong_type, entry->node.at,
                            "'include' must be an array of file names, such as [\"base.toml\"]");
        }
        for (const auto& file : good ? *files : Array()) {
            const auto* name = std::get_if<std::string>(&file.value);
            if (name != nullptr && !name->empty()) continue;
            problems_.wrong(Rule::wrong_type, file.at, "'include' must hold names of files");
            good = false;
        }
        if (good) return;
        for (const auto* key : {"name", "vars", "secrets", "env-files", "profile", "step"})
            result_.unread.emplace(key);
    }

    void add_profiles(const Table& profiles) {
        for (const auto& entry : profiles) {
            const auto* table = std::get_if<Table>(&entry.node.value);
            if (table == nullptr) {
                problems_.wrong(Rule::wrong_type, entry.node.at,
                                fmt::format("'profile.{}' is {}; expected a table", entry.key,
                                            describe(entry.node)));
                continue;
            }
            const Reader reader(*table, entry.at, "a profile", profile_keys, problems_);
            overlay(profile(entry.key).vars, reader.table("vars"));
        }
    }

    MergedProfile& profile(const std::string& name) {
        const auto found = std::ranges::find(result_.profiles, name, &MergedProfile::name);
        if (found != result_.profiles.end()) return *found;
        return result_.profiles.emplace_back(MergedProfile{name, {}});
    }

    void add_step(const Node& node) {
        const auto* table = std::get_if<Table>(&node.value);
        if (table == nullptr) {
            problems_.wrong(Rule::wrong_type, node.at,
                            fmt::format("'step' holds {}; expected tables", describe(node)),
                            "A step begins with [[step]].");
            result_.unread.emplace("step");
            return;
        }
        const Reader reader(*table, node.at, "a step", step_keys, problems_);
        const auto* id = reader.id();
        if (id == nullptr) {
            // Its checks are looked at all the same, so that everything wrong is found at once.
            result_.steps.push_back({{}, node.at, table, {table}});
            return;
        }
        const auto& name = text_of(id->node);
        const auto [found, added] = steps_.emplace(name, result_.steps.size());
        if (added) {
            result_.steps.push_back({name, id->node.at, table, {table}});
            return;
        }
        auto& step = result_.steps[found->second];
        if (step.at.source == id->node.at.source) {
            problems_.wrong(
                Rule::duplicate_id, id->node.at,
                fmt::format("the step '{}' is already at {}", name, problems_.place(step.at)),
                "Give each step of a file an id of its own.");
        }
        step.parts.push_back(table);
    }

    const Document& document_;
    Problems& problems_;
    Merged result_;
    std::unordered_map<std::string_view, std::size_t> steps_;
    bool found_name_ = false;
};

}  // namespace

Merged merge(const Document& document, Problems& problems) {
    return Merger(document, problems).merge();
}

}  // namespace triage::runbook
