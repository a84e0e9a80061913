/// Where the UI sends a browser that is not signed in: a walk along the redirects, and its
/// judgement.
#pragma once

#include <string>
#include <vector>

#include <triage/plugin.hpp>
#include <triage/web_url.hpp>

#include "frontend_api.hpp"

namespace clerk {

struct RedirectParams : Asking {
    triage::Url ui, frontend_api;
    std::vector<std::string> sign_in_hosts;
    bool follow;

    static void describe(triage::Describe<RedirectParams>& d);
};

/// The cookies that the UI has set; a browser's, as far as a sign-in needs them.
class CookieJar {
public:
    explicit CookieJar(std::string ui_host) : ui_host_(std::move(ui_host)) {}
    /// Takes what a response of the UI sets, or one of `another_host` for the UI's domain too.
    /// Values are secrets from then on.
    void take(triage::Context& ctx, const triage::Response& response, bool another_host);
    /// The Cookie header, or "".
    std::string header() const;

private:
    bool is_for_ui(std::string_view set_cookie) const;

    std::string ui_host_;
    std::vector<std::pair<std::string, std::string>> cookies_;
};

/// What a step leads to.
struct Step {
    enum class Kind : std::uint8_t { end, ui, handshake } kind = Kind::end;
    triage::WebUrl target;  ///< of ui and handshake
    std::string summary;    ///< how it ended, of end
};

/// Judges answer after answer.
class RedirectJudge {
public:
    RedirectJudge(triage::Context& ctx, const RedirectParams& p);

    /// The answer of the UI to `asked`.
    Step ui_answered(const triage::WebUrl& asked, const triage::Response& response);
    /// The answer of the frontend API to a handshake.
    Step handshake_answered(const triage::WebUrl& asked, const triage::Response& response);
    /// It goes on and on: `why` says how that was seen.
    Step loops(const std::string& why);

private:
    Step redirected(const triage::WebUrl& asked, const triage::Response& response);
    Step to_handshake(const triage::WebUrl& target);
    Step to_sign_in(const triage::WebUrl& target);
    Step at_page(const triage::Response& response);
    Step failed(const triage::Response& response);
    void judge_return(const triage::WebUrl& target, std::string_view who);
    bool is_sign_in_host(const triage::WebUrl& target) const;
    void note_clerk_headers(const triage::Response& response);
    triage::Finding found(const triage::Code& code, const std::string& message);

    triage::Context& ctx_;
    const RedirectParams& p_;
    triage::WebUrl ui_, api_;
    std::string status_, reason_, message_;  // of x-clerk-auth-*, the last that were seen
    bool seen_clerk_ = false;                // a header of Clerk's, or a handshake
    bool moved_ = false;                     // to another page of the UI, such as its sign-in page
    bool shaken_ = false;                    // a handshake is under way, or done
};

std::vector<triage::Code> redirect_codes();
std::vector<triage::FactInfo> redirect_facts();

}  // namespace clerk
