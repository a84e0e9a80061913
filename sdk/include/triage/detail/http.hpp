/// Definitions of triage/http.hpp and its passage over the ABI.
#pragma once

#include <charconv>

#include <triage/http.hpp>

namespace triage {

inline Request& Request::header(std::string_view name, std::string_view value) {
    headers_.push_back({std::string(name), std::string(value), 0});
    return *this;
}
inline Request& Request::header(std::string_view name, const Secret& secret) {
    return header(name, "", secret);
}
inline Request& Request::header(std::string_view name, std::string_view prefix,
                                const Secret& secret) {
    headers_.push_back({std::string(name), std::string(prefix), secret.handle()});
    return *this;
}
inline Request& Request::body(std::string_view content) {
    body_ = content;
    return *this;
}
inline Request& Request::timeout(std::chrono::microseconds limit) {
    timeout_ = limit;
    return *this;
}
inline Request& Request::follow(std::uint32_t redirects) {
    redirects_ = redirects;
    return *this;
}
inline Request& Request::max_body(std::uint64_t bytes) {
    max_body_ = bytes;
    return *this;
}
inline Request& Request::connect_to(const Endpoint& where) {
    connect_to_ = where.str();
    return *this;
}
inline Request& Request::unix_socket(const Path& path) {
    unix_socket_ = path.str();
    return *this;
}
inline Request& Request::ca_file(const Path& path) {
    ca_file_ = path.str();
    return *this;
}
inline Request& Request::client_certificate(const Path& certificate, const Path& key) {
    client_cert_ = certificate.str();
    client_key_ = key.str();
    return *this;
}
inline Request& Request::certificates() {
    flags_ |= TRIAGE_HTTP_CERTIFICATES;
    return *this;
}
inline Request& Request::insecure() {
    flags_ |= TRIAGE_HTTP_INSECURE;
    return *this;
}
inline Request& Request::fresh() {
    flags_ |= TRIAGE_HTTP_FRESH;
    return *this;
}
inline Request& Request::keep_encoding() {
    flags_ |= TRIAGE_HTTP_KEEP_ENCODING;
    return *this;
}

inline std::string_view name_of(Phase phase) noexcept {
    switch (phase) {
        case Phase::queue:
            return "queue";
        case Phase::resolve:
            return "resolve";
        case Phase::connect:
            return "connect";
        case Phase::tls:
            return "tls";
        case Phase::first_byte:
            return "first-byte";
        case Phase::body:
            return "body";
        case Phase::done:
            return "done";
    }
    return "unknown";
}

inline std::string_view name_of(Failure failure) noexcept {
    switch (failure) {
        case Failure::none:
            return "none";
        case Failure::resolve:
            return "resolve";
        case Failure::refused:
            return "refused";
        case Failure::unreachable:
            return "unreachable";
        case Failure::timeout:
            return "timeout";
        case Failure::tls:
            return "tls";
        case Failure::closed:
            return "closed";
        case Failure::protocol:
            return "protocol";
        case Failure::redirects:
            return "redirects";
        case Failure::bad_request:
            return "bad-request";
        case Failure::denied:
            return "denied";
        case Failure::cancelled:
            return "cancelled";
        case Failure::local:
            return "local";
    }
    return "unknown";
}

inline bool Response::could_not_ask() const noexcept {
    return failure_ == Failure::bad_request || failure_ == Failure::denied ||
           failure_ == Failure::cancelled || failure_ == Failure::local;
}

inline std::optional<std::string_view> Response::header(std::string_view name) const {
    for (const auto& [key, value] : headers_) {
        if (same_ignoring_case(key, name)) return value;
    }
    return std::nullopt;
}

inline std::vector<std::string_view> Response::header_all(std::string_view name) const {
    std::vector<std::string_view> found;
    for (const auto& [key, value] : headers_) {
        if (same_ignoring_case(key, name)) found.emplace_back(value);
    }
    return found;
}

inline std::string Response::with_detail(const std::string& sentence) const {
    return detail_.empty() ? sentence : text(sentence, ": ", detail_);
}

inline std::string Response::describe_timeout() const {
    const auto limit = limit_.count() > 0 ? limit_ : timings_.total;
    const auto so_far = [&]() -> std::string_view {
        switch (phase_) {
            case Phase::queue:
                return "still queued in this machine";
            case Phase::resolve:
                return "waiting for the name to be resolved";
            case Phase::connect:
                return "waiting for the connection";
            case Phase::tls:
                return "connected, waiting for the TLS handshake";
            case Phase::first_byte:
                return "connected, waiting for the first byte";
            default:
                return status_ == 0 ? "the head was still arriving" : "the body was still arriving";
        }
    }();
    const std::string_view what =
        phase_ >= Phase::body ? "no complete answer within " : "no answer within ";
    return text(what, limit, " (", so_far, ")");
}

inline std::string Response::describe_protocol() const {
    auto what = detail_.empty() ? text("what ", who(), " sent is not HTTP") : detail_;
    const auto first_line = std::string_view(body_).substr(0, body_.find_first_of("\r\n"));
    if (status_ != 0 || first_line.empty()) return what;
    return text(what, ": its answer starts with ", json_quoted(excerpt(first_line, 64)));
}

inline std::string Response::describe() const {
    switch (failure_) {
        case Failure::none:
            return text("HTTP ", status_);
        case Failure::resolve:
            return with_detail(text("no address for ", url_.host_port()));
        case Failure::refused:
            return text("connection refused by ", who());
        case Failure::unreachable:
            return with_detail(text("cannot reach ", who()));
        case Failure::timeout:
            return describe_timeout();
        case Failure::tls:
            return with_detail(text("TLS with ", who(), " failed"));
        case Failure::closed:
            return text("connection closed by ", who(), " before the answer was complete (",
                        body_bytes_, " bytes of body)");
        case Failure::protocol:
            return describe_protocol();
        case Failure::redirects:
            if (!detail_.empty()) return detail_;
            return text("gave up after ", redirects_.size(), " redirects, the last to ",
                        url_.str());
        case Failure::bad_request:
            return with_detail("the request is malformed");
        case Failure::denied:
            return with_detail("not allowed");
        case Failure::cancelled:
            return "cancelled";
        case Failure::local:
            return detail_.empty() ? "this machine could not send the request" : detail_;
    }
    return with_detail("unknown failure");
}

namespace detail {

/// The ABI form of a request; borrows from it.
class RequestAbi {
public:
    RequestAbi(const Request& request, std::uint32_t more_flags) {
        headers_.reserve(request.headers_.size());
        for (const auto& header : request.headers_) {
            headers_.push_back({sizeof(triage_http_header), 0, to_abi(header.name),
                                to_abi(header.value), header.secret});
            pointers_.push_back(&headers_.back());
        }
        abi_.size = sizeof abi_;
        abi_.flags = request.flags_ | more_flags;
        abi_.method = to_abi(request.method_);
        abi_.url = to_abi(request.url_);
        abi_.headers = pointers_.data();
        abi_.header_count = static_cast<std::uint32_t>(pointers_.size());
        abi_.max_redirects = request.redirects_;
        abi_.body = to_abi(request.body_);
        abi_.timeout_us = request.timeout_.count();
        abi_.max_body_bytes = request.max_body_;
        abi_.unix_socket = to_abi(request.unix_socket_);
        abi_.ca_file = to_abi(request.ca_file_);
        abi_.client_cert_file = to_abi(request.client_cert_);
        abi_.client_key_file = to_abi(request.client_key_);
        abi_.connect_to = to_abi(request.connect_to_);
    }
    RequestAbi(const RequestAbi&) = delete;
    RequestAbi& operator=(const RequestAbi&) = delete;

    const triage_http_request* get() const noexcept { return &abi_; }

private:
    std::vector<triage_http_header> headers_;
    std::vector<const triage_http_header*> pointers_;
    triage_http_request abi_{};
};

inline std::vector<std::string> lines(std::string_view value) {
    std::vector<std::string> out;
    while (!value.empty()) {
        const auto end = value.find('\n');
        if (end != 0) out.emplace_back(value.substr(0, end));
        value.remove_prefix(end == std::string_view::npos ? value.size() : end + 1);
    }
    return out;
}

inline Certificate to_certificate(const triage_http_certificate& abi) {
    return {std::string(to_view(abi.subject)),
            std::string(to_view(abi.issuer)),
            lines(to_view(abi.names)),
            abi.not_before_s,
            abi.not_after_s,
            std::string(to_view(abi.pem))};
}

/// A copy that the plugin owns. `timeout` is what the request asked for, for the sentence.
inline Response to_response(const triage_http_response& abi, std::chrono::microseconds timeout) {
    using std::chrono::microseconds;
    Response out;
    out.failure_ = static_cast<Failure>(abi.failure);
    out.phase_ = static_cast<Phase>(abi.phase);
    out.status_ = static_cast<int>(abi.status);
    out.truncated_ = abi.truncated != 0;
    out.reused_ = abi.reused != 0;
    out.body_bytes_ = abi.body_bytes;
    out.timings_ = {microseconds(abi.queue_us),      microseconds(abi.resolve_us),
                    microseconds(abi.connect_us),    microseconds(abi.tls_us),
                    microseconds(abi.first_byte_us), microseconds(abi.total_us)};
    out.limit_ = timeout;
    out.url_ = Url(std::string(to_view(abi.url)));
    out.detail_ = to_view(abi.detail);
    out.http_version_ = to_view(abi.http_version);
    out.address_ = to_view(abi.address);
    out.body_ = to_view(abi.body);
    out.headers_.reserve(abi.header_count);
    for (std::uint32_t i = 0; i < abi.header_count; ++i) {
        out.headers_.emplace_back(to_view(abi.headers[i]->name), to_view(abi.headers[i]->value));
    }
    for (std::uint32_t i = 0; i < abi.redirect_count; ++i) {
        out.redirects_.emplace_back(to_view(*abi.redirects[i]));
    }
    for (std::uint32_t i = 0; i < abi.certificate_count; ++i) {
        out.certificates_.push_back(to_certificate(*abi.certificates[i]));
    }
    return out;
}

}  // namespace detail
namespace detail {

/// The number that the whole text is, or -1.
inline int number_in(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : -1;
}

/// 1 to 12 of "Jan" to "Dec", or 0.
inline unsigned month_of(std::string_view name) {
    constexpr std::string_view names = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto at = names.find(name);
    return at == names.npos || at % 3 != 0 ? 0 : static_cast<unsigned>(at / 3) + 1;
}

}  // namespace detail

inline std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
    if (text.size() != 29 || text[4] != ' ' || text[19] != ':' || text[22] != ':' ||
        text.substr(25) != " GMT") {
        return std::nullopt;
    }
    const auto number = [text](std::size_t at, std::size_t size) {
        return detail::number_in(text.substr(at, size));
    };
    const std::chrono::year_month_day date(std::chrono::year(number(12, 4)),
                                           std::chrono::month(detail::month_of(text.substr(8, 3))),
                                           std::chrono::day(static_cast<unsigned>(number(5, 2))));
    const int h = number(17, 2), m = number(20, 2), s = number(23, 2);
    if (!date.ok() || h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(h) + std::chrono::minutes(m) +
           std::chrono::seconds(s);
}

}  // namespace triage
