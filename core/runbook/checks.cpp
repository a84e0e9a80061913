#include "core/runbook/checks.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/runbook/arguments.hpp"
#include "core/runbook/check_fields.hpp"
#include "core/runbook/misfits.hpp"
#include "core/runbook/reader.hpp"
#include "core/runbook/waivers.hpp"

namespace triage::runbook {
namespace {

constexpr std::array<std::string_view, 14> check_keys{
    "id",    "title", "use",      "with",    "layer",   "vantage",  "tags",
    "needs", "when",  "attempts", "timeout", "on-fail", "for-each", "waive"};
constexpr std::array<std::string_view, 3> manual_keys{"id", "ask", "doc"};

class ChecksReader {
public:
    ChecksReader(Values& values, Schemas& schemas, std::chrono::sys_days today, Runbook& runbook,
                 Problems& problems)
        : values_(values),
          schemas_(schemas),
          today_(today),
          runbook_(runbook),
          problems_(problems),
          fields_(values, problems, runbook.deadline) {}

    Checks read(const Merged& merged) {
        reserve(merged);
        if (merged.unread.contains("step")) nothing_is_complete();
        for (const auto& step : merged.steps)
            read_step(step);
        if (!found_any_ && !problems_.any_wrong()) {
            problems_.wrong(Rule::no_checks, merged.at,
                            "the runbook has no check and no manual item: there is nothing to do",
                            "Write [[step]] with an id, and in it [[step.check]].");
        }
        return std::move(checks_);
    }

private:
    void nothing_is_complete() {
        checks_.all_ids_known = false;
        checks_.all_plugins_known = false;
    }

    void reserve(const Merged& merged) {
        std::size_t count = 0;
        for (const auto& step : merged.steps) {
            for (const auto* table : step.parts) {
                const auto* entry = find(*table, "check");
                const auto* array =
                    entry == nullptr ? nullptr : std::get_if<Array>(&entry->node.value);
                if (array != nullptr) count += array->size();
            }
        }
        make_room(count);
        ids_.reserve(std::min(count, max_checks));
    }

    // Growing by and by would move ten thousand checks a dozen times.
    void make_room(std::size_t count) {
        auto& checks = runbook_.checks;
        if (count <= checks.capacity()) return;
        count = std::max(count, 2 * checks.size());  // there may be many small for-each
        count = std::min(count, max_checks);
        checks.reserve(count);
        checks_.links.reserve(count);
        checks_.infos.reserve(count);
    }

    // What all checks of a step share.
    struct StepDefaults {
        std::vector<std::string> tags;
        std::string layer;
    };

    void read_step(const MergedStep& merged) {
        Step step{merged.id, {}, {}};
        for (const auto* table : merged.parts) {
            const Reader reader(*table, merged.at, "a step", problems_);
            if (const auto* entry = reader.string("title")) step.title = fields_.text(*entry);
            if (const auto* entry = reader.string("doc")) step.doc = fields_.text(*entry);
        }
        runbook_.steps.push_back(std::move(step));
        for (const auto* table : merged.parts)
            read_items(*table, Reader(*table, merged.at, "a step", problems_));
    }

    void read_items(const Table& table, const Reader& reader) {
        StepDefaults defaults;
        for (const auto* tag : reader.strings("tags"))
            defaults.tags.push_back(text_of(*tag));
        if (const auto* entry = reader.string("layer")) defaults.layer = fields_.word(*entry);
        for (const auto& entry : table) {
            if (entry.key != "check" && entry.key != "manual") continue;
            const auto* items = std::get_if<Array>(&entry.node.value);
            if (items == nullptr) {
                problems_.wrong(
                    Rule::wrong_type, entry.node.at,
                    fmt::format("'{}' is {}; expected tables", entry.key, describe(entry.node)),
                    fmt::format("A {0} begins with [[step.{0}]].", entry.key));
                found_any_ = true;
                nothing_is_complete();
                continue;
            }
            for (const auto& item : *items)
                read_item(entry.key == "check", item, defaults);
        }
    }

    void read_item(bool is_check, const Node& node, const StepDefaults& defaults) {
        found_any_ = true;
        const auto* table = std::get_if<Table>(&node.value);
        if (table == nullptr) {
            problems_.wrong(Rule::wrong_type, node.at,
                            fmt::format("found {}; expected a table", describe(node)));
            nothing_is_complete();
        } else if (is_check) {
            read_check(Reader(*table, node.at, "a check", check_keys, problems_), defaults);
        } else {
            read_manual(Reader(*table, node.at, "a manual item", manual_keys, problems_));
        }
    }

    void read_manual(const Reader& reader) {
        Manual manual;
        manual.step = runbook_.steps.size() - 1;
        reader.require("ask", "the question for a person");
        if (const auto* entry = reader.string("ask")) manual.ask = fields_.text(*entry);
        if (const auto* entry = reader.string("doc")) manual.doc = fields_.text(*entry);
        const auto* id = reader.id();
        if (id == nullptr || !is_new(*id)) return;
        manual.id = text_of(id->node);
        runbook_.manuals.push_back(std::move(manual));
    }

    bool is_new(const Entry& id) {
        const auto [found, added] = ids_.emplace(text_of(id.node), id.node.at);
        if (added) return true;
        problems_.wrong(Rule::duplicate_id, id.node.at,
                        fmt::format("the id '{}' is already at {}", text_of(id.node),
                                    problems_.place(found->second)),
                        "Give each check and manual item an id of its own.");
        return false;
    }

    void read_check(const Reader& reader, const StepDefaults& defaults) {
        Part part{reader};
        auto& check = part.check;
        part.links.at = reader.at();
        check.step = runbook_.steps.size() - 1;
        check.layer = defaults.layer;
        check.tags = defaults.tags;
        check.timeout = std::min(check.timeout, runbook_.deadline);
        const auto* id = reader.id();
        part.good = id != nullptr && is_new(*id);
        if (!part.good) note_bad_id(reader);
        if (part.good) check.base_id = text_of(id->node);
        fields_.read_common(reader, check, part.links);
        part.schema = read_use(reader, check);
        check.waivers = read_waivers(
            reader, {check.base_id, part.schema != nullptr ? part.schema->info : nullptr}, today_,
            runbook_.notices, problems_);
        const auto* each = reader.get("for-each");
        if (each != nullptr) return expand_for_each(part, *each);
        check.id = check.base_id;
        complete(part, check, part.links, {});
    }

    // Other checks may refer to it, as it is written.
    void note_bad_id(const Reader& reader) {
        const auto* entry = reader.get("id");
        const auto* text =
            entry == nullptr ? nullptr : std::get_if<std::string>(&entry->node.value);
        if (text == nullptr) {
            checks_.all_ids_known = false;
        } else {
            checks_.bad_ids.insert(*text);
        }
    }

    // What all instances have in common.
    struct Part {
        const Reader& reader;
        Check check;
        Links links;
        const CheckSchema* schema = nullptr;
        bool good = false;  // its id is
    };

    void expand_for_each(const Part& part, const Entry& each) {
        const auto list = values_.expand_list(each.node, "'for-each'");
        if (!list) return add_without_values(part, list.error().why);
        const auto& items = std::get<std::vector<Scalar>>(list->value);
        if (items.empty()) {
            problems_.wrong(
                Rule::bad_for_each, each.node.at,
                "'for-each' is empty: nothing would be checked, and all would seem well",
                "Give it a value, or remove the check.");
            return add_without_values(part, std::nullopt);
        }
        if (list->origin.outside) checks_.outside_ids.emplace(part.check.base_id, list->origin);
        if (const auto twice = find_twice(items)) {
            const auto absent = report_misfit(
                Rule::bad_for_each, each.node.at, list->origin,
                fmt::format("'for-each' has {} twice", shown(*twice, list->origin)), problems_);
            return add_without_values(part, absent.why);
        }
        make_room(runbook_.checks.size() + items.size());
        for (const auto& item : items) {
            auto check = part.check;
            check.id = check.base_id + '[' + to_text(item) + ']';
            auto links = part.links;
            complete(part, check, links, {.each = &item, .each_origin = &list->origin});
        }
    }

    static std::optional<std::string> find_twice(const std::vector<Scalar>& items) {
        std::unordered_set<std::string> seen(items.size());
        for (const auto& item : items) {
            if (auto text = to_text(item); !seen.insert(text).second) return text;
        }
        return std::nullopt;
    }

    // One check stands for the instances that nobody knows; other checks may refer to it.
    void add_without_values(const Part& part, const std::optional<base::Error>& why) {
        auto check = part.check;
        check.id = check.base_id;
        if (why) check.unmet = why;
        auto links = part.links;
        checks_.open_ids.insert(check.id);
        // What does not depend on ${each} is looked at all the same.
        complete(part, check, links, {.each_unknown = true});
    }

    // Takes `check` and `links`.
    void add(const Part& part, Check& check, Links& links) {
        if (!part.good) return;
        runbook_.checks.push_back(std::move(check));
        checks_.links.push_back(std::move(links));
        checks_.infos.push_back(part.schema == nullptr ? nullptr : part.schema->info);
    }

    // The same with what differs between instances.
    void complete(const Part& part, Check& check, Links& links, Scope scope) {
        if (runbook_.checks.size() >= max_checks) {
            problems_.wrong(Rule::out_of_bounds, part.reader.at(),
                            fmt::format("more than {} checks in one runbook", max_checks),
                            "Split the runbook.");
            return;
        }
        fields_.read_texts(part.reader, check, scope);
        if (part.schema != nullptr) read_with(part, check, links, scope);
        add(part, check, links);
    }

    void read_with(const Part& part, Check& check, Links& links, Scope scope) {
        auto arguments = read_arguments(*part.schema, part.reader.table("with"),
                                        {part.reader.at(), scope, check.timeout, runbook_.urls},
                                        values_, problems_);
        check.arguments = std::move(arguments.list);
        links.facts = std::move(arguments.facts);
        if (arguments.unmet && !check.unmet) check.unmet = std::move(arguments.unmet);
    }

    // Null if the check's plugin is not there (then the check is unmet), or has no such check.
    const CheckSchema* read_use(const Reader& reader, Check& check) {
        reader.require("use", "\"PLUGIN.CHECK\"");
        const auto* entry = reader.string("use");
        if (entry == nullptr) checks_.all_plugins_known = false;
        if (entry == nullptr) return nullptr;
        const auto& use = text_of(entry->node);
        const auto dot = use.find('.');
        if (dot == std::string::npos || dot == 0 || dot + 1 == use.size()) {
            checks_.all_plugins_known = false;
            problems_.wrong(Rule::bad_use, entry->node.at,
                            fmt::format("'use' is '{}'; expected \"PLUGIN.CHECK\", such as "
                                        "\"health.endpoint\"",
                                        use));
            return nullptr;
        }
        check.plugin = use.substr(0, dot);
        check.check = use.substr(dot + 1);
        checks_.plugins.insert(check.plugin);
        const auto& found = schemas_.find(check.plugin, check.check);
        if (found) return &*found;
        const auto& [why, error] = found.error();
        if (why == Unknown::Why::no_such_check) {
            problems_.wrong(Rule::unknown_check, entry->node.at, error.message, error.remedy);
        } else {
            const bool missing = why == Unknown::Why::missing;
            problems_.unmet(missing ? Rule::plugin_missing : Rule::plugin_broken, entry->node.at,
                            error.message, error.remedy);
            check.unmet = error;
        }
        return nullptr;
    }

    Values& values_;
    Schemas& schemas_;
    std::chrono::sys_days today_;
    Runbook& runbook_;
    Problems& problems_;
    CheckFields fields_;
    Checks checks_;
    std::unordered_map<std::string_view, Position> ids_;
    bool found_any_ = false;
};

}  // namespace

Checks read_checks(const Merged& merged, Values& values, Schemas& schemas,
                   std::chrono::sys_days today, Runbook& runbook, Problems& problems) {
    return ChecksReader(values, schemas, today, runbook, problems).read(merged);
}

}  // namespace triage::runbook
