/// Parameters of cors.policy, and what one page's calls to one API came to.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <triage/plugin.hpp>

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

/// How far the judgement of one page and one API came. A code is evaluated only if all came so far.
enum class Stage : std::uint8_t { asked, answered, sound, origin_ok, preflight_ok };

/// What is wrong; reported when all pairs are judged.
struct Problem {
    const triage::Code* code;
    std::string message;
    std::vector<std::pair<std::string, std::string>> evidence;
};

/// One page's origin and one API, and what was answered.
struct Pair {
    std::string origin;                        ///< serialised
    triage::Url url;                           ///< API and path
    std::vector<triage::Response> preflights;  ///< in the order of PolicyParams::methods
    std::optional<triage::Response> simple;    ///< GET without a preflight

    Stage stage = Stage::asked;
    std::vector<Problem> problems;
    std::string could_not_ask;  ///< why, or empty
    bool same_origin = false;   ///< browsers do not apply CORS
};

/// The answers to a page that nobody allows.
struct Control {
    std::string origin;
    triage::Url url;
    std::optional<triage::Response> answer;  ///< to a plain GET

    /// The API lets a page through that it cannot know.
    bool is_allowed(bool credentials) const;
};

/// Judges what was answered, but for near misses.
void judge(const PolicyParams& params, const Control& control, Pair& pair);

/// The call that the preflight for `method` asks about.
Call call_of(const PolicyParams& params, const std::string& origin, const std::string& method);

/// Says why the origin is not allowed, when a variant of it is: by what the server allows
/// (`allowed`, or null) and by what the settings say.
void explain_refusal(const PolicyParams& params, const struct NearMiss* allowed, Pair& pair);

}  // namespace cors
