#include "core/run/resolve.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/base/url.hpp"

namespace triage::run {
namespace {

using model::ParamType;

// A template with its facts put in. Secrets are put in as well, and listed: such a text goes to the
// broker, never to the plugin.
struct Expanded {
    std::string text;
    std::vector<const runbook::Secret*> secrets;
    bool has_facts = false;
    bool is_fixed = true;  // neither facts nor secrets
};

// Of anything but text.
plugin::CallValue plain(const model::ArgValue& value) {
    plugin::CallValue out;
    out.type = value.type;
    const auto be = [&out](ParamType type) {
        if (out.type == ParamType::any) out.type = type;
    };
    if (const auto* flag = std::get_if<bool>(&value.value)) {
        be(ParamType::boolean);
        out.integer = *flag ? 1 : 0;
    } else if (const auto* integer = std::get_if<std::int64_t>(&value.value)) {
        be(ParamType::integer);
        out.integer = *integer;
    } else if (const auto* floating = std::get_if<double>(&value.value)) {
        be(ParamType::floating);
        out.floating = *floating;
    }
    return out;
}

class Resolver {
public:
    Resolver(const runbook::Runbook& runbook, const runbook::Check& check, const plan::Node& node,
             const FactLookup& facts, CommonArguments& common)
        : runbook_(runbook), check_(check), node_(node), facts_(facts), common_(common) {}

    std::expected<Ready, NotReady> resolve() {
        plugin::Call call;
        call.plugin = check_.plugin;
        call.check = check_.check;
        call.label = check_.id;
        for (std::size_t i = 0; i < check_.arguments.size(); ++i) {
            if (auto common = common_.of(check_.arguments, i)) {
                call.common.push_back(std::move(common));
                continue;
            }
            const auto& argument = check_.arguments[i];
            auto& out = call.arguments.emplace_back(argument.name);
            out.values.reserve(argument.items.size());
            for (const auto& item : argument.items) {
                auto value = value_of(argument.name, item.value);
                if (!value) return std::unexpected(value.error());
                out.values.push_back(std::move(*value));
                out.values.back().key = item.key;
            }
        }
        broker::Permit permit{.plugin = check_.plugin,
                              .grants = node_.grants ? node_.grants : grants()};
        Ready ready{std::move(call), std::move(permit)};
        reveal(ready);
        ready.permit.secrets = std::move(sealed_);
        return ready;
    }

private:
    std::shared_ptr<const plan::Grants> grants() const {
        const auto allow = runbook_.allow.find(check_.plugin);
        return std::make_shared<const plan::Grants>(
            plan::grants_for(targets_, allow == runbook_.allow.end() ? nullptr : &allow->second));
    }

    static NotReady wrong(const std::string& param, const std::string& what) {
        return {.verdict = model::Verdict::error,
                .reason = fmt::format("parameter '{}': {}", param, what),
                .remedy = "The value comes from another check's fact: see that check's result."};
    }

    std::expected<plugin::CallValue, NotReady> value_of(const std::string& param,
                                                        const model::ArgValue& value) {
        if (const auto* text = std::get_if<model::Template>(&value.value))
            return from_template(param, value.type, *text);
        return plain(value);
    }

    std::expected<plugin::CallValue, NotReady> from_template(const std::string& param,
                                                             ParamType type,
                                                             const model::Template& text) {
        auto expanded = expand(text);
        if (!expanded) return std::unexpected(expanded.error());
        plugin::CallValue out;
        out.type = type;
        switch (type) {
            case ParamType::secret:
                sealed_.push_back(seal(param, std::move(*expanded)));
                out.integer = static_cast<std::int64_t>(sealed_.size());
                return out;
            case ParamType::boolean:
            case ParamType::integer:
            case ParamType::floating:
            case ParamType::duration:
                return number(param, type, expanded->text);
            case ParamType::any:
                out.type = ParamType::string;
                [[fallthrough]];
            case ParamType::string:
            case ParamType::url:
            case ParamType::endpoint:
            case ParamType::path:
                break;
        }
        if (expanded->has_facts) {
            const auto problem = misfit(type, expanded->text);
            if (!problem.empty()) return std::unexpected(wrong(param, problem));
        }
        if (!node_.grants) {
            targets_.push_back(
                {type, expanded->text, param, expanded->is_fixed, plan::names_origin(text)});
        }
        out.text = std::move(expanded->text);
        return out;
    }

    // What the validator has checked for fixed values must be checked here for facts.
    static std::string misfit(ParamType type, const std::string& text) {
        if (type == ParamType::url) {
            if (const auto url = base::parse_url(text); !url) return url.error().message;
        } else if (type == ParamType::endpoint) {
            if (const auto endpoint = base::parse_endpoint(text); !endpoint)
                return endpoint.error().message;
        } else if (type == ParamType::path && !text.starts_with('/')) {
            return fmt::format("'{}' is not an absolute path", text);
        }
        return {};
    }

    static std::expected<plugin::CallValue, NotReady> number(const std::string& param,
                                                             ParamType type,
                                                             const std::string& text) {
        plugin::CallValue out;
        out.type = type;
        const char* end = text.data() + text.size();
        const auto complete = [&](std::from_chars_result result) {
            return result.ec == std::errc() && result.ptr == end;
        };
        bool good = false;
        if (type == ParamType::boolean) {
            good = text == "true" || text == "false";
            out.integer = text == "true" ? 1 : 0;
        } else if (type == ParamType::integer) {
            good = complete(std::from_chars(text.data(), end, out.integer));
        } else if (type == ParamType::floating) {
            good = complete(std::from_chars(text.data(), end, out.floating));
        } else if (const auto duration = base::parse_duration(text)) {
            good = true;
            out.integer = duration->count();
        }
        if (good) return out;
        return std::unexpected(
            wrong(param, fmt::format("'{}' is not a value of type {}", text, model::name(type))));
    }

    std::expected<Expanded, NotReady> expand(const model::Template& text) {
        Expanded out;
        for (const auto& part : text.parts) {
            if (const auto* literal = std::get_if<std::string>(&part)) {
                out.text += *literal;
            } else if (const auto* ref = std::get_if<model::FactRef>(&part)) {
                const auto* fact = facts_(ref->check, ref->key);
                if (fact == nullptr) return std::unexpected(unknown_fact(*ref));
                out.text += to_text(*fact);
                out.has_facts = true;
                out.is_fixed = false;
            } else if (auto problem = add_secret(std::get<model::SecretRef>(part).name, out)) {
                return std::unexpected(std::move(*problem));
            }
        }
        return out;
    }

    static NotReady unknown_fact(const model::FactRef& ref) {
        return {.verdict = model::Verdict::blocked,
                .reason = fmt::format("needs the fact '{}' of {}, which did not report it", ref.key,
                                      ref.check),
                .remedy = fmt::format("See the result of {}.", ref.check)};
    }

    std::optional<NotReady> add_secret(const std::string& name, Expanded& out) const {
        const auto secret = std::ranges::find(runbook_.secrets, name, &runbook::Secret::name);
        if (secret == runbook_.secrets.end() || !secret->value) {
            return NotReady{.verdict = model::Verdict::error,
                            .reason = fmt::format("the secret '{}' is not set", name),
                            .remedy = "[secrets] in the runbook says where it is read from."};
        }
        out.text += *secret->value;
        out.is_fixed = false;
        out.secrets.push_back(&*secret);
        return std::nullopt;
    }

    static broker::Sealed seal(const std::string& param, Expanded expanded) {
        broker::Sealed sealed{
            .text = std::move(expanded.text), .send_to = {}, .name = param, .uses = {}};
        bool first = true;
        for (const auto* secret : expanded.secrets) {
            sealed.name = secret->name;
            sealed.uses.push_back(secret->name);
            if (secret->send_to.empty()) continue;
            if (first) {
                sealed.send_to = secret->send_to;
            } else {  // a text with two secrets may go only where both may go
                std::erase_if(sealed.send_to, [&](const std::string& origin) {
                    return std::ranges::find(secret->send_to, origin) == secret->send_to.end();
                });
                if (sealed.send_to.empty()) sealed.send_to.emplace_back("(no common origin)");
            }
            first = false;
        }
        return sealed;
    }

    // Only what [allow] names leaves the host.
    void reveal(Ready& ready) const {
        const auto& allowed = ready.permit.grants->reveal;
        for (std::size_t i = 0; i < sealed_.size(); ++i) {
            const bool all = std::ranges::all_of(sealed_[i].uses, [&](const std::string& name) {
                return std::ranges::find(allowed, name) != allowed.end();
            });
            if (all)
                ready.call.revealed.emplace_back(static_cast<std::int64_t>(i + 1), sealed_[i].text);
        }
    }

    const runbook::Runbook& runbook_;
    const runbook::Check& check_;
    const plan::Node& node_;
    const FactLookup& facts_;
    CommonArguments& common_;
    std::vector<broker::Sealed> sealed_;
    std::vector<plan::TypedText> targets_;
};

}  // namespace

std::string to_text(const plugin::RawFact& fact) {
    struct Show {
        std::string operator()(bool value) const { return value ? "true" : "false"; }
        std::string operator()(std::int64_t value) const { return std::to_string(value); }
        std::string operator()(double value) const { return fmt::format("{}", value); }
        std::string operator()(const std::string& value) const { return value; }
    };
    return std::visit(Show{}, fact.value);
}

std::shared_ptr<const plugin::CallArgument> CommonArguments::of(const runbook::ArgumentList& list,
                                                                std::size_t index) {
    if (!list.is_shared(index)) return nullptr;
    const auto& argument = list[index];
    if (const auto known = made_.find(&argument); known != made_.end()) return known->second;
    auto out = std::make_shared<plugin::CallArgument>(argument.name);
    for (const auto& item : argument.items) {
        auto value = plain(item.value);
        value.key = item.key;
        if (const auto* text = std::get_if<model::Template>(&item.value.value)) {
            const auto* literal =
                text->parts.size() == 1 ? std::get_if<std::string>(text->parts.data()) : nullptr;
            // What other types say is a grant, or a secret: looked at each time.
            if (literal == nullptr || item.value.type != ParamType::string) return nullptr;
            value.text = *literal;
        }
        out->values.push_back(std::move(value));
    }
    return made_.emplace(&argument, std::move(out)).first->second;
}

std::expected<Ready, NotReady> resolve(const runbook::Runbook& runbook, const runbook::Check& check,
                                       const plan::Node& node, const FactLookup& facts,
                                       CommonArguments& common) {
    return Resolver(runbook, check, node, facts, common).resolve();
}

}  // namespace triage::run
