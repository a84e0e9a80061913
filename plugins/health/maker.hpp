/// Who made an answer: the application, or something on the way to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <triage/plugin.hpp>

namespace health {

struct Maker {
    enum class Kind {
        unknown,      // no sign of either: never claimed to be one of them
        application,  // it bears the application's mark
        proxy,        // an error page or header of a proxy, load balancer or web server
    };
    Kind kind = Kind::unknown;
    std::string name;  ///< of the proxy: "nginx"
    std::string sign;  ///< what shows it: "its error page", "x-request-id"

    bool is_proxy() const { return kind == Kind::proxy; }
    /// The application has put its mark on it; without a mark to look for, it is only assumed.
    bool is_proven_application() const { return kind == Kind::application && !sign.empty(); }
    /// "made by a proxy (nginx: its error page)", "made by the application (x-request-id)", or
    /// "who made it is not known".
    std::string describe() const;
};

/// Of a complete response. `marks` are headers that all answers of the application have; without
/// any, nothing is known to be the application's. A proxy's error page outweighs a mark, which
/// proxies add too. `Server: nginx` alone says nothing: nginx writes it on every answer that it
/// passes on.
Maker maker_of(const triage::Response& response, const std::vector<std::string>& marks);

/// Says in a finding what is written on an answer: Server, Via, Content-Type.
void add_origin(triage::Finding& finding, const triage::Response& response);

/// "a page titled \"Mission Control\"", "the welcome page of nginx", or "" if it is no HTML page.
std::string page_of(const triage::Response& response);

}  // namespace health
