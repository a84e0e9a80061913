/// clerk.redirect: the way of a browser that is not signed in.
#include "redirect.hpp"

#include <algorithm>
#include <set>

#include "clerk.hpp"
#include "transport.hpp"

namespace clerk {

using triage::Context;
using triage::Response;
using triage::text;

void RedirectParams::describe(triage::Describe<RedirectParams>& d) {
    using P = RedirectParams;
    d.required("ui", &P::ui, "A page of the UI that demands signing in")
        .example("https://app.example.com/");
    d.required("frontend-api", &P::frontend_api, "The frontend API, or your proxy before it")
        .example("https://clerk.example.com");
    d.optional("sign-in-hosts", &P::sign_in_hosts,
               "More hosts where signing in may happen, such as a satellite's primary domain")
        .pattern("[^/?#@\\s]+")
        .refuse(triage::text(".*:", triage::no_port), "its port is none: expected 1 to 65535")
        .example("accounts.example.com");
    d.optional("follow", &P::follow, true,
               "Go along with the handshake, as a browser does, to see whether it comes to an end");
    describe_asking(d);
}

/// By its Domain attribute: in production the frontend API sets cookies for the UI's domain.
bool CookieJar::is_for_ui(std::string_view set_cookie) const {
    while (true) {
        const auto semicolon = set_cookie.find(';');
        if (semicolon == set_cookie.npos) return false;
        set_cookie.remove_prefix(
            std::min(set_cookie.find_first_not_of(' ', semicolon + 1), set_cookie.size()));
        if (!triage::same_ignoring_case(set_cookie.substr(0, 7), "domain=")) continue;
        auto domain = set_cookie.substr(7, set_cookie.find(';') - 7);
        if (domain.starts_with('.')) domain.remove_prefix(1);
        return !domain.empty() &&
               (ui_host_ == domain || ui_host_.ends_with("." + std::string(domain)));
    }
}

void CookieJar::take(Context& ctx, const Response& response, bool another_host) {
    for (const auto line : response.header_all("set-cookie")) {
        const auto pair = line.substr(0, line.find(';'));
        const auto equals = pair.find('=');
        if (equals == pair.npos || (another_host && !is_for_ui(line))) continue;
        const std::string name(pair.substr(0, equals)), value(pair.substr(equals + 1));
        std::erase_if(cookies_, [&](const auto& cookie) { return cookie.first == name; });
        if (value.empty()) continue;
        if (value.size() >= 16) ctx.add_secret(value);
        cookies_.emplace_back(name, value);
    }
}

std::string CookieJar::header() const {
    std::string result;
    for (const auto& [name, value] : cookies_)
        result += text(result.empty() ? "" : "; ", name, "=", value);
    return result;
}

namespace {

constexpr std::size_t most_requests = 10;

/// What a browser sends when somebody opens a page.
triage::Request navigate(const RedirectParams& p, const triage::WebUrl& link,
                         const std::string& cookies) {
    auto made = request(p, link.text);
    made.header("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
        .header("Sec-Fetch-Dest", "document")
        .header("Sec-Fetch-Mode", "navigate")
        .header("Sec-Fetch-Site", "none");
    if (!cookies.empty()) made.header("Cookie", cookies);
    return made;
}

triage::Check redirect(const RedirectParams& p, Context& ctx) {
    if (auto wrong = wrong_asking(p); !wrong.empty()) co_return triage::could_not_tell(wrong);
    const auto start = triage::parse_web_url(p.ui.str());
    if (!start) co_return triage::could_not_tell("ui is no URL that can be read");
    RedirectJudge judge(ctx, p);
    CookieJar jar(start->host);
    std::set<std::string> seen;  // page and cookies: the same twice is a loop
    Step step{Step::Kind::ui, *start, ""};
    std::size_t requests = 0;
    while (step.kind != Step::Kind::end) {
        const bool at_ui = step.kind == Step::Kind::ui;
        const auto asked = step.target;
        const auto cookies = at_ui ? jar.header() : "";
        if (!seen.insert(asked.text + '\n' + cookies).second) {
            step = judge.loops(text("the UI redirects to ", asked.shown(), " again"));
            break;
        }
        if (requests == most_requests) {
            step = judge.loops(text("no end after ", most_requests, " requests"));
            break;
        }
        ++requests;
        const auto response = co_await ctx.http(navigate(p, asked, cookies));
        if (response.could_not_ask()) co_return triage::could_not_tell(response.describe());
        const auto who = at_ui ? "UI" : "frontend API, handshake";
        if (!settle_transport(ctx, response, who, asked.shown())) {
            co_return triage::done(text(who, ": ", response.describe()));
        }
        jar.take(ctx, response, !at_ui);
        step =
            at_ui ? judge.ui_answered(asked, response) : judge.handshake_answered(asked, response);
        if (step.kind == Step::Kind::handshake && !p.follow) {
            co_return triage::done("handshake at " + step.target.shown() + ", not followed");
        }
    }
    co_return triage::done(
        text(step.summary, " (", requests, requests == 1 ? " request)" : " requests)"));
}

}  // namespace

void add_redirect(triage::Plugin& plugin) {
    plugin.check<RedirectParams>(
        "redirect", "Where does the UI send a browser that is not signed in?",
        "1 GET of the UI; with a handshake 1 of the frontend API, and up to 8 more of the UI",
        redirect, transport.with(redirect_codes()), redirect_facts());
}

}  // namespace clerk
