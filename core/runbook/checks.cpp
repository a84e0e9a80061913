#include "core/runbook/checks.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/runbook/arguments.hpp"
#include "core/runbook/durations.hpp"
#include "core/runbook/reader.hpp"
#include "core/runbook/waivers.hpp"

namespace triage::runbook {
namespace {

using std::chrono::microseconds;

constexpr std::array<std::string_view, 14> check_keys{
    "id",    "title", "use",      "with",    "layer",   "vantage",  "tags",
    "needs", "when",  "attempts", "timeout", "on-fail", "for-each", "waive"};
constexpr std::array<std::string_view, 3> manual_keys{"id", "ask", "doc"};
constexpr std::array<std::string_view, 3> attempts_keys{"count", "pass", "interval"};
constexpr std::array<std::string_view, 4> when_keys{"check", "fact", "is", "is-not"};
constexpr std::array<std::string_view, 2> on_fail_words{"fail", "warn"};
constexpr std::int64_t max_attempts = 1000;

class ChecksReader {
public:
    ChecksReader(Values& values, Schemas& schemas, std::chrono::sys_days today, Runbook& runbook,
                 Problems& problems)
        : values_(values),
          schemas_(schemas),
          today_(today),
          runbook_(runbook),
          problems_(problems) {}

    Checks read(const Merged& merged) {
        for (const auto& step : merged.steps)
            read_step(step);
        if (runbook_.checks.empty() && runbook_.manuals.empty() && !found_any_) {
            problems_.wrong(Rule::no_checks, merged.at,
                            "the runbook has no check and no manual item: there is nothing to do",
                            "Write [[step]] with an id, and in it [[step.check]].");
        }
        return std::move(checks_);
    }

private:
    // What all checks of a step share.
    struct StepDefaults {
        std::vector<std::string> tags;
        std::string layer;
    };

    void read_step(const MergedStep& merged) {
        Step step{merged.id, {}, {}};
        for (const auto* table : merged.parts) {
            const Reader reader(*table, merged.at, "a step", problems_);
            if (const auto* entry = reader.string("title")) step.title = text(*entry);
            if (const auto* entry = reader.string("doc")) step.doc = text(*entry);
        }
        runbook_.steps.push_back(std::move(step));
        for (const auto* table : merged.parts)
            read_items(*table, Reader(*table, merged.at, "a step", problems_));
    }

    void read_items(const Table& table, const Reader& reader) {
        StepDefaults defaults;
        for (const auto* tag : reader.strings("tags"))
            defaults.tags.push_back(text_of(*tag));
        if (const auto* entry = reader.string("layer")) defaults.layer = word(*entry);
        for (const auto& entry : table) {
            if (entry.key != "check" && entry.key != "manual") continue;
            const auto* items = std::get_if<Array>(&entry.node.value);
            if (items == nullptr) {
                problems_.wrong(
                    Rule::wrong_type, entry.node.at,
                    fmt::format("'{}' is {}; expected tables", entry.key, describe(entry.node)),
                    fmt::format("A {0} begins with [[step.{0}]].", entry.key));
                found_any_ = true;
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
        } else if (is_check) {
            read_check(Reader(*table, node.at, "a check", check_keys, problems_), defaults);
        } else {
            read_manual(Reader(*table, node.at, "a manual item", manual_keys, problems_));
        }
    }

    void read_manual(const Reader& reader) {
        Manual manual;
        manual.step = runbook_.steps.size() - 1;
        manual.where = problems_.locate(reader.at());
        reader.require("ask", "the question for a person");
        if (const auto* entry = reader.string("ask")) manual.ask = text(*entry);
        if (const auto* entry = reader.string("doc")) manual.doc = text(*entry);
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
        Check check;
        check.step = runbook_.steps.size() - 1;
        check.where = problems_.locate(reader.at());
        check.layer = defaults.layer;
        check.tags = defaults.tags;
        check.timeout = std::min(check.timeout, runbook_.deadline);
        const auto* id = reader.id();
        const bool is_good = id != nullptr && is_new(*id);
        if (is_good) check.base_id = text_of(id->node);
        read_plain(reader, check);
        Links links;
        links.needs = reader.strings("needs");
        read_when(reader, check, links);
        const auto* schema = read_use(reader, check);
        check.waivers = read_waivers(reader, {check.base_id, schema ? schema->info : nullptr},
                                     today_, runbook_.notices, problems_);
        const Part part{reader, std::move(check), std::move(links), schema, is_good};
        const auto* each = reader.get("for-each");
        if (each == nullptr) return add_instance(part, {}, {});
        expand_for_each(part, *each);
    }

    // What all instances have in common.
    struct Part {
        const Reader& reader;
        Check check;
        Links links;
        const CheckSchema* schema;
        bool good;  // its id is
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
        std::set<std::string> seen;
        for (const auto& item : items) {
            if (!seen.insert(to_text(item)).second) {
                problems_.wrong(Rule::bad_for_each, each.node.at,
                                fmt::format("'for-each' has '{}' twice", to_text(item)));
                continue;
            }
            add_instance(part, fmt::format("[{}]", to_text(item)),
                         {.each = &item, .each_origin = &list->origin});
        }
    }

    // One check stands for the instances that nobody knows; other checks may refer to it.
    void add_without_values(const Part& part, const std::optional<base::Error>& why) {
        auto check = part.check;
        check.id = check.base_id;
        if (why) check.unmet = why;
        add(part, std::move(check), part.links);
    }

    void add(const Part& part, Check check, Links links) {
        if (!part.good) return;
        runbook_.checks.push_back(std::move(check));
        checks_.links.push_back(std::move(links));
        checks_.infos.push_back(part.schema == nullptr ? nullptr : part.schema->info);
    }

    void add_instance(const Part& part, const std::string& suffix, Scope scope) {
        if (runbook_.checks.size() >= max_checks) {
            problems_.wrong(Rule::out_of_bounds, part.reader.at(),
                            fmt::format("more than {} checks in one runbook", max_checks),
                            "Split the runbook.");
            return;
        }
        Check check = part.check;
        check.id = check.base_id + suffix;
        Links links = part.links;
        read_texts(part.reader, check, scope);
        if (part.schema != nullptr) read_with(part, check, links, scope);
        add(part, std::move(check), std::move(links));
    }

    // What ${each} may be a part of.
    void read_texts(const Reader& reader, Check& check, Scope scope) {
        if (const auto* entry = reader.string("title"))
            take(values_.expand_text(entry->node, scope), check.title, check);
        if (const auto* entry = reader.string("vantage")) {
            take(values_.expand_text(entry->node, scope), check.vantage, check);
            check_vantage(*entry, check.vantage);
        }
        if (const auto* entry = reader.get("timeout")) {
            take(read_duration(entry->node, "timeout",
                               {microseconds(1000), runbook_.deadline, "the deadline of the run"},
                               values_, problems_, scope),
                 check.timeout, check);
        }
    }

    template <class T>
    static void take(Expected<T> value, T& target, Check& check) {
        if (value) {
            target = std::move(*value);
        } else if (value.error().why && !check.unmet) {
            check.unmet = std::move(value.error().why);
        }
    }

    void check_vantage(const Entry& entry, const std::string& vantage) {
        constexpr std::string_view container = "container:";
        if (vantage == "host") return;
        if (vantage.starts_with(container) && vantage.size() > container.size()) return;
        static const std::vector<std::string> known{"host", "container"};
        problems_.wrong(
            Rule::bad_choice, entry.node.at,
            fmt::format("'vantage' is '{}'; expected \"host\" or "
                        "\"container:SERVICE\".{}",
                        vantage, base::did_you_mean(vantage.substr(0, vantage.find(':')), known)));
    }

    void read_with(const Part& part, Check& check, Links& links, Scope scope) {
        const auto use = fmt::format("{}.{}", check.plugin, check.check);
        auto arguments = read_arguments(*part.schema, part.reader.table("with"),
                                        {use, part.reader.at(), scope}, values_, problems_);
        check.arguments = std::move(arguments.list);
        links.facts = std::move(arguments.facts);
        if (arguments.unmet && !check.unmet) check.unmet = std::move(arguments.unmet);
    }

    // Everything that is the same in all instances.
    void read_plain(const Reader& reader, Check& check) {
        if (const auto* entry = reader.string("layer")) check.layer = word(*entry);
        for (const auto* node : reader.strings("tags"))
            check.tags.push_back(text_of(*node));
        if (const auto* entry = reader.string("on-fail")) {
            const auto& found = text_of(entry->node);
            check.on_fail_warn = found == "warn";
            if (std::ranges::find(on_fail_words, found) == on_fail_words.end()) {
                const std::vector<std::string> known(on_fail_words.begin(), on_fail_words.end());
                problems_.wrong(Rule::bad_choice, entry->node.at,
                                fmt::format("'on-fail' is '{}'; expected \"fail\" or \"warn\".{}",
                                            found, base::did_you_mean(found, known)));
            }
        }
        if (const auto* entry = reader.get("attempts")) read_attempts(*entry, check);
    }

    void read_attempts(const Entry& entry, Check& check) {
        auto& attempts = check.attempts;
        if (const auto* count = std::get_if<std::int64_t>(&entry.node.value)) {
            if (*count >= 1 && *count <= max_attempts) {
                attempts.count = static_cast<unsigned>(*count);
            } else {
                problems_.wrong(
                    Rule::out_of_bounds, entry.node.at,
                    fmt::format("'attempts' is {}; expected 1 to {}", *count, max_attempts));
            }
            return;
        }
        const auto* table = std::get_if<Table>(&entry.node.value);
        if (table == nullptr) {
            problems_.wrong(Rule::wrong_type, entry.node.at,
                            fmt::format("'attempts' is {}; expected a number, or a table such as "
                                        "{{ count = 3, pass = 2, interval = \"1s\" }}",
                                        describe(entry.node)));
            return;
        }
        const Reader reader(*table, entry.at, "attempts", attempts_keys, problems_);
        if (const auto count = reader.integer("count", 1, max_attempts))
            attempts.count = static_cast<unsigned>(*count);
        if (const auto pass = reader.integer("pass", 1, attempts.count))
            attempts.pass = static_cast<unsigned>(*pass);
        if (const auto* interval = reader.get("interval")) {
            take(read_duration(interval->node, "interval",
                               {microseconds(0), runbook_.deadline, "the deadline of the run"},
                               values_, problems_),
                 attempts.interval, check);
        }
    }

    void read_when(const Reader& reader, Check& check, Links& links) {
        const auto* table = reader.table("when");
        if (table == nullptr) return;
        const auto at = reader.get("when")->at;
        const Reader when(*table, at, "'when'", when_keys, problems_);
        when.require("check", "the id of a check");
        when.require("fact", "a fact of that check");
        const auto* other = when.string("check");
        const auto* fact = when.string("fact");
        if (when.has("is") == when.has("is-not")) {
            problems_.wrong(Rule::bad_when, at,
                            fmt::format("'when' has {} 'is' and 'is-not'; expected one of them",
                                        when.has("is") ? "both" : "neither"));
        }
        if (other == nullptr || fact == nullptr) return;
        links.when_check = other->node.at;
        links.when_fact = fact->node.at;
        check.when = When{text_of(other->node), text_of(fact->node), {}, {}};
        if (const auto* entry = when.get("is")) read_values(*entry, check.when->is, check);
        if (const auto* entry = when.get("is-not")) read_values(*entry, check.when->is_not, check);
    }

    void read_values(const Entry& entry, std::vector<std::string>& result, Check& check) {
        const auto* array = std::get_if<Array>(&entry.node.value);
        const auto nodes =
            array == nullptr ? std::span(&entry.node, 1) : std::span<const Node>(*array);
        for (const auto& node : nodes) {
            std::string value;
            take(values_.expand_text(node), value, check);
            result.push_back(std::move(value));
        }
        if (!result.empty()) return;
        problems_.wrong(Rule::bad_when, entry.node.at,
                        fmt::format("'{}' is empty; expected at least one value", entry.key));
    }

    // Null if the check's plugin is not there (then the check is unmet), or has no such check.
    const CheckSchema* read_use(const Reader& reader, Check& check) {
        reader.require("use", "\"PLUGIN.CHECK\"");
        const auto* entry = reader.string("use");
        if (entry == nullptr) return nullptr;
        const auto& use = text_of(entry->node);
        const auto dot = use.find('.');
        if (dot == std::string::npos || dot == 0 || dot + 1 == use.size()) {
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

    // A text for people; if a variable in it is unset it stays as it is.
    std::string text(const Entry& entry) {
        auto result = values_.expand_text(entry.node);
        return result ? std::move(*result) : text_of(entry.node);
    }

    // A layer: any word of the form of an id.
    std::string word(const Entry& entry) {
        const auto& result = text_of(entry.node);
        if (is_id(result)) return result;
        problems_.wrong(Rule::bad_id, entry.node.at,
                        fmt::format("'{}' is '{}'; expected one word, such as \"api\" or \"db\"",
                                    entry.key, result));
        return {};
    }

    Values& values_;
    Schemas& schemas_;
    std::chrono::sys_days today_;
    Runbook& runbook_;
    Problems& problems_;
    Checks checks_;
    std::unordered_map<std::string, Position> ids_;
    bool found_any_ = false;
};

}  // namespace

Checks read_checks(const Merged& merged, Values& values, Schemas& schemas,
                   std::chrono::sys_days today, Runbook& runbook, Problems& problems) {
    return ChecksReader(values, schemas, today, runbook, problems).read(merged);
}

}  // namespace triage::runbook
