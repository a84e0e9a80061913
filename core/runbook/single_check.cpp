// `triage check PLUGIN.CHECK key=value …` as a runbook of one check: the same rules hold.
#include <algorithm>
#include <cctype>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/base/url.hpp"
#include "core/runbook/schemas.hpp"
#include "core/runbook/validate.hpp"
#include "core/runbook/values.hpp"

namespace triage::runbook {
namespace {

constexpr std::string_view secret_source = "env:";
// Between the check's end and the run's: the plugin's start, and what goes wrong with it.
constexpr std::chrono::seconds grace{5};

// A pattern has commas of its own, as in "a{1,2}": each is given by itself.
std::vector<std::string> values_of(const Parameter& parameter, const std::string& value) {
    if (parameter.info->syntax != model::Syntax::any) return {value};
    std::vector<std::string> values;
    for (const auto& part : split_at_commas(value))
        values.push_back(to_text(part));
    return values;
}

class Builder {
public:
    Builder(std::string use, std::chrono::microseconds timeout, const CheckSchema* schema)
        : use_(std::move(use)), timeout_(timeout), schema_(schema) {}

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
            for (const auto& part : values_of(*parameter, value))
                array.push_back(text(key, part, parameter));
            return true;
        }
        return append(with_, key, text(key, value, parameter));
    }

    Document take() && {
        grant_default_engines();
        Table check;
        append(check, "id", {std::string("check"), {}});
        append(check, "use", {use_, {}});
        append(check, "with", {std::move(with_), {}});
        append(check, "timeout", {fmt::format("{}us", timeout_.count()), {}});
        Table step;
        append(step, "id", {std::string("check"), {}});
        append(step, "check", {array_of(std::move(check)), {}});
        Table root;
        append(root, "triage", {std::int64_t{1}, {}});
        append(root, "name", {use_.empty() ? "check" : use_, {}});  // what is wrong is its use
        append(root, "deadline", {fmt::format("{}us", (timeout_ + grace).count()), {}});
        append(root, "vars", {std::move(vars_), {}});
        append(root, "secrets", {std::move(secrets_), {}});
        append(root, "step", {array_of(std::move(step)), {}});
        auto grants = allow();
        if (!grants.empty()) append(root, "allow", {std::move(grants), {}});
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
            grant_engine(value);
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

    // The address of a Docker engine, as DOCKER_HOST has it. Who runs a check by hand consents to
    // reading from the engine that its parameters name. A request over a socket goes to no host,
    // which is called docker.
    void grant_engine(std::string_view address) {
        constexpr std::string_view by_socket = "unix:///", by_port = "tcp://";
        if (address.starts_with(by_socket)) {
            unix_.push_back({std::string(address.substr(by_socket.size() - 1)), {}});
            http_.push_back({std::string("http://docker"), {}});
        } else if (address.starts_with(by_port)) {
            const auto url = fmt::format("http://{}", address.substr(by_port.size()));
            if (base::parse_url(url)) http_.push_back({url, {}});
        }
    }

    void grant_default_engines() {
        if (schema_ == nullptr) return;
        for (const auto& parameter : schema_->parameters) {
            const auto& info = *parameter.info;
            if (find(with_, info.name) != nullptr || !info.fallback) continue;
            const std::string_view text = *info.fallback;  // of JSON
            if (text.size() > 1 && text.front() == '"')
                grant_engine(text.substr(1, text.size() - 2));
        }
    }

    // Who names a secret on the command line consents to this plugin using it.
    Table allow() {
        Table grants;
        for (auto [key, values] :
             {std::pair("reveal", &reveal_), std::pair("http", &http_), std::pair("unix", &unix_)})
            if (!values->empty()) append(grants, key, {std::move(*values), {}});
        Table result;
        if (grants.empty()) return result;
        append(result, use_.substr(0, use_.find('.')), {std::move(grants), {}});
        return result;
    }

    std::string use_;
    std::chrono::microseconds timeout_;
    const CheckSchema* schema_;
    Table with_;
    Table vars_;
    Table secrets_;
    Array reveal_, http_, unix_;
    std::vector<std::pair<std::string, std::string>> values_;
};

Diagnostic wrong(Rule rule, const std::string& key, std::string message, std::string remedy = {}) {
    Diagnostic diagnostic;
    diagnostic.rule = rule;
    diagnostic.where.file = key;
    diagnostic.message = std::move(message);
    diagnostic.remedy = std::move(remedy);
    return diagnostic;
}

bool is_secret(const Parameter& parameter) {
    return parameter.info->type == model::ParamType::secret;
}

// How this check takes a secret.
std::string how_to_give_a_secret(const CheckSchema* schema) {
    const std::vector<Parameter> none;
    const auto& parameters = schema == nullptr ? none : schema->parameters;
    const auto found = std::ranges::find_if(parameters, is_secret);
    if (found == parameters.end()) return "This check takes no secret.";
    const bool is_map = found->info->shape == model::Shape::map;
    return fmt::format("A secret is named by its place in the environment: {}{}=env:NAME.",
                       found->info->name, is_map ? ".KEY" : "");
}

// "env:TOKEN"
bool names_environment(std::string_view value) {
    if (!value.starts_with(secret_source)) return false;
    value.remove_prefix(secret_source.size());
    return !value.empty() && std::ranges::all_of(value, [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_';
    });
}

// "url=https://api.example.com", by the example that the parameter has; of a list, by its element.
std::string how_to_write(const model::ParamInfo& info) {
    if (info.type == model::ParamType::secret) return fmt::format("{}=env:NAME", info.name);
    std::string_view example = info.example ? *info.example : std::string_view();
    if (example.starts_with('[')) example = example.substr(1, example.size() - 2);
    if (example.size() < 2 || !example.starts_with('"') || example.contains('\\'))
        return fmt::format("{}=…", info.name);
    return fmt::format("{}={}", info.name, example.substr(1, example.size() - 2));
}

// What would be taken literally, but hardly is meant so.
std::optional<Diagnostic> find_misuse(const std::string& key, const std::string& value,
                                      const CheckSchema* schema) {
    const auto* parameter =
        schema == nullptr ? nullptr : schema->find(key.substr(0, key.find('.')));
    if (value.contains("${")) {
        return wrong(Rule::reference_place, key,
                     "'${' would be sent as it is: there are no references on the command line",
                     how_to_give_a_secret(schema));
    }
    if (parameter == nullptr) return std::nullopt;
    if (names_environment(value) && !is_secret(*parameter)) {
        return wrong(Rule::secret_place, key,
                     fmt::format("'{}' would be sent as it is: '{}' is not of type secret", value,
                                 parameter->info->name),
                     how_to_give_a_secret(schema));
    }
    if (parameter->info->shape == model::Shape::list &&
        std::ranges::any_of(values_of(*parameter, value), &std::string::empty)) {
        return wrong(Rule::parameter_value, key,
                     fmt::format("one of the values of '{}' is empty: expected one or more, with "
                                 "commas between them",
                                 key),
                     fmt::format("Write {}.", how_to_write(*parameter->info)));
    }
    if (parameter->info->shape != model::Shape::map || key.contains('.')) return std::nullopt;
    return wrong(Rule::parameter_type, key, fmt::format("'{}' is a table, not one value", key),
                 fmt::format("Write its entries one by one: {}.NAME=VALUE.", key));
}

// The parameter that a message is about.
const model::ParamInfo* named_in(const std::string& message, const CheckSchema* schema) {
    if (schema == nullptr) return nullptr;
    const auto found = std::ranges::find_if(schema->parameters, [&](const Parameter& parameter) {
        return message.contains(fmt::format("'{}'", parameter.info->name));
    });
    return found == schema->parameters.end() ? nullptr : found->info;
}

// What validation says of a runbook, in the words of the command line.
void translate(Diagnostic& diagnostic, const CheckSchema* schema) {
    auto& place = diagnostic.where.file;
    const auto origin = fmt::format(" (from {})", place);  // its place says so
    const auto at = diagnostic.message.find(origin);
    if (at != std::string::npos) diagnostic.message.erase(at, origin.size());
    place.erase(std::min(place.find('#'), place.size()));  // of a list's second value
    const auto* parameter = named_in(diagnostic.message, schema);
    if (parameter == nullptr) return;
    if (diagnostic.rule == Rule::secret_literal) {
        diagnostic.remedy =
            fmt::format("Put it into the environment, and write {}.", how_to_write(*parameter));
    } else if (diagnostic.rule == Rule::missing_parameter) {
        const bool is_toml = parameter->type == model::ParamType::secret ||
                             parameter->type == model::ParamType::string;
        if (is_toml) {  // a reference, or quotes
            diagnostic.message.resize(
                std::min(diagnostic.message.find(": expected"), diagnostic.message.size()));
        }
        diagnostic.remedy = fmt::format("Add {}: {}.", how_to_write(*parameter), parameter->doc);
    }
}

}  // namespace

Validated single_check(const std::string& use,
                       const std::vector<std::pair<std::string, std::string>>& with,
                       std::chrono::microseconds timeout, const Catalog& catalog,
                       const Inputs& inputs) {
    Schemas schemas(catalog);
    const auto dot = std::min(use.find('.'), use.size());
    const auto& found = schemas.find(use.substr(0, dot), use.substr(std::min(dot + 1, use.size())));
    const auto* schema = found ? &*found : nullptr;
    Builder builder(use, timeout, schema);
    Diagnostics misused;
    for (const auto& [key, value] : with) {
        if (auto misuse = find_misuse(key, value, schema)) {
            misused.push_back(std::move(*misuse));
        } else if (!builder.add(key, value)) {
            misused.push_back(
                wrong(Rule::duplicate_id, key, fmt::format("'{}' is given twice", key)));
        }
    }
    auto arguments = inputs;
    arguments.vars = builder.values();
    arguments.profile.reset();
    arguments.vars_option.clear();  // the place of a value is its key
    arguments.vars_hidden = false;  // just typed in the clear: a secret is env:NAME
    auto result = validate(std::move(builder).take(), catalog, arguments);
    for (auto& diagnostic : result.diagnostics)
        translate(diagnostic, schema);
    // What was misused is not missing as well; and a command line has no [allow].
    std::erase_if(result.diagnostics, [&](const Diagnostic& diagnostic) {
        if (diagnostic.rule == Rule::missing_grant) return true;
        const auto* parameter = named_in(diagnostic.message, schema);
        return diagnostic.rule == Rule::missing_parameter && parameter != nullptr &&
               std::ranges::any_of(misused, [&](const Diagnostic& other) {
                   return other.where.file.substr(0, other.where.file.find('.')) == parameter->name;
               });
    });
    result.diagnostics.insert(result.diagnostics.begin(), misused.begin(), misused.end());
    return result;
}

}  // namespace triage::runbook
