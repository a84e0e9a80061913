#include <algorithm>
#include <array>

#include <triage/maker.hpp>

#include "codes.hpp"
#include "policy.hpp"
#include "words.hpp"

namespace cors {
namespace {

using triage::text;

Problem& add(Pair& pair, const triage::Code& code, std::string message) {
    return pair.problems.emplace_back(Problem{&code, std::move(message), {}, ""});
}

/// The headers that decide about a code.
std::vector<const char*> decisive(const triage::Code* found) {
    if (found == &code::method_not_allowed) return {"access-control-allow-methods"};
    if (found == &code::header_not_allowed) return {"access-control-allow-headers"};
    if (found == &code::credentials)
        return {"access-control-allow-origin", "access-control-allow-credentials"};
    if (found == &code::no_vary) return {"access-control-allow-origin", "cache-control", "vary"};
    if (found == &code::redirected || found == &code::preflight_redirect) return {"location"};
    return {"access-control-allow-origin"};
}

void show(Problem& problem, const Answer& answer) {
    problem.evidence.emplace_back("status", text(answer.status()));
    for (const auto* name : decisive(problem.code)) {
        for (const auto value : answer.header_all(name))
            problem.evidence.emplace_back(name, triage::excerpt(value, 1000));
    }
    if (const auto server = answer.header("server"))
        problem.evidence.emplace_back("server", triage::excerpt(*server));
    if (!answer.start.empty() && (answer.status() >= 400 || !answer.by().empty()))
        problem.evidence.emplace_back("body", triage::excerpt(answer.start));
}

/// "preflight for PATCH, DELETE", "preflight for every method".
std::string preflight_for(const Usage& usage, const std::vector<std::string>& methods) {
    const bool all = methods.size() > 1 && methods.size() == usage.preflighted.size();
    return "preflight for " + (all ? "every method" : joined(methods));
}

Call call_of(const Usage& usage, const Pair& pair, const std::string& method) {
    return {pair.origin, method, usage.headers, usage.credentials};
}

/// A request that has no answer: one finding for all that failed alike.
void report_silence(const Usage& usage, Pair& pair) {
    struct Group {
        std::string what;
        std::string phase;
        std::vector<std::string> methods;
        bool call = false;
    };
    std::vector<Group> groups;
    std::size_t asked = 0, failed = 0;
    const auto note = [&](const Answer& answer, const std::string* method) {
        ++asked;
        if (answer.ok() || answer.could_not_ask()) return;
        ++failed;
        const auto what = answer.describe();
        auto group = std::ranges::find(groups, what, &Group::what);
        if (group == groups.end())
            group = groups.insert(group, {what, std::string(answer.phase_name()), {}, false});
        if (method) group->methods.push_back(*method);
        group->call = group->call || !method;
    };
    for (std::size_t i = 0; i < pair.preflights.size(); ++i) {
        if (pair.preflights[i]) note(*pair.preflights[i], &usage.preflighted[i]);
    }
    if (pair.call) note(*pair.call, nullptr);
    for (const auto& [what, phase, methods, call] : groups) {
        auto who = methods.empty() ? "GET" : preflight_for(usage, methods);
        if (call && !methods.empty()) who += " and GET";
        const bool all = groups.size() == 1 && asked == failed;
        auto& problem =
            add(pair, code::no_answer, text(all ? "no request is answered" : who, ": ", what));
        const auto* request = methods.empty() ? "GET " : "OPTIONS ";
        problem.evidence.emplace_back("request", request + pair.url.str());
        problem.evidence.emplace_back("origin", pair.origin);
        problem.evidence.emplace_back("phase", phase);
    }
}

/// Why one of its requests could not be put to the API, or "". That there was no time left is none
/// if others are known to have no answer.
std::string could_not_ask(const Pair& pair) {
    const auto reason = [&](const std::optional<Answer>& answer, const std::string& request) {
        const auto from = pair.same_origin ? request : text(request, " with Origin: ", pair.origin);
        if (!answer) {
            if (!pair.problems.empty()) return std::string();
            return text(from,
                        " was not answered in the time that the check has: give it a longer "
                        "timeout, or fewer origins and URLs");
        }
        return answer->could_not_ask() ? text(from, ": ", answer->describe()) : std::string();
    };
    for (const auto& preflight : pair.preflights) {
        auto why = reason(preflight, "OPTIONS " + pair.url.str());
        if (!why.empty()) return why;
    }
    return reason(pair.call, "GET " + pair.url.str());
}

/// Is there an answer to everything?
bool answered(const Usage& usage, Pair& pair) {
    if (pair.unasked) return false;
    report_silence(usage, pair);
    pair.not_told = could_not_ask(pair);
    return pair.problems.empty() && pair.not_told.empty();
}

bool is_of_proxy(const Answer& answer) { return triage::maker_of(answer, answer.start).is_proxy(); }

void report_broken(Pair& pair, const std::string& who, const Answer& answer) {
    auto& problem =
        add(pair, code::server_error,
            text(who, ": HTTP ", answer.status(), pair.same_origin ? "" : " without CORS headers",
                 answer.by(),
                 pair.same_origin ? "; that is no CORS error, as page and API have the same origin"
                                  : "; browsers call that a CORS error, and it is none"));
    if (is_of_proxy(answer))
        problem.remedy =
            "Leave the CORS settings alone: ask the API's own port, without the proxy, then look "
            "at the proxy's upstream address and error log";
    show(problem, answer);
}

void report_disabled(Pair& pair, const char* who, const Answer& answer) {
    auto& problem = add(
        pair, code::disabled,
        text(who, ": HTTP ", answer.status(), answer.by(), ", and no answer has a CORS header"));
    if (!answer.by().empty() && (answer.status() < 400 || is_of_proxy(answer)))
        problem.remedy =
            "Something else than the API seems to answer: correct the API's URL, or the proxy's "
            "rule for this path";
    show(problem, answer);
}

/// No preflight is a 5xx without CORS headers.
bool preflights_are_sound(const Usage& usage, Pair& pair) {
    std::vector<std::string> methods;
    const Answer* first = nullptr;
    for (std::size_t i = 0; i < usage.preflighted.size(); ++i) {
        const auto& answer = pair.preflights[i];
        // A 501 to OPTIONS says that the server knows no such method: it is up.
        if (says_something(answer) || answer->status() == 501) continue;
        if (first == nullptr) first = &*answer;
        methods.push_back(usage.preflighted[i]);
    }
    if (first != nullptr) report_broken(pair, preflight_for(usage, methods), *first);
    return first == nullptr;
}

/// What answers OPTIONS when it is not the CORS rules, by its status.
struct Interception {
    int status;
    const char* what;
    const char* remedy;
};

const Interception& interception(int status) {
    static constexpr const char* authentication =
        "Let OPTIONS through without authentication (browsers send no token with it): put the "
        "CORS rules before it";
    static constexpr const char* unhandled =
        "Answer OPTIONS with 2xx and the CORS headers; Access-Control-Allow-Origin on other "
        "answers is not enough for these calls";
    static constexpr std::array<Interception, 10> known{{
        {401, "authentication comes before the CORS rules", authentication},
        {407, "a proxy wants authentication first", authentication},
        {403, "something refuses it before the CORS rules: authentication or a firewall",
         "Let OPTIONS through whatever answers 403 (see server and body); if those are the CORS "
         "rules, add the origin"},
        {404, "no such path, or no route for OPTIONS",
         "Give the check a path that the API serves; if it does serve this one, route OPTIONS to "
         "the API too"},
        {410, "no such path any more", "Give the check a path that the API serves"},
        {429, "a rate limit comes before the CORS rules",
         "Leave OPTIONS out of the rate limit, and set the CORS headers on its 429 too"},
        {405, "nothing answers preflights", unhandled},
        {501, "nothing answers preflights", unhandled},
        {200, "something else than the CORS rules answers", unhandled},
        {0, "something else than the CORS rules answers",
         "See server and body for what answers OPTIONS, and let it through to the CORS rules"},
    }};
    const int wanted = status >= 200 && status <= 299 ? 200 : status;
    const auto* found = std::ranges::find(known, wanted, &Interception::status);
    return found == known.end() ? known.back() : *found;
}

/// These come before the CORS rules: that they have no CORS headers says nothing about those.
bool comes_before_cors(const Answer& answer) {
    constexpr std::array statuses{401, 403, 404, 407, 410, 429};
    if (speaks_cors(answer)) return false;
    return redirect_of(answer) || std::ranges::find(statuses, answer.status()) != statuses.end();
}

/// Some answer lets the origin through.
bool is_origin_known(const Pair& pair) {
    const auto lets = [&](const std::optional<Answer>& answer) {
        return answer && answer->ok() &&
               !origin_objection({pair.origin, "GET", {}, false}, *answer);
    };
    return lets(pair.call) || std::ranges::any_of(pair.preflights, lets);
}

bool is_disabled(const Pair& pair) {
    const auto silent = [](const std::optional<Answer>& answer) { return !speaks_cors(*answer); };
    return std::ranges::all_of(pair.preflights, silent) &&
           (!says_something(pair.call) || silent(pair.call));
}

/// The objection to one preflight, told apart from what only looks like one.
std::optional<Objection> judge_preflight(const Usage& usage, const Pair& pair,
                                         const std::string& method, const Answer& answer) {
    auto objection = preflight_objection(call_of(usage, pair, method), answer);
    if (!objection) return std::nullopt;
    const auto& who = interception(answer.status());
    if (objection->code == &code::preflight_status) {
        objection->remedy = who.remedy;
        if (answer.status() < 500) return objection;
        objection->what = "the CORS headers are right, but OPTIONS fails";
        objection->remedy = "Look into the API's log for the cause of the 5xx";
    }
    if (objection->code != &code::origin_not_allowed) return objection;
    if (answer.header("access-control-allow-origin")) return objection;
    const bool known = is_origin_known(pair);
    if (!known && !comes_before_cors(answer)) return objection;
    const bool same = !known && pair.call->status() == answer.status();
    objection->code = &code::preflight_status;
    objection->what = text("no CORS headers", known ? ", which other answers have" : "",
                           same ? ", nor on GET" : "", ": ", who.what);
    objection->remedy = who.remedy;
    return objection;
}

/// One problem for all methods that fail for the same reason.
void judge_preflights(const Usage& usage, Pair& pair) {
    struct Group {
        Objection objection;
        std::vector<std::string> methods;
        const Answer* answer;
    };
    std::vector<Group> groups;
    for (std::size_t i = 0; i < usage.preflighted.size(); ++i) {
        const auto& answer = *pair.preflights[i];
        auto objection = judge_preflight(usage, pair, usage.preflighted[i], answer);
        if (!objection) continue;
        const auto same = std::ranges::find_if(groups, [&](const Group& group) {
            return group.objection.code == objection->code &&
                   group.objection.what == objection->what &&
                   group.answer->status() == answer.status();
        });
        if (same == groups.end()) {
            groups.push_back({std::move(*objection), {usage.preflighted[i]}, &answer});
        } else {
            same->methods.push_back(usage.preflighted[i]);
        }
    }
    for (const auto& [objection, methods, answer] : groups) {
        auto& problem = add(pair, *objection.code,
                            text(preflight_for(usage, methods), ": HTTP ", answer->status(),
                                 answer->by(), ", ", objection.what));
        problem.remedy = objection.remedy;
        show(problem, *answer);
    }
}

constexpr const char* not_a_login =
    "Answer pages' calls with 401 and the CORS headers instead of the way to a login, or let them "
    "call the redirect's target";

/// CORS check of the call itself: Fetch, 4.10.
bool is_call_let_through(const Usage& usage, Pair& pair) {
    const auto& answer = *pair.call;
    const auto objection = origin_objection(call_of(usage, pair, "GET"), answer);
    if (!objection) return true;
    const bool preflighted = !usage.preflighted.empty();
    const auto* found =
        preflighted || comes_before_cors(answer) ? &code::response_blocked : objection->code;
    std::string what = objection->what, remedy;
    if (!speaks_cors(answer)) {
        what = "no CORS headers";
        if (const auto to = redirect_of(answer)) {
            what += text(", and redirected to ", triage::excerpt(*to));
            remedy = not_a_login;
        } else if (comes_before_cors(answer)) {
            what += text(": ", interception(answer.status()).what);
        }
    }
    auto& problem = add(pair, *found, text("GET: HTTP ", answer.status(), answer.by(), ", ", what));
    problem.remedy = remedy;
    show(problem, answer);
    return false;
}

/// Browsers follow, ask there, and after another origin say "Origin: null": Fetch, 4.5.
void look_at_redirect(Pair& pair) {
    const auto to = redirect_of(*pair.call);
    if (!to) return;
    const auto target = serialised_origin(*to);
    const bool elsewhere = target && target != serialised_origin(pair.url.str());
    auto& problem =
        add(pair, code::redirected,
            text("GET: HTTP ", pair.call->status(), " to ", triage::excerpt(*to),
                 ", where browsers ", elsewhere ? "then say Origin: null" : "ask again"));
    if (elsewhere) problem.remedy = not_a_login;
    show(problem, *pair.call);
}

void look_at_exposed(const Usage& usage, Pair& pair) {
    const auto hidden = not_exposed(call_of(usage, pair, "GET"), *pair.call, usage.expose);
    if (hidden.empty()) return;
    const auto exposed = pair.call->header_all("access-control-expose-headers");
    add(pair, code::not_exposed,
        text(joined(hidden), " not in Access-Control-Expose-Headers: ",
             exposed.empty() ? "(absent)" : triage::excerpt(joined(exposed))));
}

void look_at_vary(const Control& control, Pair& pair) {
    const auto& answer = *pair.call;
    const bool same_for_all = control.answer && control.answer->ok() &&
                              control.answer->header("access-control-allow-origin") ==
                                  answer.header("access-control-allow-origin");
    if (same_for_all || !may_be_cached(answer) || varies_by_origin(answer)) return;
    show(add(pair, code::no_vary, "a cacheable answer depends on Origin, without Vary: Origin"),
         answer);
}

void judge_answer(const Usage& usage, const Control& control, Pair& pair) {
    pair.looked_for.push_back(&code::response_blocked);
    if (!is_call_let_through(usage, pair)) return;
    for (const auto* code : {&code::redirected, &code::no_vary})
        pair.looked_for.push_back(code);
    if (!usage.expose.empty()) pair.looked_for.push_back(&code::not_exposed);
    look_at_redirect(pair);
    look_at_exposed(usage, pair);
    look_at_vary(control, pair);
}

}  // namespace

Problem* Pair::refusal() {
    const auto found = std::ranges::find_if(problems, [](const Problem& problem) {
        return problem.code == &code::origin_not_allowed || problem.code == &code::disabled;
    });
    return found == problems.end() ? nullptr : &*found;
}

bool Pair::works() const {
    const auto all = [](const Problem& p) { return p.code->weight != triage::Weight::fail; };
    return call && not_told.empty() && std::ranges::all_of(problems, all) &&
           std::ranges::find(looked_for, &code::redirected) != looked_for.end() &&
           std::ranges::find(problems, &code::redirected, &Problem::code) == problems.end();
}

bool Control::is_allowed(bool credentials) const {
    return answer && answer->ok() && !origin_objection({origin, "GET", {}, credentials}, *answer);
}

void judge(const Usage& usage, const Control& control, Pair& pair) {
    const auto look = [&](std::initializer_list<const triage::Code*> codes) {
        pair.looked_for.insert(pair.looked_for.end(), codes);
    };
    if (!answered(usage, pair)) return;
    look({&code::no_answer, &code::server_error});
    if (pair.same_origin) {
        if (pair.call->status() >= 500) report_broken(pair, "GET", *pair.call);
        return;
    }
    if (!preflights_are_sound(usage, pair)) return;
    const bool broken = !says_something(pair.call);
    if (broken) report_broken(pair, "GET", *pair.call);
    if (broken && usage.preflighted.empty()) return;

    look({&code::disabled, &code::origin_not_allowed, &code::origin_near_miss,
          &code::several_origins});
    if (usage.credentials) look({&code::credentials});
    if (usage.knows_settings) look({&code::settings_not_used});
    const auto& first = usage.preflighted.empty() ? pair.call : pair.preflights.front();
    if (is_disabled(pair) && !comes_before_cors(*first)) {
        report_disabled(pair, usage.preflighted.empty() ? "GET" : "OPTIONS", *first);
        return;
    }
    const auto before = pair.problems.size();
    judge_preflights(usage, pair);
    if (pair.refusal() != nullptr) return;
    if (!usage.preflighted.empty()) {
        look({&code::method_not_allowed, &code::header_not_allowed, &code::preflight_status,
              &code::preflight_redirect});
    }
    if (!broken && pair.problems.size() == before) judge_answer(usage, control, pair);
}

}  // namespace cors
