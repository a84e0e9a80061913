// `triage check PLUGIN.CHECK key=value …` as a runbook of one check: the same rules hold.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/runbook/schemas.hpp"
#include "core/runbook/validate.hpp"
#include "core/runbook/values.hpp"

namespace triage::runbook {
namespace {

constexpr std::string_view secret_source = "env:";

class Builder {
public:
    Builder(std::string use, const CheckSchema* schema) : use_(std::move(use)), schema_(schema) {}

    // False: that key has been given before.
    bool add(const std::string& key, const std::string& value) {
        const auto dot = key.find('.');
        const auto name = key.substr(0, dot);
        const auto* parameter = schema_ == nullptr ? nullptr : schema_->find(name);
        const auto shape = parameter == nullptr ? model::Shape::one : parameter->info->shape;
        if (shape == model::Shape::map && dot != std::string::npos) {
            auto& table = at(name, Table{});
            return append(std::get<Table>(table.value), key.substr(dot + 1),
                          text(key, value, parameter));
        }
        if (shape == model::Shape::list) {
            auto& array = std::get<Array>(at(name, Array{}).value);
            for (const auto& part : split_at_commas(value))
                array.push_back(text(key, to_text(part), parameter));
            return true;
        }
        return append(with_, key, text(key, value, parameter));
    }

    Document take() && {
        Table check;
        append(check, "id", {std::string("check"), {}});
        append(check, "use", {use_, {}});
        append(check, "with", {std::move(with_), {}});
        Table step;
        append(step, "id", {std::string("check"), {}});
        append(step, "check", {array_of(std::move(check)), {}});
        Table root;
        append(root, "triage", {std::int64_t{1}, {}});
        append(root, "name", {use_, {}});
        append(root, "vars", {std::move(vars_), {}});
        append(root, "secrets", {std::move(secrets_), {}});
        append(root, "step", {array_of(std::move(step)), {}});
        if (!reveal_.empty()) append(root, "allow", {allow(), {}});
        Document document;
        document.sources.push_back({use_, {}, {std::move(root), {}}});
        document.merge_order = {0};
        return document;
    }

    // Values of the variables that stand for the arguments.
    const std::vector<std::pair<std::string, std::string>>& values() const { return values_; }

private:
    static bool append(Table& table, const std::string& key, Node node) {
        if (find(table, key) != nullptr) return false;
        table.push_back({key, {}, std::move(node)});
        return true;
    }

    static Array array_of(Table table) {
        Array array;
        array.push_back({std::move(table), {}});
        return array;
    }

    Node& at(const std::string& name, decltype(Node::value) initial) {
        append(with_, name, {std::move(initial), {}});
        return std::ranges::find(with_, name, &Entry::key)->node;
    }

    // Text has no type of its own yet: a variable that is set from outside has none either. A
    // secret is named by where it stands, so that it is in no list of processes.
    Node text(const std::string& key, const std::string& value, const Parameter* parameter) {
        const bool secret = parameter != nullptr &&
                            parameter->info->type == model::ParamType::secret &&
                            value.starts_with(secret_source);
        if (!secret) {
            const auto name =
                find(vars_, key) == nullptr ? key : fmt::format("{}#{}", key, vars_.size());
            append(vars_, name, {Table{}, {}});
            values_.emplace_back(name, value);
            return {fmt::format("${{var.{}}}", name), {}};
        }
        Array from;
        from.push_back({value, {}});
        Table declared;
        append(declared, "from", {std::move(from), {}});
        append(secrets_, value.substr(secret_source.size()), {std::move(declared), {}});
        reveal_.push_back({value.substr(secret_source.size()), {}});
        return {fmt::format("${{secret.{}}}", value.substr(secret_source.size())), {}};
    }

    // Who names a secret on the command line consents to this plugin using it.
    Table allow() {
        Table grants;
        append(grants, "reveal", {std::move(reveal_), {}});
        Table result;
        append(result, use_.substr(0, use_.find('.')), {std::move(grants), {}});
        return result;
    }

    std::string use_;
    const CheckSchema* schema_;
    Table with_;
    Table vars_;
    Table secrets_;
    Array reveal_;
    std::vector<std::pair<std::string, std::string>> values_;
};

}  // namespace

Validated single_check(const std::string& use,
                       const std::vector<std::pair<std::string, std::string>>& with,
                       const Catalog& catalog, const Inputs& inputs) {
    Schemas schemas(catalog);
    const auto dot = std::min(use.find('.'), use.size());
    const auto& found = schemas.find(use.substr(0, dot), use.substr(std::min(dot + 1, use.size())));
    Builder builder(use, found ? &*found : nullptr);
    Diagnostics twice;
    for (const auto& [key, value] : with) {
        if (builder.add(key, value)) continue;
        Diagnostic diagnostic;
        diagnostic.rule = Rule::duplicate_id;
        diagnostic.where.file = key;
        diagnostic.message = fmt::format("'{}' is given twice", key);
        twice.push_back(std::move(diagnostic));
    }
    auto arguments = inputs;
    arguments.vars = builder.values();
    arguments.profile.reset();
    arguments.vars_option.clear();  // the place of a value is its key
    auto result = validate(std::move(builder).take(), catalog, arguments);
    result.diagnostics.insert(result.diagnostics.begin(), twice.begin(), twice.end());
    return result;
}

}  // namespace triage::runbook
