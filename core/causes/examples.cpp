#include "core/causes/examples.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"

namespace triage::causes {
namespace {

using diagnose::Example;
using diagnose::Rule;
using diagnose::Rules;
using diagnose::Sign;

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

// A check that has found just this.
model::CheckResult found(const Sign& sign, const redact::Redactor& redactor) {
    model::CheckResult result;
    result.id = redactor.redact(diagnose::to_string(sign));
    result.layer = sign.layer;
    result.verdict = model::Verdict::fail;
    result.findings.push_back({.code = sign.code,
                               .weight = model::Weight::fail,
                               .subject = {},
                               .message = redactor.redact(sign.text),
                               .remedy = {},
                               .evidence = {}});
    return result;
}

model::CheckResult looked_for(const Sign& sign) {
    model::CheckResult result;
    result.layer = sign.layer;
    result.verdict = model::Verdict::pass;
    result.evaluated = {sign.code};
    return result;
}

// Of "change.deploy": no check finds it, it comes from the last good run.
std::optional<model::Change::Kind> changed(const Sign& sign) {
    using Kind = model::Change::Kind;
    for (auto kind = 0; kind <= static_cast<int>(Kind::tool); ++kind)
        if (sign.code == fmt::format("change.{}", model::name(static_cast<Kind>(kind))))
            return static_cast<Kind>(kind);
    return std::nullopt;
}

model::Changes changes_of(const Example& example, const redact::Redactor& redactor) {
    model::Changes out;
    for (const auto& sign : example.present)
        if (const auto kind = changed(sign))
            out.list.push_back({*kind, redactor.redact(sign.text), {}, {}});
    return out;
}

model::Run run_of(const Example& example, const redact::Redactor& redactor) {
    model::Run run;
    for (const auto& sign : example.present)
        if (!changed(sign)) run.results.push_back(found(sign, redactor));
    for (const auto& sign : example.absent)
        run.results.push_back(looked_for(sign));
    return run;
}

class Trial {
public:
    Trial(const Rule& rule, const Example& example, std::size_t number, std::vector<Mismatch>& out)
        : rule_(rule),
          name_(example.name.empty() ? fmt::format("{}", number) : example.name),
          example_(example),
          out_(out) {}

    void compare(const model::Diagnosis& diagnosis) {
        std::vector<std::string> named;
        for (const auto& cause : diagnosis.causes)
            named.push_back(cause.id);
        if (named.empty() || named.front() != rule_.id) {
            say(fmt::format("the first cause is {}", named.empty() ? "none" : named.front()),
                why_not(diagnosis));
        }
        for (const auto& id : named) {
            if (id == rule_.id || has(example_.also, id)) continue;
            say(fmt::format("{} is named too", id),
                "If it follows from this cause, add it to leads-to; if both are there, to the "
                "example's also.");
        }
        for (const auto& id : example_.also)
            if (!has(named, id)) say(fmt::format("{} is not named", id), "");
        for (const auto& one : diagnosis.unexplained)
            say(fmt::format("{} stays unexplained", one.check.str()),
                "Add it to explains, or take it out of the example.");
    }

private:
    std::string why_not(const model::Diagnosis& diagnosis) const {
        const auto ruled = std::ranges::find(diagnosis.ruled_out, rule_.id, &model::RuledOut::id);
        if (ruled == diagnosis.ruled_out.end())
            return "Give its signs more weight, or the other one a refuting sign.";
        return fmt::format("It is ruled out: {} is {}.", ruled->by,
                           ruled->present ? "there" : "not there");
    }
    void say(std::string what, std::string remedy) {
        out_.push_back({rule_.place, rule_.id, name_, std::move(what), std::move(remedy)});
    }

    const Rule& rule_;
    std::string name_;
    const Example& example_;
    std::vector<Mismatch>& out_;
};

std::vector<Sign> signs_of(const Rule& rule) {
    std::vector<Sign> out;
    for (const auto* some :
         {&rule.proof, &rule.expects, &rule.required, &rule.refuted_by, &rule.without})
        out.insert(out.end(), some->begin(), some->end());
    for (const auto& one : rule.explains)
        out.push_back(one.sign);
    for (const auto& example : rule.examples) {
        out.insert(out.end(), example.present.begin(), example.present.end());
        out.insert(out.end(), example.absent.begin(), example.absent.end());
    }
    return out;
}

}  // namespace

std::vector<Mismatch> try_examples(const Rules& rules, const redact::Redactor& redactor) {
    std::vector<Mismatch> out;
    for (const auto& rule : rules) {
        for (std::size_t i = 0; i < rule.examples.size(); ++i) {
            const auto& example = rule.examples[i];
            Trial(rule, example, i + 1, out)
                .compare(diagnose::diagnose(run_of(example, redactor),
                                            changes_of(example, redactor), rules, {}));
        }
    }
    return out;
}

std::vector<Mismatch> undeclared(const Rules& rules, const diagnose::Declared& declared) {
    std::set<std::string> known;
    for (const auto& [use, codes] : declared)
        known.insert(codes.begin(), codes.end());
    const std::vector<std::string> names(known.begin(), known.end());
    std::vector<Mismatch> out;
    for (const auto& rule : rules) {
        std::set<std::string> said;
        for (const auto& sign : signs_of(rule)) {
            if (known.contains(sign.code) || changed(sign) || !said.insert(sign.code).second)
                continue;
            out.push_back({rule.place, rule.id, "",
                           fmt::format("no plugin that is found here declares the code '{}'.{}",
                                       sign.code, base::did_you_mean(sign.code, names)),
                           ""});
        }
    }
    return out;
}

}  // namespace triage::causes
