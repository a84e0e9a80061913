/// Why an origin is refused: an entry that is nearly right, or settings that are not in use.
#include <algorithm>

#include "codes.hpp"
#include "policy.hpp"
#include "words.hpp"

namespace cors {
namespace {

using triage::text;

/// An entry of the settings that is nearly the origin.
std::optional<NearMiss> nearly_listed(const std::vector<std::string>& listed,
                                      const std::string& origin) {
    for (const auto& entry : listed) {
        if (auto what = difference(entry, origin)) return NearMiss{entry, std::move(*what)};
    }
    return std::nullopt;
}

void name_variant(Problem& problem, const Pair& pair, const char* who, const NearMiss& miss) {
    problem.code = &code::origin_near_miss;
    problem.message = text(who, " \"", miss.text, "\" (", miss.what, "), and browsers send \"",
                           pair.origin, "\"");
}

/// What the settings say, where the API allows `allowed` instead.
void compare_with_settings(Problem& problem, const Pair& pair, const std::string& configured,
                           const std::optional<NearMiss>& allowed, bool works_elsewhere) {
    const auto listed = entries(configured);
    // One a line: in "http://h:80,http://…" the redactor would take the rest for a password.
    problem.evidence.emplace_back("configured", joined(listed, "\n"));
    const auto lists = [&](const std::string& entry) {
        return std::ranges::find(listed, entry) != listed.end();
    };
    if (lists(pair.origin) || lists("*")) {
        if (works_elsewhere) return;  // so they are in use
        if (lists(pair.origin) && configured.find_first_of("[\"'") != configured.npos) {
            problem.code = &code::origin_near_miss;
            problem.message = text("the settings list \"", pair.origin,
                                   "\" within brackets or quotes, and the API refuses it: one that "
                                   "splits at commas takes them for a part of the origin");
            return;
        }
        problem.code = &code::settings_not_used;
        problem.message = lists(pair.origin) ? "the settings list this origin"
                                             : "the settings allow every origin";
        problem.message += ", yet the API refuses it: it seems to run with other ones";
        if (allowed) problem.evidence.emplace_back("allowed-instead", allowed->text);
        return;
    }
    const auto near = nearly_listed(listed, pair.origin);
    if (!allowed && near) return name_variant(problem, pair, "the settings say", *near);
    if (allowed && lists(allowed->text)) {
        problem.message += "; the settings say so too";
    } else if (near) {
        problem.message += text("; the settings say \"", near->text, "\": ", near->what);
    } else {
        problem.message += listed.empty() ? "; the settings list no origin at all"
                                          : "; the settings do not list it";
    }
}

}  // namespace

void explain_refusal(const std::optional<std::string>& configured, const Variants& variants,
                     const std::string& works_at, Pair& pair) {
    auto* problem = pair.refusal();
    if (problem == nullptr) return;
    if (!works_at.empty()) {
        problem->remedy = text("It works at ", works_at,
                               ": compare the two, and look at the proxy that lies between");
    }
    if (variants.allowed) {
        problem->remedy.clear();
        name_variant(*problem, pair, "the API allows", *variants.allowed);
    } else if (!variants.complete) {
        pair.more_variants = true;
        std::erase(pair.looked_for, &code::origin_near_miss);
    }
    if (configured && !configured->empty())
        compare_with_settings(*problem, pair, *configured, variants.allowed, !works_at.empty());
}

std::vector<std::string> urls_where_it_works(const Survey& survey, const Pair& pair) {
    std::vector<std::string> out;
    for (const auto& api : survey.apis) {
        for (const auto& other : api.pairs) {
            if (other.origin == pair.origin && other.url != pair.url && other.works())
                out.push_back(other.url.str());
        }
    }
    return out;
}

}  // namespace cors
