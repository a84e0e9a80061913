#include "core/plugin/http_abi.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace triage::plugin {
namespace {

using net::Failure;
using net::Phase;

constexpr unsigned number(Failure failure) { return std::to_underlying(failure); }
constexpr unsigned number(Phase phase) { return std::to_underlying(phase); }
static_assert(number(Failure::none) == TRIAGE_HTTP_OK);
static_assert(number(Failure::resolve) == TRIAGE_HTTP_RESOLVE);
static_assert(number(Failure::refused) == TRIAGE_HTTP_REFUSED);
static_assert(number(Failure::unreachable) == TRIAGE_HTTP_UNREACHABLE);
static_assert(number(Failure::timeout) == TRIAGE_HTTP_TIMEOUT);
static_assert(number(Failure::tls) == TRIAGE_HTTP_TLS);
static_assert(number(Failure::closed) == TRIAGE_HTTP_CLOSED);
static_assert(number(Failure::protocol) == TRIAGE_HTTP_PROTOCOL);
static_assert(number(Failure::redirects) == TRIAGE_HTTP_REDIRECTS);
static_assert(number(Failure::bad_request) == TRIAGE_HTTP_BAD_REQUEST);
static_assert(number(Failure::denied) == TRIAGE_HTTP_DENIED);
static_assert(number(Failure::cancelled) == TRIAGE_HTTP_CANCELLED);
static_assert(number(Failure::local) == TRIAGE_HTTP_LOCAL);
static_assert(number(Phase::queue) == TRIAGE_PHASE_QUEUE);
static_assert(number(Phase::resolve) == TRIAGE_PHASE_RESOLVE);
static_assert(number(Phase::connect) == TRIAGE_PHASE_CONNECT);
static_assert(number(Phase::tls) == TRIAGE_PHASE_TLS);
static_assert(number(Phase::first_byte) == TRIAGE_PHASE_FIRST_BYTE);
static_assert(number(Phase::body) == TRIAGE_PHASE_BODY);
static_assert(number(Phase::done) == TRIAGE_PHASE_DONE);

constexpr std::size_t max_text_bytes = 64UL * 1024;  // of a URL, a header, a path

base::Result<std::vector<net::Header>> copy_headers(const triage_http_request& request) {
    std::vector<net::Header> headers;
    if (request.header_count == 0) return headers;
    if (request.header_count > max_headers || request.headers == nullptr)
        return base::fail("header_count is " + std::to_string(request.header_count) +
                          ", expected at most 1000 and an array");
    headers.reserve(request.header_count);
    for (std::uint32_t i = 0; i < request.header_count; ++i) {
        const auto* header = request.headers[i];
        if (header == nullptr || !TRIAGE_HAS(header, secret))
            return base::fail("header " + std::to_string(i + 1) + " is NULL or too small");
        if (header->name.size > max_text_bytes || header->value.size > max_text_bytes)
            return base::fail("header " + std::to_string(i + 1) + " is longer than 64 KiB");
        auto& copy = headers.emplace_back();
        copy.name = view(header->name);
        copy.value = view(header->value);
        copy.secret = header->secret;
    }
    return headers;
}

bool has_long_text(const triage_http_request& request) {
    const auto is_long = [](const triage_str& text) { return text.size > max_text_bytes; };
    return is_long(request.method) || is_long(request.url) || is_long(request.unix_socket) ||
           is_long(request.ca_file) || is_long(request.client_cert_file) ||
           is_long(request.client_key_file) || is_long(request.connect_to);
}

template <class T>
void point(const std::vector<T>& elements, std::vector<const T*>& pointers) {
    pointers.clear();
    for (const auto& element : elements)
        pointers.push_back(&element);
}

std::int64_t count_us(net::microseconds duration) { return duration.count(); }

}  // namespace

std::string_view view(const triage_str& text) {
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}

triage_str borrow(std::string_view text) { return {text.data(), text.size()}; }

base::Result<net::Request> copy_request(const triage_http_request* request) {
    if (request == nullptr || !TRIAGE_HAS(request, connect_to))
        return base::fail("the request is NULL or its size is too small");
    if (has_long_text(*request)) return base::fail("a text of the request is longer than 64 KiB");
    if (request->body.size > max_request_body_bytes)
        return base::fail("the request's body is larger than 8 MiB");
    net::Request copy;
    auto headers = copy_headers(*request);
    if (!headers) return std::unexpected(std::move(headers.error()));
    copy.headers = std::move(*headers);
    if (request->method.size > 0) copy.method = view(request->method);
    copy.url = view(request->url);
    copy.body = view(request->body);
    copy.timeout = net::microseconds(std::max<std::int64_t>(request->timeout_us, 0));
    if (request->max_body_bytes > 0)
        copy.max_body_bytes =
            std::min<std::uint64_t>(request->max_body_bytes, max_response_body_bytes);
    copy.max_redirects = request->max_redirects;
    copy.stream = (request->flags & TRIAGE_HTTP_STREAM) != 0;
    // Its pieces are not kept: nothing is cut that the plugin has not asked to be.
    if (copy.stream)
        copy.max_body_bytes = request->max_body_bytes > 0 ? request->max_body_bytes : SIZE_MAX;
    copy.want_certificates = (request->flags & TRIAGE_HTTP_CERTIFICATES) != 0;
    copy.verify_tls = (request->flags & TRIAGE_HTTP_INSECURE) == 0;
    copy.fresh_connection = (request->flags & TRIAGE_HTTP_FRESH) != 0;
    copy.keep_encoding = (request->flags & TRIAGE_HTTP_KEEP_ENCODING) != 0;
    copy.unix_socket = view(request->unix_socket);
    copy.ca_file = view(request->ca_file);
    copy.client_cert_file = view(request->client_cert_file);
    copy.client_key_file = view(request->client_key_file);
    copy.connect_to = view(request->connect_to);
    return copy;
}

void ResponseView::show_headers(const net::Response& response) {
    headers_.clear();
    for (const auto& header : response.headers)
        headers_.push_back(
            {sizeof(triage_http_header), 0, borrow(header.name), borrow(header.value), 0});
    point(headers_, header_pointers_);
    response_.headers = header_pointers_.data();
    response_.header_count = static_cast<std::uint32_t>(headers_.size());
}

void ResponseView::show_redirects(const net::Response& response) {
    redirects_.clear();
    for (const auto& url : response.redirects)
        redirects_.push_back(borrow(url));
    point(redirects_, redirect_pointers_);
    response_.redirects = redirect_pointers_.data();
    response_.redirect_count = static_cast<std::uint32_t>(redirects_.size());
}

void ResponseView::show_certificates(const net::Response& response) {
    certificates_.clear();
    for (const auto& certificate : response.certificates)
        certificates_.push_back({sizeof(triage_http_certificate), 0, borrow(certificate.subject),
                                 borrow(certificate.issuer), borrow(certificate.names),
                                 certificate.not_before_s, certificate.not_after_s,
                                 borrow(certificate.pem)});
    point(certificates_, certificate_pointers_);
    response_.certificates = certificate_pointers_.data();
    response_.certificate_count = static_cast<std::uint32_t>(certificates_.size());
}

const triage_http_response* ResponseView::show(const net::Response& response) {
    response_ = {};
    response_.size = sizeof(response_);
    response_.failure = number(response.failure);
    response_.phase = number(response.phase);
    response_.status = static_cast<std::uint32_t>(response.status);
    response_.detail = borrow(response.detail);
    response_.url = borrow(response.url);
    response_.http_version = borrow(response.http_version);
    response_.address = borrow(response.address);
    show_headers(response);
    show_redirects(response);
    show_certificates(response);
    response_.body = borrow(response.body);
    response_.body_bytes = response.body_bytes;
    response_.truncated = response.truncated ? 1 : 0;
    response_.reused = response.reused ? 1 : 0;
    response_.queue_us = count_us(response.timings.queue);
    response_.resolve_us = count_us(response.timings.resolve);
    response_.connect_us = count_us(response.timings.connect);
    response_.tls_us = count_us(response.timings.tls);
    response_.first_byte_us = count_us(response.timings.first_byte);
    response_.total_us = count_us(response.timings.total);
    return &response_;
}

}  // namespace triage::plugin
