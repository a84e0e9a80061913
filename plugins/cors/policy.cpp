#include "policy.hpp"

#include <algorithm>

#include "codes.hpp"
#include "cors.hpp"
#include "origin.hpp"

using namespace std::chrono_literals;

namespace cors {
namespace {

using triage::Context;
using triage::Request;
using triage::Response;
using triage::text;

constexpr const char* token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";  // RFC 9110, 5.6.2
constexpr const char* page_url = "https?://[^/?#@\\s]+([/?#]\\S*)?";

constexpr triage::Fact<std::int64_t> max_age{
    "max_age", "How long browsers keep a preflight's answer, in seconds"};
constexpr triage::Fact<bool> any_origin{"any_origin", "Any page on the web is let through"};

}  // namespace

void PolicyParams::describe(triage::Describe<PolicyParams>& d) {
    using P = PolicyParams;
    d.required("api", &P::api, "URLs of the API as pages call it; a direct one too, to compare")
        .not_empty()
        .example("https://api.example.com");
    d.required("origins", &P::origins, "Where the pages are: their URLs or origins")
        .not_empty()
        .pattern(page_url)
        .example("https://app.example.com");
    d.optional("path", &P::path, "/", "A path of the API that answers GET, whatever its status")
        .pattern("/\\S*");
    d.optional("methods", &P::methods, {"GET", "POST", "PATCH", "DELETE"},
               "The methods that the pages use")
        .not_empty()
        .pattern("[A-Z]+");
    d.optional("headers", &P::headers, {"authorization", "content-type"},
               "The headers that the pages set, but for those that browsers always allow")
        .pattern(token);
    d.optional("credentials", &P::credentials, false,
               "The pages send cookies (credentials: include)");
    d.optional("expose", &P::expose, "Response headers that the pages read").pattern(token);
    d.optional("control-origin", &P::control_origin, "https://triage.invalid",
               "An origin that nobody allows, to see whether every origin is let through")
        .pattern(page_url);
    d.optional("configured", &P::configured,
               "The setting that lists the allowed origins, to name the entry that is wrong; empty "
               "if it is not known");
    d.optional("timeout", &P::timeout, 3s, "No answer within this is a finding").at_least(1ms);
}

namespace {

Request base_request(const PolicyParams& p, std::string_view method, const triage::Url& url,
                     const std::string& origin) {
    Request request(method, url);
    request.header("Origin", origin).timeout(p.timeout).max_body(4096);
    return request;
}

/// Fetch, 4.8: no cookies, the header names sorted and in lower case.
Request preflight(const PolicyParams& p, const triage::Url& url, const std::string& origin,
                  const std::string& method) {
    auto request = base_request(p, "OPTIONS", url, origin);
    request.header("Access-Control-Request-Method", method);
    std::string names;
    for (const auto& name : p.headers)
        names += (names.empty() ? "" : ",") + name;
    if (!names.empty()) request.header("Access-Control-Request-Headers", names);
    return request;
}

Request simple(const PolicyParams& p, const triage::Url& url, const std::string& origin) {
    auto request = base_request(p, "GET", url, origin);
    if (p.credentials) request.header("Cookie", "triage=1");
    return request;
}

triage::Task<Response> ask(Context& ctx, Request request) {
    co_return co_await ctx.http(std::move(request));
}

triage::Task<bool> ask_pair(const PolicyParams& p, Context& ctx, Pair& pair) {
    std::vector<triage::Task<Response>> tasks;
    for (const auto& method : p.methods)
        tasks.push_back(ask(ctx, preflight(p, pair.url, pair.origin, method)));
    tasks.push_back(ask(ctx, simple(p, pair.url, pair.origin)));
    auto answers = co_await triage::all(std::move(tasks));
    pair.simple = std::move(answers.back());
    answers.pop_back();
    pair.preflights = std::move(answers);
    co_return true;
}

triage::Task<bool> ask_control(const PolicyParams& p, Context& ctx, Control& control) {
    control.answer = co_await ask(ctx, simple(p, control.url, control.origin));
    co_return true;
}

/// Which variant of the origin the API would let through. Asked only after a refusal.
triage::Task<std::optional<NearMiss>> find_near_miss(const PolicyParams& p, Context& ctx,
                                                     const Pair& pair) {
    const auto variants = near_misses(pair.origin);
    std::vector<triage::Task<Response>> tasks;
    for (const auto& variant : variants)
        tasks.push_back(ask(ctx, simple(p, pair.url, variant.text)));
    const auto answers = co_await triage::all(std::move(tasks));
    for (std::size_t i = 0; i < variants.size(); ++i) {
        const Call call{variants[i].text, "GET", {}, p.credentials};
        if (answers[i].ok() && !origin_objection(call, answers[i])) co_return variants[i];
    }
    co_return std::nullopt;
}

/// The parameters in the form in which browsers send and compare them.
PolicyParams normalised(PolicyParams p) {
    for (auto& name : p.headers)
        std::ranges::transform(name, name.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
    std::ranges::sort(p.headers);
    if (p.configured && p.configured->empty()) p.configured.reset();
    return p;
}

struct Survey {
    std::vector<Pair> pairs;
    std::vector<Control> controls;  // one for each API
};

Survey survey_of(const PolicyParams& p) {
    Survey survey;
    for (const auto& api : p.api) {
        survey.controls.push_back(
            {serialised_origin(p.control_origin).value_or(p.control_origin), api.join(p.path), {}});
        for (const auto& page : p.origins) {
            Pair pair;
            pair.origin = serialised_origin(page).value_or(page);
            pair.url = api.join(p.path);
            pair.same_origin = serialised_origin(api.str()) == pair.origin;
            if (!pair.same_origin && is_mixed_content(pair.origin, api.str())) {
                pair.problems.push_back(
                    {&code::mixed_content,
                     "an https page may not call http: the browser blocks it, nothing is sent",
                     {}});
            }
            survey.pairs.push_back(std::move(pair));
        }
    }
    return survey;
}

bool is_askable(const Pair& pair) { return !pair.same_origin && pair.problems.empty(); }

const Control& control_of(const Survey& survey, const Pair& pair) {
    return *std::ranges::find(survey.controls, pair.url, &Control::url);
}

bool is_refused(const Pair& pair) {
    return std::ranges::any_of(pair.problems, [](const Problem& problem) {
        return problem.code == &code::origin_not_allowed || problem.code == &code::disabled;
    });
}

/// The pairs of the same page with the same problem, this one among them.
std::vector<const Pair*> pairs_like(const Survey& survey, const Pair& pair,
                                    const Problem& problem) {
    std::vector<const Pair*> out;
    for (const auto& other : survey.pairs) {
        const bool same =
            other.origin == pair.origin &&
            std::ranges::any_of(other.problems, [&](const Problem& candidate) {
                return candidate.code == problem.code && candidate.message == problem.message;
            });
        if (same) out.push_back(&other);
    }
    return out;
}

bool works(const Pair& pair) { return pair.stage == Stage::preflight_ok && pair.problems.empty(); }

/// One finding for what a page meets at several URLs of the API.
void report_pair(Context& ctx, const Survey& survey, const Pair& pair) {
    for (const auto& problem : pair.problems) {
        const auto alike = pairs_like(survey, pair, problem);
        if (alike.front() != &pair) continue;  // reported with that one
        auto finding =
            ctx.found(*problem.code, text(pair.origin, " -> ", pair.url.str()), problem.message);
        for (const auto* other : alike) {
            if (other != &pair) finding.evidence("same-at", other->url.str());
        }
        for (const auto& [name, value] : problem.evidence)
            finding.evidence(name, value);
        for (const auto& other : survey.pairs) {  // so it is what lies between
            if (other.origin == pair.origin && works(other))
                finding.evidence("works-at", other.url.str());
        }
    }
}

void report_control(Context& ctx, const PolicyParams& p, const Survey& survey) {
    bool any = false;
    for (const auto& control : survey.controls) {
        if (!control.answer || !control.answer->ok()) continue;
        ctx.evaluated(code::any_origin, code::any_origin_with_credentials);
        if (!control.is_allowed(false)) continue;
        any = true;
        const auto& answer = *control.answer;
        const bool cookies = p.credentials && control.is_allowed(true);
        ctx.found(cookies ? code::any_origin_with_credentials : code::any_origin, control.url.str(),
                  text("lets \"", control.origin, "\" through, which it cannot know"))
            .evidence("access-control-allow-origin", *answer.header("access-control-allow-origin"));
    }
    ctx.fact(any_origin, any);
}

void report_evaluated(Context& ctx, const PolicyParams& p, const Survey& survey) {
    ctx.evaluated(code::mixed_content);
    auto reached = Stage::preflight_ok;
    bool asked = false;
    for (const auto& pair : survey.pairs) {
        if (pair.same_origin) continue;
        asked = true;
        reached = std::min(reached, pair.stage);
    }
    if (!asked) return;
    if (reached >= Stage::answered) ctx.evaluated(code::no_answer, code::server_error);
    if (reached >= Stage::sound) {
        ctx.evaluated(code::disabled, code::origin_not_allowed, code::origin_near_miss,
                      code::several_origins, code::preflight_redirect, code::credentials);
    }
    if (reached >= Stage::origin_ok) {
        ctx.evaluated(code::method_not_allowed, code::header_not_allowed, code::preflight_status);
    }
    if (reached >= Stage::preflight_ok) {
        ctx.evaluated(code::response_blocked, code::no_vary);
        if (!p.expose.empty()) ctx.evaluated(code::not_exposed);
    }
}

/// Seconds that browsers keep what the preflights said: Fetch's default is 5.
std::int64_t report_max_age(Context& ctx, const Survey& survey) {
    std::int64_t least = 5;
    for (const auto& pair : survey.pairs) {
        if (pair.preflights.empty()) continue;
        const auto value = pair.preflights.front().header("access-control-max-age");
        if (value && !value->empty() && value->size() < 10 &&
            value->find_first_not_of("0123456789") == value->npos)
            least = std::stoll(std::string(*value));
        ctx.fact(max_age, least);
        break;
    }
    return least;
}

std::string summary_of(const PolicyParams& p, const Survey& survey, std::int64_t preflight_age) {
    std::size_t good = 0, cross = 0;
    for (const auto& pair : survey.pairs) {
        if (pair.same_origin) continue;
        ++cross;
        const bool blocked = std::ranges::any_of(pair.problems, [](const Problem& problem) {
            return problem.code->weight == triage::Weight::fail;
        });
        if (!blocked && pair.stage == Stage::preflight_ok) ++good;
    }
    if (cross == 0) return "page and API have the same origin: browsers need no permission";
    return text(good, " of ", cross, " page/API pairs work, ", p.methods.size(),
                " methods each; browsers keep a preflight ", preflight_age, " s");
}

triage::Check policy(const PolicyParams& given, Context& ctx) {
    const auto p = normalised(given);
    auto survey = survey_of(p);
    std::vector<triage::Task<bool>> tasks;
    for (auto& pair : survey.pairs) {
        if (is_askable(pair)) tasks.push_back(ask_pair(p, ctx, pair));
    }
    const bool cross_origin = !tasks.empty();
    for (auto& control : survey.controls) {
        if (cross_origin) tasks.push_back(ask_control(p, ctx, control));
    }
    co_await triage::all(std::move(tasks));
    for (auto& pair : survey.pairs) {
        if (!is_askable(pair)) continue;
        judge(p, control_of(survey, pair), pair);
        if (!is_refused(pair)) continue;
        const auto near = co_await find_near_miss(p, ctx, pair);
        explain_refusal(p, near ? &*near : nullptr, pair);
    }
    for (const auto& pair : survey.pairs)
        report_pair(ctx, survey, pair);
    if (cross_origin) report_control(ctx, p, survey);
    report_evaluated(ctx, p, survey);
    for (const auto& pair : survey.pairs) {
        if (!pair.could_not_ask.empty()) co_return triage::could_not_tell(pair.could_not_ask);
    }
    co_return triage::done(summary_of(p, survey, report_max_age(ctx, survey)));
}

}  // namespace

void add_policy(triage::Plugin& plugin) {
    plugin.check<PolicyParams>(
        "policy", "Would browsers let these pages call this API?",
        "for each page and API: an OPTIONS for each method and a GET; for each API one GET more; "
        "after a refusal up to 9 GETs",
        policy,
        {code::no_answer, code::server_error, code::mixed_content, code::disabled,
         code::origin_not_allowed, code::origin_near_miss, code::several_origins,
         code::preflight_redirect, code::preflight_status, code::method_not_allowed,
         code::header_not_allowed, code::credentials, code::response_blocked, code::not_exposed,
         code::no_vary, code::any_origin, code::any_origin_with_credentials},
        {max_age, any_origin});
}

}  // namespace cors
