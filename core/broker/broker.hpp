// Stands between the checks and the world: says who may do what, and puts secrets in.
//
// A check asks; the broker looks at the check's grants, inserts secrets where they may go, and has
// the host's HTTP service perform the request. The plugin never sees a secret that it was not
// given, not even in an answer that echoes it. All calls on the loop's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/loop/loop.hpp"
#include "core/net/http.hpp"
#include "core/plan/grants.hpp"
#include "core/plugin/call.hpp"
#include "core/redact/redactor.hpp"

namespace triage::broker {

// The text behind a secret handle of one call (handle n is element n-1).
struct Sealed {
    std::string text;                  // with all secrets in place
    std::vector<std::string> send_to;  // origins it may be sent to; empty: the call's own origins
    std::string name;                  // for messages: "clerk_key"
    std::vector<std::string> uses;     // names of the secrets in it
};

// What one attempt may do.
struct Permit {
    std::string plugin;  // for messages
    std::shared_ptr<const plan::Grants> grants = std::make_shared<plan::Grants>();
    std::vector<Sealed> secrets;
    std::shared_ptr<const net::Place> place;  // from where requests are made; null: the host
    loop::TimePoint deadline;
    bool ends_with_run = false;  // the deadline is the whole run's, not the attempt's own
    // Called when the attempt stood still because all that it had asked for waited in this
    // program's own queue, which must not be the target's fault: the deadline is now this. A check
    // that waits behind requests of its own spends its own time.
    std::function<void(loop::TimePoint deadline)> delayed = [](loop::TimePoint) {};
};

class Broker final : public plugin::HostServices, private net::Sink {
public:
    // Makes the HTTP service of a place (null: the host) when the first request from there is about
    // to be sent.
    using HttpFactory =
        std::function<base::Result<std::unique_ptr<net::Http>>(std::shared_ptr<const net::Place>)>;

    Broker(loop::Loop& loop, redact::Redactor& redactor, HttpFactory make_http);
    ~Broker() override;

    // Before the attempt starts, and after its outcome: requests still under way are cancelled.
    void begin(plugin::CallId call, Permit permit);
    void end(plugin::CallId call);
    // What would allow it, if `error` quotes what this attempt was last refused; else empty.
    std::string remedy(plugin::CallId call, std::string_view error) const;
    // Does this attempt stand still: is all that it asked for in this program's own queue?
    bool stands_still(plugin::CallId call) const;

    void http_start(plugin::CallId call, plugin::OpId op, net::Request request,
                    plugin::HttpReplies& replies) override;
    void http_cancel(plugin::CallId call, plugin::OpId op) override;
    void http_consumed(plugin::CallId call, plugin::OpId op, std::size_t bytes) override;
    void secret_learned(plugin::CallId call, std::string text) override;

private:
    struct State;
    struct Transfer;

    std::string allow_redirect(net::TransferId id, const std::string& method,
                               const std::string& url) override;
    net::microseconds on_started(net::TransferId id) override;
    void on_head(net::TransferId id, const net::Response& head) override;
    void on_data(net::TransferId id, std::string_view chunk) override;
    void on_done(net::TransferId id, net::Response response) override;

    std::unique_ptr<State> state_;
};

}  // namespace triage::broker
