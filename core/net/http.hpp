// HTTP as a service on the event loop: the interface. The implementation (http_curl.cpp) is the
// only user of libcurl and is loaded when the first request is about to be made, because libcurl
// and the libraries it pulls in cost about 5 ms of start-up (docs/performance.md).
//
// All calls and callbacks happen on the loop's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/url.hpp"
#include "core/net/place.hpp"

namespace triage::loop {
class Loop;
}

namespace triage::net {

using std::chrono::microseconds;

struct Header {
    std::string name;
    std::string value;
    std::int64_t secret =
        0;  // before the broker: a handle whose text is appended to value; after: 0
    bool sensitive = false;  // set by the broker: dropped on a redirect to another origin
};

struct Request {
    std::string method = "GET";
    std::string url;
    std::shared_ptr<const base::Url> parsed;  // the same, if somebody has read it already; or null
    std::vector<Header> headers;
    std::string body;
    microseconds timeout{0};  // from the moment it leaves the queue; 0: none (the caller cancels)
    std::size_t max_body_bytes = 1 << 20;  // after decompression; what is more is not read
    unsigned max_redirects = 0;            // see net::max_redirects
    bool stream = false;                   // Sink::on_head and on_data are called
    bool want_certificates = false;
    bool verify_tls = true;
    bool fresh_connection = false;  // a connection of its own, closed afterwards
    bool keep_encoding = false;     // no Accept-Encoding, body as sent
    std::string unix_socket;        // connect here
    std::string ca_file;            // PEM; instead of the system's
    std::string client_cert_file;
    std::string client_key_file;
    std::string connect_to;  // "host:port" to connect to instead of the URL's
};

// Same values and order as TRIAGE_HTTP_* in triage/abi.h (asserted in core/plugin).
enum class Failure : std::uint8_t {
    none,
    resolve,
    refused,
    unreachable,
    timeout,
    tls,
    closed,
    protocol,
    redirects,
    bad_request,
    denied,
    cancelled,
    local,
};

// How far a request came. Same values as TRIAGE_PHASE_*.
enum class Phase : std::uint8_t { queue, resolve, connect, tls, first_byte, body, done };

struct Certificate {
    std::string subject;
    std::string issuer;
    std::string names;  // subjectAltName entries, one a line: "DNS:example.com"
    std::int64_t not_before_s = INT64_MIN;
    std::int64_t not_after_s = INT64_MIN;
    std::string pem;
};

// Of the last request of a redirect chain, but `total`, which is of all of them, without their time
// in the queue. 0 if the phase did not happen.
struct Timings {
    microseconds queue{0}, resolve{0}, connect{0}, tls{0}, first_byte{0}, total{0};
};

struct Response {
    Failure failure = Failure::none;
    Phase phase = Phase::queue;
    int status = 0;
    // For a person: what exactly went wrong. With resolve, unreachable and tls it is the reason
    // alone: whoever shows it says before it whom it is about.
    std::string detail;
    std::string url;  // the last one asked
    std::string http_version;
    std::string address;  // "127.0.0.1:8000", "[::1]:443", or empty if nothing was connected
    std::vector<Header> headers;
    std::vector<std::string> redirects;  // URLs asked before the last
    std::string body;  // without a status: the start of what came, which is not HTTP
    std::uint64_t body_bytes = 0;
    bool truncated = false;
    bool reused = false;
    Timings timings;
    std::vector<Certificate> certificates;  // leaf first
};

// What a server may send of these; more is a failure of its own, so that an answer always fits into
// a message to a plugin.
inline constexpr std::size_t max_response_headers = 500;
inline constexpr std::size_t max_certificates = 100;
inline constexpr unsigned max_redirects = 100;  // whatever a request says

enum class TransferId : std::uint64_t { none = 0 };  // unique among all services of a process

// Who wants the answer. Must outlive the transfer or cancel it. May start and cancel transfers from
// within any of these calls.
class Sink {
public:
    virtual ~Sink() = default;
    // A redirect is about to be followed: `method` will be sent to `url` (absolute), after 307 and
    // 308 with the request's body. Empty: go on; else the reason why not, and the transfer ends
    // with Failure::denied.
    virtual std::string allow_redirect(TransferId, const std::string& /*method*/,
                                       const std::string& /*url*/) {
        return {};
    }
    // It leaves the queue now: from here on time is the target's, at most so much of it. Must not
    // start or cancel anything.
    virtual microseconds on_started(TransferId) { return microseconds::max(); }
    virtual void on_head(TransferId, const Response&) {}             // stream only; without body
    virtual void on_data(TransferId, std::string_view /*chunk*/) {}  // stream only
    virtual void on_done(TransferId, Response) = 0;  // exactly once, unless cancelled
};

struct Limits {
    unsigned transfers = 64;  // in flight at once; others wait in a fair queue
    unsigned per_target = 8;  // of these, to one scheme://host:port
    std::size_t stream_window_bytes = 256 * 1024;
    unsigned resolver_threads = 128;  // at most; each name is resolved once per run, off the loop
};

// One service looks from one place: connections, names and limits are its own.
class Http {
public:
    virtual ~Http() = default;
    // Never calls back before it has returned. A malformed request ends in Failure::bad_request.
    virtual TransferId start(Request request, Sink& sink) = 0;
    // No callback follows. Unknown ids are ignored.
    virtual void cancel(TransferId id) = 0;
    // Streamed: `bytes` of on_data were dealt with; the server is read again below the window.
    virtual void consumed(TransferId id, std::size_t bytes) = 0;
};

// Loads the implementation (libtriage-net.so beside the program's libraries). Fails with the
// loader's words if it is missing or does not fit.
base::Result<std::unique_ptr<Http>> load_http(loop::Loop& loop, const Limits& limits,
                                              const std::shared_ptr<const Place>& place = nullptr);

// The implementation, for those that link it directly (tests, benchmarks).
std::unique_ptr<Http> make_curl_http(loop::Loop& loop, const Limits& limits,
                                     std::shared_ptr<const Place> place = nullptr);

}  // namespace triage::net
