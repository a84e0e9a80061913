/// triage/http.hpp: requests that the host performs, and what came of them.
///
/// Request and Response are plain values of the plugin. Response owns copies, so it may be kept.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <triage/abi.h>
#include <triage/text.hpp>
#include <triage/types.hpp>

namespace triage {

class Response;
namespace detail {
class RequestAbi;
Response to_response(const triage_http_response& abi, std::chrono::microseconds timeout);
}  // namespace detail

/// A request, written fluently:
///
///     triage::Request("GET", url).header("Authorization", "Bearer ", p.token).timeout(3s)
///
/// A class with setters rather than an aggregate: GCC 12 miscompiles designated initialisers inside
/// a co_await expression.
class Request {
public:
    /// `url` is absolute. A method other than GET, HEAD and OPTIONS needs a grant in the runbook.
    Request(std::string_view method, std::string_view url) : method_(method), url_(url) {}

    /// Adds a header. Twice the same name sends it twice.
    Request& header(std::string_view name, std::string_view value);
    /// Adds a header with a secret's text, which the host puts in on its way out, and only towards
    /// origins that the secret may go to.
    Request& header(std::string_view name, const Secret& secret);
    /// The same with text before it: header("Authorization", "Bearer ", token).
    Request& header(std::string_view name, std::string_view prefix, const Secret& secret);

    /// What to send, as it is: give a Content-Type too.
    Request& body(std::string_view content);
    /// From the moment the request leaves the host's queue. Without it: what is left of the check's
    /// time, and then there is no time left to say so. Give one.
    Request& timeout(std::chrono::microseconds limit);
    /// Follow so many redirects. Without it a redirect is the answer.
    Request& follow(std::uint32_t redirects);
    /// Read so much of the body (after decompression); the rest is cut and Response::truncated().
    /// Without it: 1 MiB, of a streamed one all.
    Request& max_body(std::uint64_t bytes);
    /// Connect here instead of the URL's host and port; Host and SNI stay.
    Request& connect_to(const Endpoint& where);
    /// Speak over a unix socket. Needs a grant.
    Request& unix_socket(const Path& path);
    /// Trust these CAs (PEM) instead of the system's.
    Request& ca_file(const Path& path);
    /// Client certificate and key (PEM).
    Request& client_certificate(const Path& certificate, const Path& key);
    /// Fill Response::certificates().
    Request& certificates();
    /// Do not verify the server's certificate; the report says so.
    Request& insecure();
    /// A connection of its own, so that connecting is really tried and timed.
    Request& fresh();
    /// No Accept-Encoding, body as sent.
    Request& keep_encoding();

    /// As given.
    const std::string& method() const noexcept { return method_; }
    /// As given.
    const std::string& url() const noexcept { return url_; }
    /// As given; 0 is none.
    std::chrono::microseconds timeout() const noexcept { return timeout_; }

private:
    friend class detail::RequestAbi;
    struct Header {
        std::string name, value;
        std::int64_t secret;
    };

    std::string method_, url_, body_;
    std::vector<Header> headers_;
    std::string connect_to_, unix_socket_, ca_file_, client_cert_, client_key_;
    std::chrono::microseconds timeout_{0};
    std::uint64_t max_body_ = 0;
    std::uint32_t redirects_ = 0, flags_ = 0;
};

/// Why there is no complete response.
enum class Failure : std::uint32_t {
    none = TRIAGE_HTTP_OK,                  ///< there is one
    resolve = TRIAGE_HTTP_RESOLVE,          ///< the name has no address
    refused = TRIAGE_HTTP_REFUSED,          ///< nothing listens there
    unreachable = TRIAGE_HTTP_UNREACHABLE,  ///< no way from this machine's network on
    timeout = TRIAGE_HTTP_TIMEOUT,          ///< Response::phase says what was waited for
    tls = TRIAGE_HTTP_TLS,                  ///< handshake or certificate
    closed = TRIAGE_HTTP_CLOSED,            ///< reset, or closed too early
    protocol = TRIAGE_HTTP_PROTOCOL,        ///< not HTTP, or with a status: HTTP that is broken
    redirects = TRIAGE_HTTP_REDIRECTS,      ///< too many, or a loop
    bad_request = TRIAGE_HTTP_BAD_REQUEST,  ///< the request is malformed: the check's fault
    denied = TRIAGE_HTTP_DENIED,            ///< the runbook does not allow it
    cancelled = TRIAGE_HTTP_CANCELLED,      ///< the host gave up on the check
    local = TRIAGE_HTTP_LOCAL,  ///< this machine could not: route, name service, files, ports
};

/// How far a request came: which phase it was in when it ended. They are ordered.
enum class Phase : std::uint32_t {
    queue = TRIAGE_PHASE_QUEUE,            ///< waiting for its turn in the host
    resolve = TRIAGE_PHASE_RESOLVE,        ///< waiting for the resolver
    connect = TRIAGE_PHASE_CONNECT,        ///< waiting for the TCP connection
    tls = TRIAGE_PHASE_TLS,                ///< connected; waiting for the handshake
    first_byte = TRIAGE_PHASE_FIRST_BYTE,  ///< sent; waiting for the first byte of the answer
    body = TRIAGE_PHASE_BODY,              ///< the answer is arriving
    done = TRIAGE_PHASE_DONE,              ///< complete
};

/// "queue", "resolve", "connect", "tls", "first-byte", "body" or "done".
std::string_view name_of(Phase phase) noexcept;
/// "refused", "timeout", …
std::string_view name_of(Failure failure) noexcept;

/// What each phase of the last request took, 0 if it did not happen; `total` is of all requests of
/// a chain of redirects.
struct Timings {
    std::chrono::microseconds queue{};       ///< in the host, before it was started
    std::chrono::microseconds resolve{};     ///< the name
    std::chrono::microseconds connect{};     ///< TCP
    std::chrono::microseconds tls{};         ///< the handshake
    std::chrono::microseconds first_byte{};  ///< from the request to the first byte of the answer
    std::chrono::microseconds total{};       ///< all of it but the queue
};

/// A certificate that the server sent.
struct Certificate {
    std::string subject;             ///< RFC 4514 text
    std::string issuer;              ///< RFC 4514 text
    std::vector<std::string> names;  ///< subjectAltName entries: "DNS:example.com"
    std::int64_t not_before_s;       ///< seconds since 1970 UTC; INT64_MIN if unreadable
    std::int64_t not_after_s;        ///< the same
    std::string pem;                 ///< the certificate itself
};

/// What came of a request. Always one, whatever went wrong.
class Response {
public:
    /// Name and value.
    using Header = std::pair<std::string, std::string>;

    /// A complete response came, whatever its status.
    bool ok() const noexcept { return failure_ == Failure::none; }
    /// Why not, or Failure::none.
    Failure failure() const noexcept { return failure_; }
    /// The request was never really put to the target (denied, malformed, cancelled, this machine
    /// could not): that is the check's error, never a finding about the target.
    bool could_not_ask() const noexcept;
    /// How far it came.
    Phase phase() const noexcept { return phase_; }
    /// The same as a word, for evidence.
    std::string_view phase_name() const noexcept { return name_of(phase_); }

    /// 0 if no status line came.
    int status() const noexcept { return status_; }
    /// The first header of that name, in any letter case.
    std::optional<std::string_view> header(std::string_view name) const;
    /// All of that name, in the order received.
    std::vector<std::string_view> header_all(std::string_view name) const;
    /// All, in the order received, names as received.
    const std::vector<Header>& headers() const noexcept { return headers_; }
    /// Empty when streamed. What is not HTTP at all (Failure::protocol, no status): its start.
    const std::string& body() const noexcept { return body_; }
    /// Received after decompression, also when streamed or cut.
    std::uint64_t body_bytes() const noexcept { return body_bytes_; }
    /// Request::max_body was reached, the rest was not read.
    bool truncated() const noexcept { return truncated_; }

    /// The last one asked, after redirects.
    const Url& url() const noexcept { return url_; }
    /// URLs asked before the last one, in order.
    const std::vector<std::string>& redirects() const noexcept { return redirects_; }
    /// "127.0.0.1:8000" that was connected to, or empty.
    const std::string& address() const noexcept { return address_; }
    /// "1.1" or "2".
    const std::string& http_version() const noexcept { return http_version_; }
    /// An existing connection was used.
    bool reused() const noexcept { return reused_; }
    /// What each phase took.
    const Timings& timings() const noexcept { return timings_; }
    /// The same as timings().total.
    std::chrono::microseconds total() const noexcept { return timings_.total; }
    /// Leaf first; only after Request::certificates().
    const std::vector<Certificate>& certificates() const noexcept { return certificates_; }
    /// The host's words for what went wrong, or empty. For `protocol` and `redirects` a sentence.
    const std::string& detail() const noexcept { return detail_; }

    /// What happened, in the field's words: "connection refused by 127.0.0.1:8000", "no answer
    /// within 3 s (connected, waiting for the first byte)". "HTTP 200" if nothing went wrong.
    std::string describe() const;

private:
    friend Response detail::to_response(const triage_http_response&, std::chrono::microseconds);

    std::string who() const { return address_.empty() ? url_.host_port() : address_; }
    std::string with_detail(const std::string& sentence) const;
    std::string describe_timeout() const;
    std::string describe_protocol() const;

    Failure failure_ = Failure::none;
    Phase phase_ = Phase::queue;
    int status_ = 0;
    bool truncated_ = false, reused_ = false;
    std::uint64_t body_bytes_ = 0;
    Timings timings_;
    std::chrono::microseconds limit_{0};
    Url url_;
    std::string detail_, http_version_, address_, body_;
    std::vector<Header> headers_;
    std::vector<std::string> redirects_;
    std::vector<Certificate> certificates_;
};

/// The text of a Date or Last-Modified header (RFC 9110, 5.6.7; the form that is sent today):
/// "Sun, 06 Nov 1994 08:49:37 GMT". Nullopt for anything else.
inline std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

}  // namespace triage

#include <triage/detail/http.hpp>
