#include <algorithm>

#include "call.hpp"
#include "codes.hpp"
#include "policy.hpp"
#include "words.hpp"

using namespace std::chrono_literals;

namespace cors {
namespace {

using triage::text;

constexpr const char* token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";  // RFC 9110, 5.6.2
constexpr const char* header = "[!#$%&'*+.^_`|~0-9A-Za-z-]+(:[ -~]*)?";
constexpr const char* why_no_origin =
    "an origin is of http, https or an app's own scheme and has one host, a name in ASCII "
    "(xn--…) or an address as browsers write it (a.b.c.d), a port up to 65535, and no user";

}  // namespace

void PolicyParams::describe(triage::Describe<PolicyParams>& d) {
    using P = PolicyParams;
    d.required("api", &P::api, "URLs of the API as pages call it; a direct one too, to compare")
        .not_empty()
        .example("https://api.example.com");
    d.required("origins", &P::origins,
               "Where the pages are: their URLs or origins; null is an origin too")
        .not_empty()
        .pattern(page_pattern)
        .refuse(no_origin_pattern(), why_no_origin)
        .example("https://app.example.com");
    d.optional("path", &P::path, "/", "A path of the API that answers GET, whatever its status")
        .pattern("/\\S*")
        .example("/api/v1/things");
    d.optional("methods", &P::methods, {"GET", "POST", "PATCH", "DELETE"},
               "The methods that the pages use")
        .not_empty()
        .pattern(token)
        .refuse("(?i)CONNECT|TRACE|TRACK", "no page can send it");
    d.optional("headers", &P::headers, {"authorization", "content-type"},
               "The headers that the pages set, each \"name\" or \"name: value\"; content-type "
               "without a value is JSON")
        .pattern(header)
        .refuse(text("(", forbidden_header_pattern(), ")(:.*)?"),
                "browsers set it, pages cannot (for cookies say credentials = true)");
    d.optional("credentials", &P::credentials, false,
               "The pages send cookies (credentials: include)");
    d.optional("expose", &P::expose, "Response headers that the pages read")
        .pattern(token)
        .refuse("(?i)[*]|set-cookie2?", "pages read headers by their names, and never set-cookie")
        .example("x-request-id");
    d.optional("control-origin", &P::control_origin, "https://triage.invalid",
               "An origin that nobody allows, to see whether every origin is let through")
        .pattern(page_pattern)
        .refuse(no_origin_pattern(), why_no_origin)
        .differs_from({"origins", "api"});
    d.optional("configured", &P::configured,
               "The setting that lists the allowed origins, to name the entry that is wrong; empty "
               "if it is not known");
    d.optional("timeout", &P::timeout, 3s, "No answer within this is a finding").at_least(1ms);
}

namespace {

/// Collects what is wrong with origins, and what the good ones are.
struct Origins {
    std::vector<std::string> wrong;
    std::vector<std::string> good;

    void read(const char* parameter, const std::string& given) {
        auto origin = page_origin(given);
        if (origin) return good.push_back(std::move(*origin));
        wrong.push_back(text(parameter, ": \"", given, "\": ", origin.error()));
    }
};

void look_at_calls(const PolicyParams& p, std::vector<std::string>& wrong) {
    for (const auto& method : p.methods) {
        if (is_forbidden_method(method))
            wrong.push_back(text("methods: no page can send ", method, ": leave it out"));
    }
    for (const auto& given : p.headers) {
        const auto name = name_of_header(given);
        if (name == "cookie") {
            wrong.emplace_back("headers: no page can set cookie: say credentials = true instead");
        } else if (is_forbidden_header(name)) {
            wrong.push_back(
                text("headers: browsers set ", name, " themselves, pages cannot: leave it out"));
        }
    }
    for (const auto& name : p.expose) {
        if (name == "*") wrong.emplace_back("expose: \"*\": name the headers that the pages read");
        if (const auto small = lower(name); small == "set-cookie" || small == "set-cookie2")
            wrong.push_back(text("expose: no page can read ", small, ": leave it out"));
    }
}

}  // namespace

std::string wrong_parameters(const PolicyParams& p) {
    Origins origins;
    for (const auto& page : p.origins)
        origins.read("origins", page);
    const auto pages = origins.good;
    origins.read("control-origin", p.control_origin);
    auto wrong = std::move(origins.wrong);
    if (const auto control = serialised_origin(p.control_origin)) {
        if (std::ranges::find(pages, *control) != pages.end())
            wrong.push_back(text("control-origin: ", *control,
                                 " is one of origins; it must be one that nobody allows"));
        for (const auto& api : p.api) {
            if (serialised_origin(api.str()) == control)
                wrong.push_back(text("control-origin: ", *control,
                                     " is the API's own; it must be one that nobody allows"));
        }
    }
    look_at_calls(p, wrong);
    return joined(wrong, "; ");
}

namespace {

Usage usage_of(const PolicyParams& p) {
    Usage usage{{},
                unsafe_names(p.headers),
                p.credentials,
                p.expose,
                p.configured && !p.configured->empty()};
    for (const auto& given : p.methods) {
        const auto method = normalised(given);
        const bool needs_one = !usage.headers.empty() || !is_safelisted(method);
        const bool known = std::ranges::find(usage.preflighted, method) != usage.preflighted.end();
        if (needs_one && !known) usage.preflighted.push_back(method);
    }
    return usage;
}

Pair pair_of(const std::string& origin, const triage::Url& url) {
    Pair pair;
    pair.origin = origin;
    pair.url = url;
    pair.same_origin = serialised_origin(url.str()) == origin;
    pair.looked_for.push_back(&code::mixed_content);
    if (!pair.same_origin && is_mixed_content(origin, url.str())) {
        pair.problems.push_back(
            {&code::mixed_content,
             "an https page may not call http: the browser blocks it, nothing is sent",
             {},
             ""});
    }
    return pair;
}

}  // namespace

Survey survey_of(const PolicyParams& p) {
    Survey survey{usage_of(p), {}, {}};
    for (const auto& page : p.origins) {
        auto origin = serialised_origin(page).value_or(page);
        if (std::ranges::find(survey.origins, origin) == survey.origins.end())
            survey.origins.push_back(std::move(origin));
    }
    for (const auto& base : p.api) {
        Api api{base.join(p.path),
                {serialised_origin(p.control_origin).value_or(p.control_origin), {}},
                {}};
        if (std::ranges::find(survey.apis, api.url, &Api::url) != survey.apis.end()) continue;
        for (const auto& origin : survey.origins)
            api.pairs.push_back(pair_of(origin, api.url));
        survey.apis.push_back(std::move(api));
    }
    return survey;
}

bool is_askable(const Pair& pair) { return pair.problems.empty(); }

}  // namespace cors
