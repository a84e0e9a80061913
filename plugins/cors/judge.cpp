#include <algorithm>

#include "codes.hpp"
#include "origin.hpp"
#include "policy.hpp"

namespace cors {
namespace {

using triage::Response;
using triage::text;

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words)
        out += (out.empty() ? "" : ", ") + word;
    return out;
}

Problem& add(Pair& pair, const triage::Code& code, std::string message) {
    return pair.problems.emplace_back(Problem{&code, std::move(message), {}});
}

/// The headers that decide about a code.
std::vector<const char*> decisive(const triage::Code* found) {
    if (found == &code::method_not_allowed) return {"access-control-allow-methods"};
    if (found == &code::header_not_allowed) return {"access-control-allow-headers"};
    if (found == &code::credentials) {
        return {"access-control-allow-origin", "access-control-allow-credentials"};
    }
    if (found == &code::no_vary) return {"access-control-allow-origin", "cache-control", "vary"};
    return {"access-control-allow-origin"};
}

void show(Problem& problem, const Response& answer) {
    problem.evidence.emplace_back("status", text(answer.status()));
    for (const auto* name : decisive(problem.code)) {
        for (const auto value : answer.header_all(name))
            problem.evidence.emplace_back(name, value);
    }
    if (const auto server = answer.header("server"))
        problem.evidence.emplace_back("server", *server);
    if (!answer.body().empty() && answer.status() >= 400)
        problem.evidence.emplace_back("body", triage::excerpt(answer.body()));
}

/// Is there an answer to everything?
bool answered(Pair& pair) {
    const auto usable = [&](const Response& answer) {
        if (answer.could_not_ask()) {
            pair.could_not_ask = answer.describe();
        } else if (!answer.ok()) {
            add(pair, code::no_answer, answer.describe())
                .evidence.emplace_back("phase", answer.phase_name());
        }
        return answer.ok();
    };
    return std::ranges::all_of(pair.preflights, usable) && usable(*pair.simple);
}

/// A 5xx is made outside of what sets CORS headers, in most servers: then nothing follows from
/// their absence.
bool sound(Pair& pair) {
    const auto broken = [](const Response& answer) {
        return answer.status() >= 500 && !answer.header("access-control-allow-origin");
    };
    const auto preflight = std::ranges::find_if(pair.preflights, broken);
    const bool is_preflight = preflight != pair.preflights.end();
    if (!is_preflight && !broken(*pair.simple)) return true;
    const auto& answer = is_preflight ? *preflight : *pair.simple;
    show(add(pair, code::server_error,
             text(is_preflight ? "OPTIONS" : "GET", " answers HTTP ", answer.status(),
                  " without CORS headers: browsers report it as a CORS error, and it is none")),
         answer);
    return false;
}

bool is_disabled(const Pair& pair) {
    const auto silent = [](const Response& answer) { return !speaks_cors(answer); };
    return std::ranges::all_of(pair.preflights, silent) && silent(*pair.simple) &&
           std::ranges::none_of(pair.preflights, [](const Response& answer) {
               return answer.status() >= 200 && answer.status() < 400;
           });
}

/// A preflight that something else answers (authentication, a proxy): the API itself allows the
/// origin.
bool is_intercepted(const Objection& objection, const PolicyParams& params, const Pair& pair,
                    const Response& preflight) {
    const bool refused = preflight.status() < 200 || preflight.status() > 299;
    return objection.code == &code::origin_not_allowed && refused &&
           !origin_objection(call_of(params, pair.origin, "GET"), *pair.simple);
}

/// One problem for all methods that fail for the same reason.
void judge_preflights(const PolicyParams& params, Pair& pair) {
    struct Group {
        Objection objection;
        std::vector<std::string> methods;
        const Response* answer;
    };
    std::vector<Group> groups;
    for (std::size_t i = 0; i < params.methods.size(); ++i) {
        const auto& method = params.methods[i];
        auto objection =
            preflight_objection(call_of(params, pair.origin, method), pair.preflights[i]);
        if (!objection) continue;
        if (is_intercepted(*objection, params, pair, pair.preflights[i])) {
            objection = {&code::preflight_status,
                         "no CORS headers, while GET is allowed: something before the API answers"};
        }
        const auto same = std::ranges::find_if(groups, [&](const Group& group) {
            return group.objection.code == objection->code &&
                   (objection->code == &code::method_not_allowed ||
                    group.objection.what == objection->what);
        });
        if (same == groups.end()) {
            groups.push_back({std::move(*objection), {method}, &pair.preflights[i]});
        } else {
            same->methods.push_back(method);
        }
    }
    for (const auto& [objection, methods, answer] : groups) {
        const bool all = methods.size() == params.methods.size();
        show(add(pair, *objection.code,
                 text("preflight for ", all ? "every method" : joined(methods), ": HTTP ",
                      answer->status(), ", ", objection.what)),
             *answer);
    }
}

void judge_answer(const PolicyParams& params, const Control& control, Pair& pair) {
    const auto call = call_of(params, pair.origin, "GET");
    const auto& answer = *pair.simple;
    if (const auto objection = origin_objection(call, answer)) {
        show(add(pair, code::response_blocked,
                 text("GET answers HTTP ", answer.status(), ": ", objection->what)),
             answer);
        return;
    }
    if (const auto hidden = not_exposed(call, answer, params.expose); !hidden.empty()) {
        const auto exposed = answer.header("access-control-expose-headers");
        add(pair, code::not_exposed,
            text(joined(hidden),
                 " not in Access-Control-Expose-Headers: ", exposed ? *exposed : "(absent)"));
    }
    const bool same_for_all = control.answer && control.answer->ok() &&
                              control.answer->header("access-control-allow-origin") ==
                                  answer.header("access-control-allow-origin");
    if (!same_for_all && may_be_cached(answer) && !varies_by_origin(answer)) {
        show(add(pair, code::no_vary, "a cacheable answer depends on Origin, without Vary: Origin"),
             answer);
    }
}

bool refused(const Pair& pair) {
    return std::ranges::any_of(pair.problems, [](const Problem& problem) {
        return problem.code == &code::origin_not_allowed || problem.code == &code::disabled;
    });
}

}  // namespace

Call call_of(const PolicyParams& params, const std::string& origin, const std::string& method) {
    return {origin, method, params.headers, params.credentials};
}

bool Control::is_allowed(bool credentials) const {
    return answer && answer->ok() && !origin_objection({origin, "GET", {}, credentials}, *answer);
}

void judge(const PolicyParams& params, const Control& control, Pair& pair) {
    if (!answered(pair)) return;
    pair.stage = Stage::answered;
    if (!sound(pair)) return;
    pair.stage = Stage::sound;
    if (is_disabled(pair)) {
        show(add(pair, code::disabled,
                 text("OPTIONS answers HTTP ", pair.preflights.front().status(),
                      ", and no answer has a CORS header")),
             pair.preflights.front());
        return;
    }
    judge_preflights(params, pair);
    if (refused(pair)) return;
    pair.stage = Stage::origin_ok;
    if (!pair.problems.empty()) return;
    pair.stage = Stage::preflight_ok;
    judge_answer(params, control, pair);
}

void explain_refusal(const PolicyParams& params, const NearMiss* allowed, Pair& pair) {
    const auto problem = std::ranges::find_if(pair.problems, [](const Problem& candidate) {
        return candidate.code == &code::origin_not_allowed || candidate.code == &code::disabled;
    });
    if (problem == pair.problems.end()) return;
    if (allowed != nullptr) {
        problem->code = &code::origin_near_miss;
        problem->message = text("the API allows \"", allowed->text, "\" (", allowed->what,
                                "), and browsers send \"", pair.origin, "\"");
    }
    if (!params.configured) return;
    const auto listed = entries(*params.configured);
    problem->evidence.emplace_back("configured", *params.configured);
    if (std::ranges::find(listed, pair.origin) != listed.end()) {
        problem->message += "; the settings list it, so the running API does not use them";
        return;
    }
    for (const auto& entry : listed) {
        const auto what = difference(entry, pair.origin);
        if (!what) continue;
        if (problem->code == &code::origin_not_allowed) problem->code = &code::origin_near_miss;
        problem->message += text("; the settings say \"", entry, "\": ", *what);
        return;
    }
    problem->message +=
        listed.empty() ? "; the settings list no origin" : "; the settings do not list it";
}

}  // namespace cors
