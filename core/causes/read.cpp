#include "core/causes/read.hpp"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/runbook/reader.hpp"

namespace triage::causes {
namespace {

using diagnose::Sign;
using runbook::Entry;
using runbook::Position;
using runbook::Problems;
using runbook::Reader;
using runbook::text_of;

constexpr std::array<std::string_view, 2> file_keys{"cause", "include"};
constexpr std::array<std::string_view, 20> cause_keys{
    "id",       "title",    "component", "each",     "proof",      "late-proof", "roll-back",
    "explains", "leads-to", "expects",   "requires", "refuted-by", "without",    "impact",
    "scope",    "fix",      "isolate",   "ask",      "doc",        "example"};
constexpr std::array<std::string_view, 4> example_keys{"name", "present", "absent", "also"};
constexpr std::array<std::string_view, 3> states{"up", "degraded", "down"};
constexpr std::array<std::string_view, 5> scopes{"all", "origin", "route", "client", "vantage"};

class CauseReader {
public:
    CauseReader(const runbook::Table& table, Position at, const redact::Redactor& redactor,
                Problems& problems)
        : reader_(table, at, "a cause", cause_keys, problems),
          redactor_(redactor),
          problems_(problems) {}

    std::optional<Read> read() {
        reader_.require("id", "COMPONENT.NAME");
        reader_.require("title", "one line that says what is wrong");
        reader_.require("fix", "what to do about it");
        const auto* id = reader_.string("id");
        if (id == nullptr || !is_id(*id)) return std::nullopt;
        Read out;
        auto& rule = out.rule;
        rule.id = text_of(id->node);
        out.id = id->node.at;
        rule.place = problems_.place(reader_.at());
        rule.title = text("title").on_one_line();
        rule.component = word("component");
        if (rule.component.empty()) rule.component = rule.id.substr(0, rule.id.find('.'));
        rule.each_target = choice("each", std::array<std::string_view, 1>{"target"}).has_value();
        rule.proof = signs(reader_, "proof");
        if (const auto* back = reader_.boolean("roll-back")) rule.roll_back = *back;
        if (const auto* late = reader_.boolean("late-proof")) rule.late_proof = *late;
        rule.explains = weighed();
        rule.expects = signs(reader_, "expects");
        rule.required = signs(reader_, "requires");
        rule.refuted_by = signs(reader_, "refuted-by");
        rule.without = signs(reader_, "without");
        for (const auto* node : reader_.strings("leads-to")) {
            rule.leads_to.push_back(text_of(*node));
            out.leads_to.push_back(node->at);
        }
        read_impact(rule);
        if (const auto scope = choice("scope", scopes))
            rule.scope = static_cast<model::Scope>(*scope + 1);
        rule.fix = text("fix").on_one_line();
        rule.isolate = text("isolate").on_one_line();
        rule.ask = text("ask").on_one_line();
        rule.doc = text("doc").on_one_line();
        read_examples(rule);
        if (rule.proof.empty() && rule.explains.empty()) {
            problems_.wrong(runbook::Rule::missing_key, out.id,
                            fmt::format("the cause '{}' has no sign of its own", rule.id),
                            "Write 'proof' or 'explains'.");
        }
        return out;
    }

private:
    bool is_id(const Entry& entry) {
        const auto& id = text_of(entry.node);
        const auto sign = diagnose::sign_from(id);
        if (sign && diagnose::to_string(*sign) == sign->code) return true;
        problems_.wrong(runbook::Rule::bad_id, entry.node.at,
                        fmt::format("'{}' is no id of a cause: expected COMPONENT.NAME, each of "
                                    "lower-case letters, digits, '-' and '_'",
                                    id));
        return false;
    }

    model::Text text(std::string_view key) {
        const auto* entry = reader_.string(key);
        return entry == nullptr ? model::Text() : redactor_.redact(text_of(entry->node));
    }
    std::string word(std::string_view key) {
        const auto* entry = reader_.string(key);
        if (entry == nullptr) return {};
        if (!runbook::is_id(text_of(entry->node))) {
            problems_.wrong(runbook::Rule::bad_id, entry->node.at,
                            fmt::format("'{}' is no {}: expected one word in lower case",
                                        text_of(entry->node), key));
        }
        return text_of(entry->node);
    }

    std::optional<std::size_t> choice_of(const runbook::Node& node,
                                         std::span<const std::string_view> words) {
        const auto* value = std::get_if<std::string>(&node.value);
        for (std::size_t i = 0; value != nullptr && i < words.size(); ++i)
            if (*value == words[i]) return i;
        problems_.wrong(
            runbook::Rule::bad_choice, node.at,
            fmt::format("found {}; expected {}", runbook::describe(node), runbook::any_of(words)));
        return std::nullopt;
    }
    std::optional<std::size_t> choice(std::string_view key,
                                      std::span<const std::string_view> words) {
        const auto* entry = reader_.get(key);
        return entry == nullptr ? std::nullopt : choice_of(entry->node, words);
    }

    std::optional<Sign> sign(std::string_view text, Position at) {
        auto sign = diagnose::sign_from(text);
        if (sign) return *std::move(sign);
        problems_.wrong(runbook::Rule::bad_reference, at, sign.error().message,
                        sign.error().remedy);
        return std::nullopt;
    }
    std::vector<Sign> signs(const Reader& reader, std::string_view key) {
        std::vector<Sign> out;
        for (const auto* node : reader.strings(key))
            if (auto one = sign(text_of(*node), node->at)) out.push_back(*std::move(one));
        return out;
    }

    std::vector<diagnose::Weighed> weighed() {
        std::vector<diagnose::Weighed> out;
        const auto* table = reader_.table("explains");
        if (table == nullptr) return out;
        for (const auto& entry : *table) {
            auto one = sign(entry.key, entry.at);
            const auto* weight = std::get_if<std::int64_t>(&entry.node.value);
            if (weight == nullptr || *weight < 1 || *weight > 3) {
                problems_.wrong(runbook::Rule::out_of_bounds, entry.node.at,
                                fmt::format("the weight of a sign is 1, 2 or 3; found {}",
                                            runbook::describe(entry.node)));
            } else if (one) {
                out.push_back({*std::move(one), static_cast<int>(*weight)});
            }
        }
        return out;
    }

    void read_impact(diagnose::Rule& rule) {
        const auto* table = reader_.table("impact");
        if (table == nullptr) return;
        for (const auto& entry : *table)
            if (const auto state = choice_of(entry.node, states))
                rule.impact.emplace(entry.key, static_cast<model::State>(*state));
    }

    void read_examples(diagnose::Rule& rule) {
        const auto* array = reader_.array("example");
        if (array == nullptr) return;
        for (const auto& node : *array) {
            const auto* table = std::get_if<runbook::Table>(&node.value);
            if (table == nullptr) {
                problems_.wrong(runbook::Rule::wrong_type, node.at,
                                fmt::format("'example' holds {}; expected tables: "
                                            "[[cause.example]]",
                                            runbook::describe(node)));
                continue;
            }
            const Reader reader(*table, node.at, "an example", example_keys, problems_);
            diagnose::Example example;
            reader.require("present", "the signs that are there");
            if (const auto* name = reader.string("name")) example.name = text_of(name->node);
            example.present = signs(reader, "present");
            example.absent = signs(reader, "absent");
            for (const auto* id : reader.strings("also"))
                example.also.push_back(text_of(*id));
            rule.examples.push_back(std::move(example));
        }
    }

    Reader reader_;
    const redact::Redactor& redactor_;
    Problems& problems_;
};

}  // namespace

std::vector<Read> read_causes(const runbook::Document& document, const redact::Redactor& redactor,
                              Problems& problems) {
    std::vector<Read> out;
    for (const auto index : document.merge_order) {
        const auto& root = document.sources.at(index).root;
        const Reader file(std::get<runbook::Table>(root.value), root.at, "a file of causes",
                          file_keys, problems);
        const auto* causes = file.array("cause");
        if (causes == nullptr) continue;
        for (const auto& node : *causes) {
            const auto* table = std::get_if<runbook::Table>(&node.value);
            if (table == nullptr) {
                problems.wrong(runbook::Rule::wrong_type, node.at,
                               fmt::format("'cause' holds {}; expected tables: [[cause]]",
                                           runbook::describe(node)));
                continue;
            }
            CauseReader reader(*table, node.at, redactor, problems);
            if (auto read = reader.read()) out.push_back(*std::move(read));
        }
    }
    return out;
}

}  // namespace triage::causes
