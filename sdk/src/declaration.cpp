#include "declaration.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "values.hpp"

namespace triage::testing {
namespace {

bool is_name(const char* name, char separator) {
    if (name == nullptr || *name < 'a' || *name > 'z') return false;
    return std::all_of(name, name + std::string_view(name).size(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == separator;
    });
}

class Judge {
public:
    explicit Judge(const triage_plugin& plugin) : plugin_(plugin) {
        if (!is_name(plugin.id, '-')) say("the plugin's id is not ^[a-z][a-z0-9-]*$");
        line("the plugin", plugin.doc);
        if (plugin.check_count == 0) say("the plugin has no check");
        for (std::uint32_t i = 0; i < plugin.check_count; ++i) {
            check(*plugin.checks[i]);
        }
    }

    std::vector<std::string> wrong;

private:
    void say(std::string what) { wrong.push_back(std::move(what)); }
    void line(const std::string& what, const char* doc) {
        const std::string_view view = doc == nullptr ? "" : doc;
        if (view.empty()) say(what + " has no doc");
        if (view.find('\n') != std::string_view::npos) say(what + ": its doc is not one line");
        if (view.ends_with('.')) say(what + ": its doc ends with a full stop");
    }
    void named(const std::string& what, const char* name, char separator) {
        if (!is_name(name, separator)) {
            say(text(what, ": the name is not ^[a-z][a-z0-9", separator, "]*$"));
        }
        if (!names_.insert(what).second) say(what + " is declared twice");
    }

    void check(const triage_check& check) {
        const auto what = text("check ", check.name);
        named(what, check.name, '-');
        line(what, check.doc);
        if (check.cost == nullptr || *check.cost == '\0') say(what + " has no cost");
        if ((check.step == nullptr) == (check.run == nullptr)) {
            say(what + " needs exactly one of step and run");
        }
        if (check.create == nullptr || check.destroy == nullptr) {
            say(what + " needs create and destroy");
        }
        for (std::uint32_t i = 0; i < check.param_count; ++i) {
            param(what, *check.params[i]);
        }
        for (std::uint32_t i = 0; i < check.code_count; ++i) {
            code(what, *check.codes[i]);
        }
        for (std::uint32_t i = 0; i < check.fact_count; ++i) {
            fact(what, *check.facts[i]);
        }
    }

    void param(const std::string& check, const triage_param& param) {
        const auto what = text(check, ": parameter ", param.name);
        named(what, param.name, '-');
        line(what, param.doc);
        if (param.required != 0 && param.fallback != nullptr) {
            say(what + " is required and has a default");
        }
        if (param.type == TRIAGE_TYPE_SECRET && param.fallback != nullptr) {
            say(what + ": a secret has no default");
        }
        // A value goes through the same code as one that a test gives; so must the default.
        const triage_param* const params[] = {&param};
        triage_check alone{};
        alone.name = "";
        alone.params = params;
        alone.param_count = 1;
        try {
            if (param.required == 0) Values(alone, Params());
        } catch (const std::invalid_argument& error) {
            say(text(check, ": the default of ", error.what()));
        }
    }

    void code(const std::string& check, const triage_code& code) {
        const std::string_view name = code.name == nullptr ? "" : code.name;
        const auto what = text(check, ": code ", name);
        const auto prefix = text(plugin_.id, ".");
        if (!name.starts_with(prefix) || !is_name(code.name + prefix.size(), '-')) {
            say(text(what, " is not \"", prefix, "KEBAB-NAME\""));
        }
        if (!names_.insert(what).second) say(what + " is declared twice");
        line(what, code.doc);
        if (code.weight > TRIAGE_WEIGHT_FAIL) say(what + ": its weight is no weight");
    }

    void fact(const std::string& check, const triage_fact& fact) {
        const auto what = text(check, ": fact ", fact.name);
        named(what, fact.name, '_');
        line(what, fact.doc);
        if (fact.type < TRIAGE_TYPE_BOOL || fact.type > TRIAGE_TYPE_STRING) {
            say(what + ": its type is not BOOL, INT, FLOAT or STRING");
        }
    }

    const triage_plugin& plugin_;
    std::set<std::string> names_;
};

}  // namespace

std::vector<std::string> judge_declaration(const triage_plugin& plugin) {
    return Judge(plugin).wrong;
}

}  // namespace triage::testing
