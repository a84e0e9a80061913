/// Parameters of cors.policy, and what the calls of pages to an API came to.
///
///     wrong_parameters → survey_of → (requests) → judge → (near misses) → explain_refusal → report
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <triage/plugin.hpp>

#include "origin.hpp"
#include "rules.hpp"

namespace cors {

struct PolicyParams {
    std::vector<triage::Url> api;
    std::vector<std::string> origins;
    std::string path;
    std::vector<std::string> methods;
    std::vector<std::string> headers;
    bool credentials;
    std::vector<std::string> expose;
    std::string control_origin;
    std::optional<std::string> configured;
    std::chrono::microseconds timeout;

    static void describe(triage::Describe<PolicyParams>& d);
};

/// What makes no sense, of each parameter what was found and expected; empty if all is well. It is
/// what describe() cannot say.
std::string wrong_parameters(const PolicyParams& params);

/// What the pages do, as the rules see it.
struct Usage {
    std::vector<std::string> preflighted;  ///< methods that need a preflight
    std::vector<std::string> headers;      ///< names that need a permission, sorted, in lower case
    bool credentials;
    std::vector<std::string> expose;
    bool knows_settings;  ///< PolicyParams::configured says something
};

/// What is wrong; reported when all pairs are judged.
struct Problem {
    const triage::Code* code;
    std::string message;
    std::vector<std::pair<std::string, std::string>> evidence;
    std::string remedy;  ///< empty: the code's own
};

/// One page's origin and one API, and what was answered.
struct Pair {
    std::string origin;                             ///< serialised
    triage::Url url;                                ///< API and path
    std::vector<std::optional<Answer>> preflights;  ///< in the order of Usage
    std::optional<Answer> call;                     ///< GET, without a preflight

    bool same_origin = false;    ///< browsers do not apply CORS: no preflights
    bool unasked = false;        ///< the API was silent to another page: no more was sent
    bool more_variants = false;  ///< not all variants of a refused origin were looked for
    std::string not_told;        ///< why nothing is known, or empty
    std::vector<Problem> problems;
    std::vector<const triage::Code*> looked_for;

    /// Browsers let the page call the API.
    bool works() const;
    /// The problem is that the origin is refused, or seems to be.
    Problem* refusal();
};

/// The answer to a page that nobody allows.
struct Control {
    std::string origin;
    std::optional<Answer> answer;  ///< to a plain GET

    /// The API lets a page through that it cannot know.
    bool is_allowed(bool credentials) const;
};

/// One URL of the API.
struct Api {
    triage::Url url;  ///< with the path
    Control control;
    std::vector<Pair> pairs;  ///< one for each page
};

/// All of it.
struct Survey {
    Usage usage;
    std::vector<Api> apis;
    std::vector<std::string> origins;
};

/// What was found of the variants of an origin that is refused.
struct Variants {
    std::optional<NearMiss> allowed;
    bool complete = true;  ///< all were asked, or one is allowed
};

/// What is to be asked, and what browsers would block without asking.
Survey survey_of(const PolicyParams& params);

/// Would be asked if there is time; others are blocked without.
bool is_askable(const Pair& pair);

/// Judges what was answered, but for near misses.
void judge(const Usage& usage, const Control& control, Pair& pair);

/// Says why the origin is not allowed, by what the API allows and by what the settings say.
/// `works_at` is another URL where it is, or empty.
void explain_refusal(const std::optional<std::string>& configured, const Variants& variants,
                     const std::string& works_at, Pair& pair);

/// The same for all of the API's URLs where this origin works; without `pair`'s own.
std::vector<std::string> urls_where_it_works(const Survey& survey, const Pair& pair);

/// Reports findings, facts and what was looked for. Gives the summary.
std::string report(triage::Context& ctx, const Survey& survey);

}  // namespace cors
