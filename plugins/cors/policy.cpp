#include "policy.hpp"

#include <algorithm>
#include <span>

#include "ask.hpp"
#include "codes.hpp"
#include "cors.hpp"
#include "words.hpp"

namespace cors {
namespace {

using triage::Context;
using triage::Request;

/// So many requests, for each URL of the API, look for variants of origins that are refused.
constexpr std::size_t most_variants = 40;

Request base_request(const PolicyParams& p, std::string_view method, const triage::Url& url,
                     const std::string& origin) {
    Request request(method, url);
    if (!origin.empty()) request.header("Origin", origin);
    request.timeout(p.timeout);
    return request;
}

/// Fetch, 4.8: no cookies, and only the names of headers that need a permission.
Request preflight(const PolicyParams& p, const Usage& usage, const triage::Url& url,
                  const std::string& origin, const std::string& method) {
    auto request = base_request(p, "OPTIONS", url, origin);
    request.header("Accept", "*/*").header("Access-Control-Request-Method", method);
    if (!usage.headers.empty())
        request.header("Access-Control-Request-Headers", joined(usage.headers, ","));
    return request;
}

/// Without an origin: as a page of the API's own origin asks.
Request plain(const PolicyParams& p, const triage::Url& url, const std::string& origin) {
    auto request = base_request(p, "GET", url, origin);
    if (p.credentials) request.header("Cookie", "triage=1");
    return request;
}

/// That need a preflight from this page.
std::span<const std::string> methods_of(const Usage& usage, const Pair& pair) {
    if (pair.same_origin) return {};
    return usage.preflighted;
}

/// Everything about one URL of the API. The control is asked last.
triage::Task<bool> ask_api(const PolicyParams& p, Context& ctx, const Usage& usage, Api& api) {
    std::vector<Request> requests;
    bool crosses = false;
    for (const auto& pair : api.pairs) {
        if (!is_askable(pair)) continue;
        crosses = crosses || !pair.same_origin;
        for (const auto& method : methods_of(usage, pair))
            requests.push_back(preflight(p, usage, pair.url, pair.origin, method));
        requests.push_back(plain(p, pair.url, pair.same_origin ? "" : pair.origin));
    }
    if (requests.empty()) co_return true;
    if (crosses) requests.push_back(plain(p, api.url, api.control.origin));

    auto answers = co_await ask_all(ctx, std::move(requests));
    auto next = answers.list.begin();
    const Pair* silent_to = nullptr;
    for (auto& pair : api.pairs) {
        if (!is_askable(pair)) continue;
        pair.unasked = silent_to != nullptr;
        for (std::size_t i = 0; i < methods_of(usage, pair).size(); ++i)
            pair.preflights.push_back(std::move(*next++));
        pair.call = std::move(*next++);
        const auto lacks = [](const auto& answer) { return answer && !answer->ok(); };
        if (answers.silent && (lacks(pair.call) || std::ranges::any_of(pair.preflights, lacks)))
            silent_to = &pair;
    }
    if (crosses) api.control.answer = std::move(*next);
    co_return true;
}

/// Variants of one refused origin, and where their answers are.
struct Search {
    Pair* pair;
    std::vector<NearMiss> variants;
    Variants found;
};

std::vector<Search> searches_of(Api& api) {
    std::vector<Search> out;
    std::size_t count = 0;
    // Where everyone is let through, a variant that is says nothing.
    const bool any = api.control.is_allowed(false);
    for (auto& pair : api.pairs) {
        if (pair.refusal() == nullptr) continue;
        Search search{&pair, near_misses(pair.origin), {}};
        const bool fits = !any && count + search.variants.size() <= most_variants;
        if (!fits) {
            search.variants.clear();
            search.found.complete = false;
        }
        count += search.variants.size();
        out.push_back(std::move(search));
    }
    return out;
}

/// A preflight where preflights were refused: it needs no session and no database. Else GET.
Request ask_for(const PolicyParams& p, const Usage& usage, Pair& pair, const NearMiss& variant) {
    const bool off = pair.refusal()->code == &code::disabled;
    if (off || usage.preflighted.empty()) return plain(p, pair.url, variant.text);
    return preflight(p, usage, pair.url, variant.text, usage.preflighted.front());
}

/// Which variants of refused origins the API would let through. What is not answered in time costs
/// only the explanation.
triage::Task<bool> find_near_misses(const PolicyParams& p, Context& ctx, const Usage& usage,
                                    std::vector<Search>& searches) {
    std::vector<Request> requests;
    for (const auto& search : searches) {
        for (const auto& variant : search.variants)
            requests.push_back(ask_for(p, usage, *search.pair, variant));
    }
    const auto answers = co_await ask_all(ctx, std::move(requests));
    auto next = answers.list.begin();
    for (auto& [pair, variants, found] : searches) {
        for (const auto& variant : variants) {
            const auto& answer = *next++;
            if (!says_something(answer)) {
                found.complete = false;
            } else if (!found.allowed &&
                       answer->header("access-control-allow-origin") == variant.text) {
                found.allowed = variant;
            }
        }
        found.complete = found.complete || found.allowed;
    }
    co_return true;
}

triage::Task<bool> explain_refusals(const PolicyParams& p, Context& ctx, Survey& survey) {
    std::vector<std::vector<Search>> searches;
    for (auto& api : survey.apis)
        searches.push_back(searches_of(api));
    std::vector<triage::Task<bool>> tasks;
    for (auto& of_api : searches)
        tasks.push_back(find_near_misses(p, ctx, survey.usage, of_api));
    co_await triage::all(std::move(tasks));
    for (const auto& of_api : searches) {
        for (const auto& search : of_api) {
            const auto works_at = urls_where_it_works(survey, *search.pair);
            explain_refusal(p.configured, search.found, works_at.empty() ? "" : works_at.front(),
                            *search.pair);
        }
    }
    co_return true;
}

triage::Check policy(const PolicyParams& p, Context& ctx) {
    auto wrong = wrong_parameters(p);
    if (!wrong.empty()) co_return triage::could_not_tell(std::move(wrong));
    auto survey = survey_of(p);
    std::vector<triage::Task<bool>> tasks;
    for (auto& api : survey.apis)
        tasks.push_back(ask_api(p, ctx, survey.usage, api));
    co_await triage::all(std::move(tasks));
    for (auto& api : survey.apis) {
        for (auto& pair : api.pairs) {
            if (is_askable(pair)) judge(survey.usage, api.control, pair);
        }
    }
    co_await explain_refusals(p, ctx, survey);
    auto summary = report(ctx, survey);
    for (const auto& api : survey.apis) {
        for (const auto& pair : api.pairs) {
            if (!pair.not_told.empty()) co_return triage::could_not_tell(pair.not_told);
        }
    }
    co_return triage::done(std::move(summary));
}

}  // namespace

void add_policy(triage::Plugin& plugin) {
    plugin.check<PolicyParams>(
        "policy", "Would browsers let these pages call this API?",
        "for each page and API: an OPTIONS for each method that needs one, and a GET; for each API "
        "one GET more, and after refusals up to 40 OPTIONS or GETs",
        policy,
        {code::no_answer, code::server_error, code::mixed_content, code::disabled,
         code::origin_not_allowed, code::origin_near_miss, code::settings_not_used,
         code::several_origins, code::preflight_redirect, code::preflight_status,
         code::method_not_allowed, code::header_not_allowed, code::credentials,
         code::response_blocked, code::redirected, code::not_exposed, code::no_vary,
         code::any_origin, code::any_origin_with_credentials},
        {fact::max_age, fact::any_origin});
}

}  // namespace cors
