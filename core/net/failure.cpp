#include "core/net/failure.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"
#include "core/net/descriptors.hpp"
#include "core/net/place.hpp"

namespace triage::net {
namespace {

struct Evidence {
    CURLcode code;
    const Easy& easy;
    const Job& job;
    const Reception& reception;
    const Response& response;
    Phase phase;  // what was being waited for
    int os_error;

    bool secure() const { return job.url.scheme == "https"; }
    std::string_view words() const { return easy.error_text(); }
    bool says(std::string_view part) const { return words().find(part) != words().npos; }

    // "127.0.0.1:80", "[::1]:80 and 127.0.0.1:80", or what the URL says.
    std::string where() const {
        std::vector<std::string> tried;
        for (const Peer& peer : easy.trace().tried)
            tried.push_back(peer.text());
        if (tried.empty()) tried.push_back(easy.connected_to());
        return tried.front().empty() ? job.url.origin()
                                     : fmt::format("{}", fmt::join(tried, " and "));
    }
    // The one that was connected to.
    std::string peer() const {
        const std::string address = easy.connected_to();
        return address.empty() ? where() : address;
    }
    std::string libcurl() const {
        return words().empty() ? ::curl_easy_strerror(code) : std::string(words());
    }
};

std::string os_text(int error) { return std::generic_category().message(error); }

Outcome outcome(const Evidence& seen, Failure failure, std::string detail) {
    return {.failure = failure, .phase = seen.phase, .detail = std::move(detail)};
}

bool is_shortage(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

// Whether the fault is this machine's own: then nothing is known of the target, and whoever asks
// from elsewhere may well reach it. Others' routers say ENETUNREACH too, but only where there is a
// way.
std::string own_fault(const Evidence& seen, int error) {
    const auto* place = seen.easy.place();
    const bool routed = std::ranges::any_of(
        seen.easy.trace().tried, [&](const Peer& peer) { return peer.has_route(place); });
    const auto from = place != nullptr && place->is_inside() ? place->name() : "this machine";
    switch (error) {
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
        case EPERM:   // a firewall of this machine
        case EACCES:  // the same, or a unix socket's mode
        case EINVAL:
            return fmt::format("{} could not connect to {}: {}", from, seen.where(),
                               os_text(error));
        case EADDRNOTAVAIL:
            return routed
                       ? fmt::format("no free local port left for connecting to {}", seen.where())
                       : fmt::format("{} has no address to reach {} from", from, seen.where());
        case EAFNOSUPPORT:
            return fmt::format("{} does not speak the protocol of {}: {}", from, seen.where(),
                               os_text(error));
        case ENETUNREACH:
        case ENETDOWN:
            return routed ? ""
                          : fmt::format("{} has no route to {}: {}", from, seen.where(),
                                        os_text(error));
        default:
            return {};
    }
}

Outcome could_not_connect(const Evidence& seen) {
    const int socket_error = seen.easy.trace().socket_error;
    if (is_shortage(socket_error)) {
        return outcome(seen, Failure::local,
                       fmt::format("this machine could not open a socket: {} (raise `ulimit -n` or "
                                   "lower the number of requests in flight)",
                                   os_text(socket_error)));
    }
    const int error = seen.os_error != 0 ? seen.os_error : socket_error;
    if (std::string why = own_fault(seen, error); !why.empty()) {
        return outcome(seen, Failure::local, std::move(why));
    }
    if (!seen.job.request.unix_socket.empty() && error == ENOENT)
        return outcome(seen, Failure::refused, fmt::format("there is no socket {}", seen.where()));
    if (error == ECONNREFUSED) {
        return outcome(seen, Failure::refused,
                       fmt::format("{} refused the connection: {}", seen.where(), os_text(error)));
    }
    if (error == ETIMEDOUT) {
        return outcome(seen, Failure::timeout,
                       fmt::format("{} did not answer the connection request", seen.where()));
    }
    std::string why = error != 0 ? os_text(error) : seen.libcurl();
    // The addresses of a name; who is asked by address stands before it.
    if (const auto where = seen.where(); !where.contains(seen.job.url.host))
        why += fmt::format(" ({})", where);
    return outcome(seen, Failure::unreachable, std::move(why));
}

Outcome timed_out(const Evidence& seen) {
    const std::string limit = base::format_duration(seen.job.request.timeout);
    std::string detail;
    switch (seen.phase) {
        case Phase::connect:
            detail = fmt::format("{} did not answer the connection request within {}", seen.where(),
                                 limit);
            break;
        case Phase::tls:
            detail = fmt::format(
                "{} took the connection, but the TLS handshake was not complete "
                "within {}",
                seen.peer(), limit);
            break;
        case Phase::first_byte:
            detail = fmt::format("{} took the request, but sent no answer within {}", seen.peer(),
                                 limit);
            break;
        default:
            detail = fmt::format(
                "the answer of {} was not complete within {}: {} and {} bytes of "
                "body had come",
                seen.peer(), limit,
                seen.reception.head_complete() ? "the head" : "a part of the head",
                seen.response.body_bytes);
    }
    return outcome(seen, Failure::timeout, std::move(detail));
}

Outcome closed(const Evidence& seen) {
    const std::string how = seen.os_error == ECONNRESET || seen.says("reset") ? "reset" : "closed";
    switch (seen.phase) {
        case Phase::connect:
        case Phase::tls:
            return outcome(
                seen, Failure::closed,
                fmt::format("{} {} the connection during the TLS handshake", seen.where(), how));
        case Phase::first_byte:
            return outcome(
                seen, Failure::closed,
                fmt::format("{} took the request and {} the connection without an answer",
                            seen.peer(), how));
        default:
            break;
    }
    const auto* const length = find_header(seen.response.headers, "content-length");
    return outcome(
        seen, Failure::closed,
        fmt::format("{} {} the connection before the answer was complete: {} {} of body "
                    "had come",
                    seen.peer(), how, seen.response.body_bytes,
                    length ? fmt::format("of {} bytes", base::printable(length->value)) : "bytes"));
}

// Cut between names only: what is left of a secret in one might not be found when secrets are
// hidden.
std::string some_of(const std::string& names) {
    constexpr std::size_t enough = 300;
    if (names.size() <= enough) return names;
    auto end = names.rfind(", ", enough);
    if (end == names.npos) end = names.find(", ");
    return end == names.npos ? names : names.substr(0, end) + ", …";
}

Outcome wrong_host(const Evidence& seen) {
    const std::string names = seen.easy.tls().leaf_names();
    return outcome(seen, Failure::tls,
                   names.empty()
                       ? fmt::format("the certificate of {} is for another host", seen.job.url.host)
                       : fmt::format("the certificate is not for {}, but for {}", seen.job.url.host,
                                     some_of(names)));
}

Outcome tls_failed(const Evidence& seen) {
    const std::string problem = seen.easy.tls().problem(seen.job.url.host);
    if (seen.easy.tls().was_flooded()) return outcome(seen, Failure::tls, problem);
    if (seen.code == CURLE_PEER_FAILED_VERIFICATION) {
        return problem.empty() ? wrong_host(seen) : outcome(seen, Failure::tls, problem);
    }
    struct Known {
        std::string_view part;
        std::string_view meaning;
    };
    // OpenSSL's reason texts, as libcurl passes them on. Who it is about stands before it.
    static constexpr std::array known = {
        Known{"wrong version number", "it does not speak TLS on this port (plain HTTP?)"},
        Known{"packet length too long", "it does not speak TLS on this port (plain HTTP?)"},
        Known{"http request", "it does not speak TLS on this port (plain HTTP?)"},
        Known{"unsupported protocol", "it offers only TLS versions that are too old"},
        Known{"alert protocol version", "it does not accept this machine's TLS versions"},
        Known{"no protocols available", "no TLS version is left that both sides accept"},
        Known{"handshake failure",
              "it found no common TLS parameters, or wants a client "
              "certificate"},
        Known{"certificate required", "it requires a client certificate"},
        Known{"alert bad certificate", "it does not accept the client certificate"},
        Known{"alert unknown ca", "it does not know the CA of the client certificate"},
        Known{"alert certificate expired", "it says that the client certificate has expired"},
        Known{"unrecognized name", "it does not know this host name (SNI)"},
        Known{"dh key too small", "its Diffie-Hellman key is too small to be safe"},
    };
    for (const Known& entry : known) {
        if (seen.says(entry.part)) {
            return outcome(seen, Failure::tls, fmt::format("{}: {}", entry.meaning, entry.part));
        }
    }
    return outcome(seen, Failure::tls, seen.libcurl());
}

Outcome stopped(const Evidence& seen) {
    switch (seen.reception.stopped()) {
        case Reception::Stop::body_cap:
            return {};  // as much as was wanted
        case Reception::Stop::headers:
            return outcome(seen, Failure::protocol,
                           fmt::format("{} sent more than {} response headers", seen.peer(),
                                       max_response_headers));
        case Reception::Stop::header_bytes:
            return outcome(seen, Failure::protocol,
                           fmt::format("{} sent more than {} KiB of headers", seen.peer(),
                                       max_header_bytes / 1024));
        case Reception::Stop::informational:
            return outcome(seen, Failure::protocol,
                           fmt::format("{} sent more than {} interim answers (1xx) and no real one",
                                       seen.peer(), max_informational));
        case Reception::Stop::lengths:
            return outcome(
                seen, Failure::protocol,
                fmt::format("{} sent several Content-Length headers that differ", seen.peer()));
        case Reception::Stop::not_http:
            return outcome(seen, Failure::protocol,
                           fmt::format("{} does not speak HTTP", seen.peer()));
        case Reception::Stop::none:
            break;
    }
    return outcome(seen, Failure::protocol,
                   fmt::format("the answer of {} cannot be read: {}", seen.peer(), seen.libcurl()));
}

Outcome bad_file(const Evidence& seen) {
    if (out_of_descriptors()) {
        return outcome(seen, Failure::local, "this machine is out of file descriptors");
    }
    return outcome(seen, Failure::bad_request, seen.libcurl());
}

bool is_reset(const Evidence& seen) {
    return seen.os_error == ECONNRESET || seen.os_error == EPIPE || seen.says("reset by peer") ||
           seen.says("SSL_ERROR_SYSCALL") || seen.says("unexpected eof");
}

// How libcurl's words for a broken connection, at whatever point, are to be read.
Outcome broken_off(const Evidence& seen) {
    if (seen.says("chunked-encoding")) return stopped(seen);
    const bool tls_reason = seen.says("SSL routines") && !is_reset(seen);
    return tls_reason ? tls_failed(seen) : closed(seen);
}

Outcome judge(const Evidence& seen) {
    if (seen.reception.stopped() != Reception::Stop::none) return stopped(seen);
    switch (seen.code) {
        case CURLE_OK:  // libcurl takes the end of the connection for the end of the head
            return outcome(
                seen, Failure::closed,
                fmt::format("{} closed the connection in the head of its answer", seen.peer()));
        case CURLE_COULDNT_CONNECT:
        case CURLE_COULDNT_RESOLVE_HOST:
            return could_not_connect(seen);
        case CURLE_OPERATION_TIMEDOUT:
            return timed_out(seen);
        case CURLE_SSL_CONNECT_ERROR:
            if (seen.easy.tls().was_flooded()) return tls_failed(seen);
            return is_reset(seen) ? closed(seen) : tls_failed(seen);
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_INVALIDCERTSTATUS:
            return tls_failed(seen);
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CRL_BADFILE:
            return bad_file(seen);
        case CURLE_GOT_NOTHING:
        case CURLE_PARTIAL_FILE:
            return closed(seen);
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
            return broken_off(seen);
        case CURLE_URL_MALFORMAT:
            return outcome(seen, Failure::bad_request, seen.libcurl());
        case CURLE_OUT_OF_MEMORY:
            // libcurl's word also for a header line that is too long.
            if (seen.phase >= Phase::first_byte) {
                return outcome(seen, Failure::protocol,
                               fmt::format("{} sent a header line that is too long", seen.peer()));
            }
            return outcome(seen, Failure::local, "this machine is out of memory");
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_BAD_CONTENT_ENCODING:
        case CURLE_WRITE_ERROR:
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM:
        case CURLE_TOO_MANY_REDIRECTS:
            return stopped(seen);
        default:
            return outcome(seen, Failure::local,
                           fmt::format("libcurl could not make the request: {}", seen.libcurl()));
    }
}

}  // namespace

Outcome judge(CURLcode code, const Easy& easy, const Job& job, const Reception& reception,
              const Response& response) {
    if (code == CURLE_OK && reception.head_complete()) return {};
    return judge(Evidence{.code = code,
                          .easy = easy,
                          .job = job,
                          .reception = reception,
                          .response = response,
                          .phase = easy.trace().waiting_for,
                          .os_error = int(easy.number(CURLINFO_OS_ERRNO))});
}

}  // namespace triage::net
