#include "rules.hpp"

#include <algorithm>
#include <array>

#include "codes.hpp"

namespace cors {
namespace {

using triage::same_ignoring_case;

bool lists(const std::vector<std::string>& list, std::string_view name, bool any_case) {
    return std::ranges::any_of(list, [&](const std::string& element) {
        return any_case ? same_ignoring_case(element, name) : element == name;
    });
}

/// Header names that never need a permission, whatever the preflight says (Fetch, 2.2.2).
bool is_safelisted(std::string_view name) {
    constexpr std::array<std::string_view, 3> safe{"accept", "accept-language", "content-language"};
    return std::ranges::find(safe, name) != safe.end();
}

std::optional<Objection> method_objection(const Call& call, const triage::Response& answer) {
    constexpr std::array<std::string_view, 3> always{"GET", "HEAD", "POST"};
    if (std::ranges::find(always, call.method) != always.end()) return std::nullopt;
    const auto allowed = list_of(answer, "access-control-allow-methods");
    if (lists(allowed, call.method, false)) return std::nullopt;
    if (!call.credentials && lists(allowed, "*", false)) return std::nullopt;
    const auto shown = answer.header("access-control-allow-methods");
    return Objection{&code::method_not_allowed,
                     triage::text(call.method, " is not in Access-Control-Allow-Methods: ",
                                  shown ? *shown : "(absent)")};
}

std::optional<Objection> header_objection(const Call& call, const triage::Response& answer) {
    const auto allowed = list_of(answer, "access-control-allow-headers");
    const bool wildcard = !call.credentials && lists(allowed, "*", false);
    std::string missing;
    for (const auto& name : call.headers) {
        const bool covered = wildcard && name != "authorization";
        if (is_safelisted(name) || covered || lists(allowed, name, true)) continue;
        missing += (missing.empty() ? "" : ", ") + name;
    }
    if (missing.empty()) return std::nullopt;
    const auto shown = answer.header("access-control-allow-headers");
    return Objection{&code::header_not_allowed,
                     triage::text(missing, " not covered by Access-Control-Allow-Headers: ",
                                  shown ? *shown : "(absent)")};
}

}  // namespace

std::vector<std::string> list_of(const triage::Response& answer, std::string_view name) {
    std::vector<std::string> out;
    for (auto value : answer.header_all(name)) {
        while (!value.empty()) {
            const auto comma = std::min(value.find(','), value.size());
            auto element = value.substr(0, comma);
            value.remove_prefix(std::min(comma + 1, value.size()));
            const auto from = element.find_first_not_of(" \t");
            if (from == element.npos) continue;
            element = element.substr(from, element.find_last_not_of(" \t") - from + 1);
            out.emplace_back(element);
        }
    }
    return out;
}

std::optional<Objection> origin_objection(const Call& call, const triage::Response& answer) {
    const auto values = answer.header_all("access-control-allow-origin");
    if (values.empty()) {
        return Objection{&code::origin_not_allowed, "no Access-Control-Allow-Origin"};
    }
    if (values.size() > 1 || values[0].find(',') != std::string_view::npos) {
        std::string all;
        for (const auto value : values)
            all += triage::text(all.empty() ? "" : ", ", value);
        return Objection{&code::several_origins,
                         triage::text("Access-Control-Allow-Origin: ", all)};
    }
    if (values[0] == "*" && call.credentials) {
        return Objection{&code::credentials,
                         "Access-Control-Allow-Origin: * does not count for calls with cookies"};
    }
    if (values[0] == "*") return std::nullopt;
    if (values[0] != call.origin) {
        return Objection{&code::origin_not_allowed,
                         triage::text("Access-Control-Allow-Origin: ", values[0])};
    }
    if (!call.credentials) return std::nullopt;
    const auto allowed = answer.header("access-control-allow-credentials");
    if (allowed == "true") return std::nullopt;
    return Objection{&code::credentials,
                     triage::text("Access-Control-Allow-Credentials: ",
                                  allowed ? *allowed : "(absent)", ", and it must be: true")};
}

std::optional<Objection> preflight_objection(const Call& call, const triage::Response& answer) {
    if (answer.status() >= 300 && answer.status() < 400) {
        const auto to = answer.header("location");
        return Objection{
            &code::preflight_redirect,
            triage::text("redirected (HTTP ", answer.status(), ") to ", to ? *to : "nowhere")};
    }
    if (auto objection = origin_objection(call, answer)) return objection;
    if (auto objection = method_objection(call, answer)) return objection;
    if (auto objection = header_objection(call, answer)) return objection;
    if (answer.status() < 200 || answer.status() > 299) {
        return Objection{&code::preflight_status, triage::text("HTTP ", answer.status())};
    }
    return std::nullopt;
}

bool speaks_cors(const triage::Response& answer) {
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
    const auto exposed = list_of(answer, "access-control-expose-headers");
    const bool wildcard = !call.credentials && lists(exposed, "*", false);
    std::vector<std::string> out;
    for (const auto& name : wanted) {
        const bool covered = wildcard && !same_ignoring_case(name, "authorization");
        if (!covered && !lists(exposed, name, true) && !lists(safe, name, true))
            out.push_back(name);
    }
    return out;
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
