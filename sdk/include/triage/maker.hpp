/// triage/maker.hpp: who made an answer, the service that was asked or something on the way to it.
///
///     const auto maker = triage::maker_of(response, response.body(), {"x-request-id"});
///     if (maker.is_proxy()) finding.remedy("Ask the service's own port, without the proxy");
///
/// Named is only who has left a sign. `Server: nginx` is none: nginx writes it on every answer that
/// it passes on. The body is given apart, so that streamed answers can be looked at too; of it the
/// first 16 KiB count. Not part of triage/plugin.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <triage/http.hpp>

namespace triage {

/// Who made an answer, and what shows it.
struct Maker {
    /// `unknown` is never claimed to be one of the others.
    enum class Kind {
        unknown,      ///< no sign of either
        application,  ///< it bears the application's mark
        proxy,        ///< an error page or header of a proxy, load balancer or web server
    };
    Kind kind = Kind::unknown;
    std::string name;  ///< of the proxy: "nginx"
    std::string sign;  ///< what shows it: "its error page", "x-request-id"

    /// Something between here and the service made it.
    bool is_proxy() const { return kind == Kind::proxy; }
    /// The service made it: its mark is seen.
    bool is_application() const { return kind == Kind::application && !sign.empty(); }
    /// "made by a proxy (nginx: its error page)", "made by the application (it has x-request-id)",
    /// or "who made it is not known".
    std::string describe() const;
};

/// `marks` are headers that all answers of the application have; without any, nothing is known to
/// be the application's. A proxy's error page outweighs a mark, which proxies add too.
Maker maker_of(const Response& response, std::string_view body,
               const std::vector<std::string>& marks = {});

/// "an HTML page titled \"Mission Control\"", "the welcome page of nginx", or "" if it is no page.
std::string page_of(const Response& response, std::string_view body);

/// Of the answer of an API that says things in JSON: what seems to have answered in its place, as
/// "made by a proxy (nginx: its error page)" or the page's title; "" if nothing speaks for it.
std::string stand_in(const Response& response, std::string_view body);

}  // namespace triage

#include <triage/detail/maker.hpp>
