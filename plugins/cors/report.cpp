#include <algorithm>

#include "codes.hpp"
#include "policy.hpp"
#include "words.hpp"

namespace cors {
namespace {

using triage::Context;
using triage::text;
using Codes = std::vector<const triage::Code*>;

/// The same problem of several pages at one URL of the API, or at several.
struct Group {
    const Problem* problem;
    const Pair* first;
    std::vector<std::string> origins;
    std::vector<std::string> urls;
};

bool is_same(const Problem& left, const Problem& right) {
    return left.code == right.code && left.message == right.message && left.remedy == right.remedy;
}

/// The pages at this URL that have the same problem.
std::vector<std::string> origins_with(const Api& api, const Problem& problem) {
    std::vector<std::string> out;
    for (const auto& pair : api.pairs) {
        const bool has = std::ranges::any_of(
            pair.problems, [&](const Problem& other) { return is_same(other, problem); });
        if (has) out.push_back(pair.origin);
    }
    return out;
}

/// One group for the pages that meet a problem, and for the URLs where just these meet it.
std::vector<Group> groups_of(const Survey& survey) {
    std::vector<Group> out;
    for (const auto& api : survey.apis) {
        for (const auto& pair : api.pairs) {
            for (const auto& problem : pair.problems) {
                auto origins = origins_with(api, problem);
                if (origins.front() != pair.origin) continue;  // it is in the first one's group
                const auto known = std::ranges::find_if(out, [&](const Group& group) {
                    return is_same(*group.problem, problem) && group.origins == origins;
                });
                if (known == out.end()) {
                    out.push_back({&problem, &pair, std::move(origins), {api.url.str()}});
                } else {
                    known->urls.push_back(api.url.str());
                }
            }
        }
    }
    return out;
}

/// Pages that were not asked any more, since the API was silent to the group's.
std::size_t unasked(const Survey& survey, const Group& group) {
    if (group.problem->code != &code::no_answer) return 0;
    const auto& api = *std::ranges::find(survey.apis, group.first->url, &Api::url);
    return static_cast<std::size_t>(std::ranges::count(api.pairs, true, &Pair::unasked));
}

bool more_variants(const Survey& survey, const Group& group) {
    return std::ranges::any_of(survey.apis, [&](const Api& api) {
        return std::ranges::any_of(api.pairs, [&](const Pair& pair) {
            return pair.more_variants && std::ranges::any_of(pair.problems, [&](const Problem& p) {
                       return is_same(p, *group.problem);
                   });
        });
    });
}

std::string for_origins(std::size_t count, const Survey& survey) {
    const auto all = survey.origins.size();
    if (count < all) return text("for ", count, " of ", all, " origins: ");
    return all == 2 ? "for both origins: " : text("for all ", all, " origins: ");
}

void report_group(Context& ctx, const Survey& survey, const Group& group) {
    const auto& [problem, first, origins, urls] = group;
    auto message = problem->message;
    if (const auto others = unasked(survey, group); others > 0)
        message += text("; ", others, others == 1 ? " more origin was" : " more origins were",
                        " not asked then");
    if (origins.size() > 1) message = for_origins(origins.size(), survey) + message;
    auto finding = ctx.found(
        *problem->code,
        origins.size() > 1 ? urls.front() : text(origins.front(), " -> ", urls.front()), message);
    if (!problem->remedy.empty()) finding.remedy(problem->remedy);
    if (origins.size() > 1) finding.evidence("origins", joined(origins, "\n"));
    for (const auto& url : urls) {
        if (url != urls.front()) finding.evidence("same-at", url);
    }
    if (more_variants(survey, group)) finding.evidence("variants", "not all looked for");
    for (const auto& [name, value] : problem->evidence)
        finding.evidence(name, value);
    if (origins.size() > 1) return;
    for (const auto& url : urls_where_it_works(survey, *first))  // so it is what lies between
        finding.evidence("works-at", url);
}

void report_any_origin(Context& ctx, const triage::Code& code,
                       const std::vector<const Api*>& apis) {
    if (apis.empty()) return;
    const auto& first = *apis.front();
    const bool cookies = &code == &code::any_origin_with_credentials;
    auto finding = ctx.found(code, first.url.str(),
                             text("any page on the web is let through",
                                  cookies ? " with cookies" : "", ", even ", first.control.origin));
    for (const auto* api : apis) {
        if (api != &first) finding.evidence("same-at", api->url.str());
    }
    for (const auto* name : {"access-control-allow-origin", "access-control-allow-credentials"}) {
        if (const auto value = first.control.answer->header(name)) finding.evidence(name, *value);
    }
}

void report_controls(Context& ctx, const Survey& survey) {
    bool asked = false;
    std::vector<const Api*> open, open_with_cookies;
    for (const auto& api : survey.apis) {
        if (!says_something(api.control.answer)) continue;
        asked = true;
        if (api.control.is_allowed(true)) {
            open_with_cookies.push_back(&api);
        } else if (api.control.is_allowed(false)) {
            open.push_back(&api);
        }
    }
    if (!asked) return;
    ctx.evaluated(code::any_origin, code::any_origin_with_credentials);
    report_any_origin(ctx, code::any_origin, open);
    report_any_origin(ctx, code::any_origin_with_credentials, open_with_cookies);
    ctx.fact(fact::any_origin, !open.empty() || !open_with_cookies.empty());
}

/// Pairs of a page and an API that have not the same origin.
std::size_t count_cross(const Survey& survey) {
    std::size_t count = 0;
    for (const auto& api : survey.apis)
        count += static_cast<std::size_t>(std::ranges::count(api.pairs, false, &Pair::same_origin));
    return count;
}

/// A code was looked for if it was for every page and URL.
void report_looked_for(Context& ctx, const Survey& survey) {
    const bool crosses = count_cross(survey) > 0;  // others have no CORS rules to look at
    std::optional<Codes> common;
    for (const auto& api : survey.apis) {
        for (const auto& pair : api.pairs) {
            if (crosses && pair.same_origin) continue;
            if (!common) common = pair.looked_for;
            std::erase_if(*common, [&](const triage::Code* code) {
                return std::ranges::find(pair.looked_for, code) == pair.looked_for.end();
            });
        }
    }
    for (const auto* code : common.value_or(Codes()))
        ctx.evaluated(*code);
}

/// How long browsers keep a preflight: Fetch's default is 5 s, and each has a limit.
constexpr std::chrono::seconds fallback{5}, chromium_limit{7200}, firefox_limit{86400};

struct Kept {
    std::chrono::seconds least, most;
};

/// Of the preflights that let their calls through; others are not kept.
std::optional<Kept> kept_of(const Survey& survey) {
    std::optional<Kept> out;
    for (const auto& api : survey.apis) {
        for (const auto& pair : api.pairs) {
            for (const auto& preflight : pair.preflights) {
                if (!pair.works()) continue;
                const std::chrono::seconds said{max_age(*preflight).value_or(fallback.count())};
                const auto kept = std::min(said, firefox_limit);
                if (!out) out = Kept{kept, kept};
                out = Kept{std::min(out->least, kept), std::max(out->most, kept)};
            }
        }
    }
    return out;
}

std::string hours(std::chrono::seconds duration) {
    const auto whole = std::chrono::duration_cast<std::chrono::hours>(duration);
    if (whole.count() == 0 || whole != duration) return triage::to_text(duration);
    return text(whole.count(), " h");
}

std::string text_of(const Kept& kept) {
    auto out = ", cached " + hours(kept.least);
    if (kept.most != kept.least) out += " to " + hours(kept.most);
    if (kept.most > chromium_limit) out += " (Chromium " + hours(chromium_limit) + ")";
    return out;
}

std::string summary_of(const Survey& survey, const std::optional<Kept>& kept) {
    const auto cross = count_cross(survey);
    if (cross == 0) {
        const auto& call = survey.apis.front().pairs.front().call;
        return text("page and API have the same origin, so browsers need no permission; GET: ",
                    call ? call->describe() : "not asked", call ? call->by() : "");
    }
    std::size_t good = 0;
    for (const auto& api : survey.apis)
        good += static_cast<std::size_t>(std::ranges::count_if(api.pairs, &Pair::works));
    const auto methods = survey.usage.preflighted.size();
    return text(good, " of ", cross, " page/API pairs work, ",
                methods == 0 ? "no preflight needed" : text(methods, " preflights each"),
                kept ? text_of(*kept) : "");
}

}  // namespace

std::string report(Context& ctx, const Survey& survey) {
    for (const auto& group : groups_of(survey))
        report_group(ctx, survey, group);
    report_controls(ctx, survey);
    report_looked_for(ctx, survey);
    const auto kept = kept_of(survey);
    if (kept) ctx.fact(fact::max_age, kept->least.count());
    return summary_of(survey, kept);
}

}  // namespace cors
