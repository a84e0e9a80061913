#include <algorithm>

#include <triage/maker.hpp>

#include "key.hpp"
#include "redirect.hpp"

namespace clerk {

using triage::Context;
using triage::Response;
using triage::text;

namespace code {
using triage::Code;
using triage::Weight;
namespace {

constexpr Code redirect_host{
    "clerk.redirect-host", Weight::fail, "The UI sends browsers to another instance, or elsewhere",
    "Compare the publishable key that the UI runs with (server and built JavaScript) with the "
    "frontend API; a change of the key needs a rebuild"};
constexpr Code redirect_return{
    "clerk.redirect-return", Weight::fail, "After signing in, browsers are not sent back to the UI",
    "Let the proxy before the UI pass Host (or X-Forwarded-Host) and X-Forwarded-Proto as browsers "
    "see them"};
constexpr Code redirect_loop{
    "clerk.redirect-loop", Weight::fail, "The redirects never end",
    "Compare both keys of the UI's server (clerk.pairing), look at its clock, and whether its "
    "cookies survive the proxy"};
constexpr Code no_clerk{"clerk.ui-without-clerk", Weight::fail,
                        "The UI shows the page and nothing of Clerk is to be seen",
                        "Look whether the UI was built and started with a publishable key that is "
                        "valid (without one it "
                        "may turn Clerk off), and whether its middleware covers this path"};
constexpr Code page_public{"clerk.page-public", Weight::warn,
                           "The page is shown without signing in",
                           "Name a page that demands a session; or look why this one does not"};
constexpr Code ui_key_missing{
    "clerk.ui-key-missing", Weight::fail,
    "The UI's server fails with a few bytes of text, as without Clerk's keys",
    "Set CLERK_SECRET_KEY (and the publishable key) in the environment of the UI's own server, and "
    "restart it; its log names what is missing"};
constexpr Code ui_error{"clerk.ui-error", Weight::fail, "The UI answers with an error",
                        "Look into the UI's log, or its proxy's, for this request"};
constexpr Code handshake_refused{
    "clerk.handshake-refused", Weight::fail, "The frontend API refuses the UI's handshake",
    "Look which domains the instance allows (Clerk's dashboard: Domains), and at the code that "
    "Clerk gives"};
constexpr Code handshake_rejected{
    "clerk.handshake-rejected", Weight::fail,
    "The UI fails on what the frontend API has sent it back with",
    "Compare both keys of the UI's server: they must be of one instance (clerk.pairing)"};

constexpr triage::Fact<std::string> target_fact{"sign_in", "Where signing in happens"};
constexpr triage::Fact<std::string> reason_fact{"auth_reason", "Why, by x-clerk-auth-reason"};

constexpr std::size_t tiny_body = 200;

}  // namespace
}  // namespace code

std::vector<triage::Code> redirect_codes() {
    return {code::redirect_host, code::redirect_return,   code::redirect_loop,
            code::no_clerk,      code::page_public,       code::ui_key_missing,
            code::ui_error,      code::handshake_refused, code::handshake_rejected};
}

std::vector<triage::FactInfo> redirect_facts() { return {code::target_fact, code::reason_fact}; }

namespace {

Step end(std::string summary) { return {Step::Kind::end, {}, std::move(summary)}; }

bool is_handshake(const triage::WebUrl& link) {
    return link.path.ends_with("/v1/client/handshake");
}

bool is_page(const Response& response) {
    const auto type = response.header("content-type").value_or("");
    return type.find("html") != type.npos || response.body().find("<html") != std::string::npos;
}

/// Why the browser does not come back from `at` to `ui`; empty if it does.
std::string wrong_return(const triage::WebUrl& ui, const triage::WebUrl& at) {
    const auto redirect_url = at.parameter("redirect_url");
    if (!redirect_url || redirect_url->empty()) return "there is no redirect_url";
    const auto back = triage::resolve_web_url(at.text, *redirect_url);
    if (!back) return text("redirect_url is \"", triage::excerpt(*redirect_url, 80), "\", no URL");
    if (back->origin() == ui.origin()) return "";
    const auto goes = text("redirect_url leads to ", back->origin(), ", expected ", ui.origin());
    if (back->host == ui.host && back->scheme != ui.scheme) {
        return goes + ": the UI does not know that browsers reach it by " + ui.scheme;
    }
    if (back->host == ui.host) return goes + ": the UI takes its inner port for its outer one";
    return goes + ": the UI does not know the name by which browsers reach it";
}

}  // namespace

RedirectJudge::RedirectJudge(Context& ctx, const RedirectParams& p) : ctx_(ctx), p_(p) {
    ui_ = triage::parse_web_url(p.ui.str()).value_or(triage::WebUrl());
    api_ = triage::parse_web_url(p.frontend_api.str()).value_or(triage::WebUrl());
}

triage::Finding RedirectJudge::found(const triage::Code& code, const std::string& message) {
    return ctx_.found(code, p_.ui, message);
}

void RedirectJudge::note_clerk_headers(const Response& response) {
    const auto note = [&](const char* name, std::string& into) {
        const auto value = response.header(name);
        if (!value) return;
        into = triage::excerpt(*value, 120);
        seen_clerk_ = true;
    };
    note("x-clerk-auth-status", status_);
    note("x-clerk-auth-reason", reason_);
    note("x-clerk-auth-message", message_);
    if (!reason_.empty()) ctx_.fact(code::reason_fact, reason_);
}

Step RedirectJudge::ui_answered(const triage::WebUrl& asked, const Response& response) {
    note_clerk_headers(response);
    const int status = response.status();
    if (status >= 300 && status < 400) return redirected(asked, response);
    ctx_.evaluated(code::ui_error, code::ui_key_missing);
    if (shaken_) ctx_.evaluated(code::handshake_rejected);
    return status < 300 ? at_page(response) : failed(response);
}

Step RedirectJudge::redirected(const triage::WebUrl& asked, const Response& response) {
    const auto location = response.header("location");
    const auto target = location ? triage::resolve_web_url(asked.text, *location) : std::nullopt;
    if (!target) {
        found(code::ui_error, text("HTTP ", response.status(),
                                   location ? ", and its Location is no URL" : " and no Location"));
        return end(text("HTTP ", response.status(), " that leads nowhere"));
    }
    if (is_handshake(*target)) return to_handshake(*target);
    const bool stays = target->origin() == ui_.origin();
    moved_ = moved_ || stays;
    if (stays && !target->parameter("redirect_url")) return {Step::Kind::ui, *target, ""};
    if (!stays && target->host == ui_.host && target->scheme != ui_.scheme) {
        throw triage::CouldNotTell(text("the UI is at ", target->origin(), ": it redirects from ",
                                        ui_.origin(), ". Give ui that URL"));
    }
    auto step = to_sign_in(*target);
    if (stays) step = {Step::Kind::ui, *target, ""};  // a sign-in page of its own: is it there?
    return step;
}

Step RedirectJudge::to_handshake(const triage::WebUrl& target) {
    if (shaken_) return loops("after a handshake the UI wants another one");
    shaken_ = seen_clerk_ = true;
    ctx_.evaluated(code::redirect_host);
    const auto reason = target.parameter("__clerk_hs_reason").value_or("");
    if (reason_.empty() && !reason.empty()) {
        reason_ = triage::excerpt(reason, 120);
        ctx_.fact(code::reason_fact, reason_);
    }
    const bool same_proxy = target.path.starts_with(api_.path) || api_.path == "/";
    if (target.origin() != api_.origin() || !same_proxy) {
        found(code::redirect_host,
              text("its handshake goes to ", target.shown(), ", expected ", api_.shown()))
            .evidence("reason", reason_);
        return end("handshake at " + target.origin());
    }
    judge_return(target, "handshake");
    return {Step::Kind::handshake, target, ""};
}

/// A page for signing in: Clerk's account portal, or the team's own.
Step RedirectJudge::to_sign_in(const triage::WebUrl& target) {
    ctx_.evaluated(code::redirect_host);
    ctx_.fact(code::target_fact, target.shown());
    if (!is_sign_in_host(target)) {
        auto finding = found(code::redirect_host, text("it sends browsers to ", target.shown(),
                                                       ", which is not of the "
                                                       "instance of ",
                                                       api_.host_port()));
        if (!reason_.empty()) finding.evidence("reason", reason_);
        if (!status_.empty()) finding.evidence("status", status_);
        return end("redirected to " + target.shown());
    }
    judge_return(target, "sign-in");
    return end(text("to sign in, browsers go to ", target.shown()));
}

void RedirectJudge::judge_return(const triage::WebUrl& target, std::string_view who) {
    ctx_.evaluated(code::redirect_return);
    const auto wrong = wrong_return(ui_, target);
    if (wrong.empty()) return;
    found(code::redirect_return, text(who, " at ", target.origin(), ": ", wrong));
}

/// clerk.D signs in at accounts.D, or at a page below D; X.clerk.accounts.dev at X.accounts.dev.
bool RedirectJudge::is_sign_in_host(const triage::WebUrl& target) const {
    const auto host = target.host_port();
    if (host == api_.host_port() || host == ui_.host_port()) return true;
    if (std::ranges::any_of(p_.sign_in_hosts, [&](const auto& named) {
            return triage::same_ignoring_case(named, host);
        }))
        return true;
    const auto middle = api_.host.find(".clerk.");
    if (is_development_host(api_.host)) {
        return middle != std::string::npos &&
               host == api_.host.substr(0, middle) + api_.host.substr(middle + 6);
    }
    if (!api_.host.starts_with("clerk.")) return false;
    const auto domain = api_.host.substr(6);
    return target.host == domain || target.host.ends_with("." + domain);
}

Step RedirectJudge::at_page(const Response& response) {
    ctx_.evaluated(code::no_clerk, code::page_public, code::redirect_loop);
    if (shaken_) {
        return end(
            text("handshake with ", api_.host_port(), " and back, then HTTP ", response.status()));
    }
    const auto size = text("HTTP ", response.status(), " and ", response.body_bytes(), " bytes");
    if (!seen_clerk_) {
        found(code::no_clerk, text(size, ", no redirect and no x-clerk-auth-status"));
        return end(size + " without anything of Clerk");
    }
    if (moved_) return end("to sign in, browsers stay at the UI: " + size);
    found(code::page_public, text(size, ", no redirect; Clerk says ", status_))
        .evidence("x-clerk-auth-status", status_)
        .evidence("x-clerk-auth-reason", reason_);
    return end(text(size, ", ", status_));
}

Step RedirectJudge::failed(const Response& response) {
    const auto maker = triage::maker_of(response, response.body());
    const auto said = text("HTTP ", response.status(), " and ", response.body_bytes(), " bytes",
                           maker.is_proxy() ? ", " + maker.describe() : "");
    const bool is_tiny =
        !maker.is_proxy() && response.body_bytes() <= code::tiny_body && !is_page(response);
    const auto& code = response.status() == 500 && shaken_   ? code::handshake_rejected
                       : response.status() == 500 && is_tiny ? code::ui_key_missing
                                                             : code::ui_error;
    auto finding =
        found(code, shaken_ ? said + " when the browser comes back from the handshake" : said);
    if (!response.body().empty()) finding.evidence("body", triage::excerpt(response.body()));
    if (!status_.empty()) finding.evidence("x-clerk-auth-status", status_);
    if (!reason_.empty()) finding.evidence("x-clerk-auth-reason", reason_);
    if (!message_.empty()) finding.evidence("x-clerk-auth-message", message_);
    return end(said);
}

Step RedirectJudge::handshake_answered(const triage::WebUrl& asked, const Response& response) {
    ctx_.evaluated(code::handshake_refused);
    const int status = response.status();
    const auto location = response.header("location");
    const auto target = location ? triage::resolve_web_url(asked.text, *location) : std::nullopt;
    if (status < 300 || status >= 400 || !target) {
        auto finding = found(code::handshake_refused, text("the frontend API: HTTP ", status,
                                                           " to the handshake, expected 307"));
        const auto error = clerk_error(response);
        if (!error.empty()) finding.evidence("clerk", error);
        if (!response.body().empty()) finding.evidence("body", triage::excerpt(response.body()));
        return end(text("handshake refused: HTTP ", status));
    }
    if (target->origin() == ui_.origin()) return {Step::Kind::ui, *target, ""};
    const auto goal = text("from the handshake browsers go on to ", target->shown());
    const auto wanted = triage::parse_web_url(asked.parameter("redirect_url").value_or(""));
    if (!wanted || wanted->origin() != target->origin()) {  // else it was said already
        found(code::redirect_return, text(goal, ", expected ", ui_.origin()));
    }
    return end(goal);
}

Step RedirectJudge::loops(const std::string& why) {
    if (!shaken_) {
        const auto plain = "a plain redirect loop, without Clerk's handshake: " + why;
        found(code::redirect_loop, plain)
            .remedy(
                "Look at the redirects of the UI and of the proxy before it (http and https, "
                "names, slashes, a sign-in page that demands signing in): each undoes the "
                "other's; no key and no cookie of Clerk is at fault");
        return end(plain);
    }
    auto finding = found(code::redirect_loop, why);
    if (!status_.empty()) finding.evidence("x-clerk-auth-status", status_);
    if (!reason_.empty()) finding.evidence("x-clerk-auth-reason", reason_);
    return end("redirects without end: " + why);
}

}  // namespace clerk
