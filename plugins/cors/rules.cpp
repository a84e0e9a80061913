#include "rules.hpp"

#include <algorithm>
#include <array>

#include "call.hpp"
#include "codes.hpp"
#include "words.hpp"

namespace cors {
namespace {

using triage::same_ignoring_case;

bool lists(const std::vector<std::string>& list, std::string_view name, bool any_case) {
    return std::ranges::any_of(list, [&](const std::string& element) {
        return any_case ? same_ignoring_case(element, name) : element == name;
    });
}

/// All values of a header as one ("getting" a header, Fetch, 2.2.2): twice `true` is not `true`.
std::string combined(const triage::Response& answer, std::string_view name) {
    const auto values = answer.header_all(name);
    return values.empty() ? "(absent)" : joined(values);
}

/// An element of a list that is no token makes the whole preflight fail: Fetch, 4.8, 7.3.
bool is_malformed(const std::vector<std::string>& list) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return std::ranges::any_of(list, [&](const std::string& element) {
        return !std::ranges::all_of(element, [&](char c) {
            return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                   marks.find(c) != marks.npos;
        });
    });
}

std::optional<Objection> method_objection(const Call& call, const triage::Response& answer) {
    const auto allowed = list_of(answer, "access-control-allow-methods");
    const auto shown = triage::excerpt(combined(answer, "access-control-allow-methods"));
    if (is_malformed(allowed)) {
        return Objection{
            &code::method_not_allowed,
            triage::text("no list with commas: Access-Control-Allow-Methods: ", shown)};
    }
    if (is_safelisted(call.method) || lists(allowed, call.method, false)) return std::nullopt;
    if (!call.credentials && lists(allowed, "*", false)) return std::nullopt;
    if (lists(allowed, call.method, true) && call.method != upper(call.method)) {
        return Objection{
            &code::method_not_allowed,
            triage::text("not, with these letters, in Access-Control-Allow-Methods: ", shown),
            triage::text("Write ", upper(call.method),
                         " in the page's code: browsers send it as it is written there, and "
                         "compare with case")};
    }
    return Objection{&code::method_not_allowed,
                     triage::text("not in Access-Control-Allow-Methods: ", shown)};
}

std::optional<Objection> header_objection(const Call& call, const triage::Response& answer) {
    const auto allowed = list_of(answer, "access-control-allow-headers");
    const auto shown = triage::excerpt(combined(answer, "access-control-allow-headers"));
    if (is_malformed(allowed)) {
        return Objection{
            &code::header_not_allowed,
            triage::text("no list with commas: Access-Control-Allow-Headers: ", shown)};
    }
    const bool wildcard = !call.credentials && lists(allowed, "*", false);
    std::vector<std::string> missing;
    for (const auto& name : call.headers) {
        const bool covered = wildcard && name != "authorization";
        if (!covered && !lists(allowed, name, true)) missing.push_back(name);
    }
    if (missing.empty()) return std::nullopt;
    return Objection{
        &code::header_not_allowed,
        triage::text(joined(missing), " not covered by Access-Control-Allow-Headers: ", shown)};
}

}  // namespace

std::vector<std::string> list_of(const triage::Response& answer, std::string_view name) {
    std::vector<std::string> out;
    for (auto value : answer.header_all(name)) {
        while (!value.empty()) {
            const auto comma = std::min(value.find(','), value.size());
            auto element = value.substr(0, comma);
            value.remove_prefix(std::min(comma + 1, value.size()));
            element = trimmed(element);
            if (!element.empty()) out.emplace_back(element);
        }
    }
    return out;
}

std::optional<Objection> origin_objection(const Call& call, const triage::Response& answer) {
    const auto values = answer.header_all("access-control-allow-origin");
    const auto origin = combined(answer, "access-control-allow-origin");
    if (values.empty()) {
        return Objection{&code::origin_not_allowed,
                         "this origin is not allowed (no Access-Control-Allow-Origin)"};
    }
    if (values.size() > 1 || origin.find(',') != origin.npos) {
        return Objection{
            &code::several_origins,
            "Access-Control-Allow-Origin has several values: " + triage::excerpt(origin)};
    }
    if (origin == "*") {
        if (!call.credentials) return std::nullopt;
        return Objection{&code::credentials,
                         "Access-Control-Allow-Origin: * does not count for calls with cookies"};
    }
    if (origin != call.origin) {
        return Objection{&code::origin_not_allowed,
                         triage::text("another origin is allowed (Access-Control-Allow-Origin: ",
                                      origin.empty() ? "empty" : triage::excerpt(origin), ")")};
    }
    if (!call.credentials) return std::nullopt;
    const auto allowed = combined(answer, "access-control-allow-credentials");
    if (allowed == "true") return std::nullopt;
    return Objection{&code::credentials,
                     triage::text("cookies need Access-Control-Allow-Credentials: true; found: ",
                                  triage::excerpt(allowed))};
}

std::optional<std::string> redirect_of(const triage::Response& answer) {
    constexpr std::array redirects{301, 302, 303, 307, 308};  // "redirect status": Fetch, 2.2.3
    if (std::ranges::find(redirects, answer.status()) == redirects.end()) return std::nullopt;
    return std::string(answer.header("location").value_or("nowhere"));
}

std::optional<Objection> preflight_objection(const Call& call, const triage::Response& answer) {
    if (const auto to = redirect_of(answer))
        return Objection{&code::preflight_redirect, "redirected to " + triage::excerpt(*to)};
    if (auto objection = origin_objection(call, answer)) return objection;
    if (auto objection = method_objection(call, answer)) return objection;
    if (auto objection = header_objection(call, answer)) return objection;
    if (answer.status() < 200 || answer.status() > 299)
        return Objection{&code::preflight_status, "where browsers take 2xx only"};
    return std::nullopt;
}

bool speaks_cors(const triage::Response& answer) {
    // Spring, among others, refuses an origin with no other sign than this.
    if (lists(list_of(answer, "vary"), "origin", true)) return true;
    return std::ranges::any_of(answer.headers(), [](const triage::Response::Header& header) {
        return header.first.size() > 15 &&
               same_ignoring_case(std::string_view(header.first).substr(0, 15), "access-control-");
    });
}

std::vector<std::string> not_exposed(const Call& call, const triage::Response& answer,
                                     const std::vector<std::string>& wanted) {
    // Readable without being exposed: Fetch, 2.2.2, CORS-safelisted response-header names.
    static const std::vector<std::string> safe{
        "cache-control", "content-language", "content-length", "content-type",
        "expires",       "last-modified",    "pragma"};
    auto exposed = list_of(answer, "access-control-expose-headers");
    if (is_malformed(exposed)) exposed.clear();
    const bool wildcard = !call.credentials && lists(exposed, "*", false);
    std::vector<std::string> out;
    for (const auto& name : wanted) {
        const bool covered = wildcard && !same_ignoring_case(name, "authorization");
        if (!covered && !lists(exposed, name, true) && !lists(safe, name, true))
            out.push_back(name);
    }
    return out;
}

bool says_something(const std::optional<Answer>& answer) {
    return answer && answer->ok() && (answer->status() < 500 || speaks_cors(*answer));
}

std::optional<std::int64_t> max_age(const triage::Response& preflight) {
    const auto values = list_of(preflight, "access-control-max-age");
    if (values.size() != 1 || !std::ranges::all_of(values[0], is_digit)) return std::nullopt;
    // More digits than any browser's limit has: it is the limit that counts.
    constexpr std::int64_t huge = 1'000'000'000;
    return values[0].size() > 9 ? huge : std::stoll(values[0]);
}

bool may_be_cached(const triage::Response& answer) {
    const auto directives = list_of(answer, "cache-control");
    if (lists(directives, "no-store", true) || lists(directives, "private", true)) return false;
    constexpr std::array heuristic{200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501};
    if (std::ranges::find(heuristic, answer.status()) != heuristic.end()) return true;
    return answer.header("expires") || lists(directives, "public", true) ||
           std::ranges::any_of(directives, [](const std::string& directive) {
               return directive.starts_with("max-age=") || directive.starts_with("s-maxage=");
           });
}

bool varies_by_origin(const triage::Response& answer) {
    const auto vary = list_of(answer, "vary");
    return lists(vary, "origin", true) || lists(vary, "*", false);
}

}  // namespace cors
