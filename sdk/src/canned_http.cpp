#include "canned_http.hpp"

#include <algorithm>
#include <numeric>

namespace triage::testing {

using std::chrono::microseconds;

void OwnedResponse::add_header(const std::string& name, const std::string& value) {
    headers_.push_back({sizeof(triage_http_header), 0, keep(name), keep(value), 0});
    header_pointers_.push_back(&headers_.back());
}

void OwnedResponse::add_redirect(const std::string& url) {
    redirects_.push_back(keep(url));
    redirect_pointers_.push_back(&redirects_.back());
}

void OwnedResponse::add_certificate(const Certificate& certificate) {
    std::string names;
    for (const auto& name : certificate.names) {
        names += name + "\n";
    }
    certificates_.push_back({sizeof(triage_http_certificate), 0, keep(certificate.subject),
                             keep(certificate.issuer), keep(names), certificate.not_before_s,
                             certificate.not_after_s, keep(certificate.pem)});
    certificate_pointers_.push_back(&certificates_.back());
}

void OwnedResponse::seal() {
    abi.size = sizeof abi;
    abi.headers = header_pointers_.data();
    abi.header_count = static_cast<std::uint32_t>(header_pointers_.size());
    abi.redirects = redirect_pointers_.data();
    abi.redirect_count = static_cast<std::uint32_t>(redirect_pointers_.size());
    abi.certificates = certificate_pointers_.data();
    abi.certificate_count = static_cast<std::uint32_t>(certificate_pointers_.size());
}

void CannedHttp::add(std::string method, std::string url, Reply reply) {
    answers_[{std::move(method), std::move(url)}].replies.push_back(std::move(reply));
}

std::optional<std::vector<HttpStep>> CannedHttp::perform(const triage_http_request& request,
                                                         microseconds limit) {
    const auto method = to_view(request.method);
    const auto found = answers_.find(
        {std::string(method.empty() ? "GET" : method), std::string(to_view(request.url))});
    if (found == answers_.end()) return std::nullopt;
    auto& answers = found->second;
    const auto& reply = answers.replies[std::min(answers.next++, answers.replies.size() - 1)];
    const bool stream = (request.flags & TRIAGE_HTTP_STREAM) != 0;
    return stream ? streamed(reply, request, limit) : whole(reply, request, limit);
}

std::shared_ptr<OwnedResponse> CannedHttp::response(const Reply& reply,
                                                    const triage_http_request& request,
                                                    microseconds total) {
    auto out = std::make_shared<OwnedResponse>();
    auto& abi = out->abi;
    const std::string url(to_view(request.url));
    const bool connected = reply.phase_ > Phase::connect;
    abi.failure = static_cast<std::uint32_t>(reply.failure_);
    abi.phase = static_cast<std::uint32_t>(reply.phase_);
    abi.status = reply.phase_ >= Phase::body ? static_cast<std::uint32_t>(reply.status_) : 0;
    abi.detail = out->keep(reply.detail_);
    abi.url = out->keep(url);
    abi.http_version = out->keep(reply.http_version_);
    abi.address =
        out->keep(reply.address_.empty() && connected ? Url(url).host_port() : reply.address_);
    abi.first_byte_us = reply.phase_ >= Phase::body ? reply.delay_.count() : 0;
    abi.total_us = total.count();
    if (abi.status != 0) {
        for (const auto& [name, value] : reply.headers_) {
            out->add_header(name, value);
        }
    }
    for (const auto& before : reply.redirects_) {
        out->add_redirect(before);
    }
    for (const auto& certificate : reply.certificates_) {
        out->add_certificate(certificate);
    }
    out->seal();
    return out;
}

HttpStep CannedHttp::timed_out(const Reply& reply, const triage_http_request& request,
                               microseconds total, Phase phase) {
    auto late = reply;
    late.failure_ = Failure::timeout;
    late.phase_ = phase;
    return {microseconds(0), TRIAGE_EVENT_HTTP, response(late, request, total), ""};
}

std::vector<HttpStep> CannedHttp::fail_now(const triage_http_request& request, Failure why,
                                           const std::string& detail) {
    return whole(Reply::failed(why, detail).after(microseconds(0)), request, microseconds::max());
}

std::vector<HttpStep> CannedHttp::whole(const Reply& reply, const triage_http_request& request,
                                        microseconds limit) {
    if (reply.hangs_ || reply.delay_ > limit) {
        const bool was_complete = reply.phase_ == Phase::done;
        auto step =
            timed_out(reply, request, limit, was_complete ? Phase::first_byte : reply.phase_);
        step.wait = limit;
        return {std::move(step)};
    }
    HttpStep step{reply.delay_, TRIAGE_EVENT_HTTP, response(reply, request, reply.delay_), ""};
    const auto limit_bytes = request.max_body_bytes == 0
                                 ? reply.body_.size()
                                 : static_cast<std::size_t>(request.max_body_bytes);
    const auto body = reply.body_.substr(0, limit_bytes);
    step.response->abi.body_bytes = body.size();
    step.response->abi.truncated = body.size() < reply.body_.size() ? 1 : 0;
    step.response->abi.body = step.response->keep(body);
    return {std::move(step)};
}

std::vector<std::string> CannedHttp::pieces(const Reply& reply, std::uint64_t limit) {
    auto pieces = reply.chunks_;
    if (pieces.empty() && !reply.body_.empty()) pieces.push_back(reply.body_);
    std::uint64_t left = limit;
    for (auto& piece : pieces) {
        piece.resize(std::min<std::size_t>(piece.size(), static_cast<std::size_t>(left)));
        left -= piece.size();
    }
    std::erase(pieces, "");
    return pieces;
}

std::vector<HttpStep> CannedHttp::streamed(const Reply& reply, const triage_http_request& request,
                                           microseconds limit) {
    const bool has_head = reply.phase_ >= Phase::body && !reply.hangs_;
    if (!has_head || reply.delay_ > limit) return whole(reply, request, limit);
    const std::uint64_t most = request.max_body_bytes == 0 ? UINT64_MAX : request.max_body_bytes;
    const auto all_pieces = pieces(reply, UINT64_MAX);
    const auto given_pieces = pieces(reply, most);
    auto head = reply;
    head.failure_ = Failure::none;
    std::vector<HttpStep> steps{
        {reply.delay_, TRIAGE_EVENT_HTTP_HEAD, response(head, request, reply.delay_), ""}};
    auto at = reply.delay_;
    std::uint64_t bytes = 0;
    for (const auto& piece : given_pieces) {
        const auto wait = bytes == 0 ? microseconds(0) : reply.gap_;
        if (at + wait > limit) {
            steps.push_back(timed_out(reply, request, limit, Phase::body));
            steps.back().wait = limit - at;
            steps.back().response->abi.body_bytes = bytes;
            return steps;
        }
        at += wait;
        bytes += piece.size();
        steps.push_back({wait, TRIAGE_EVENT_HTTP_DATA, nullptr, piece});
    }
    steps.push_back({microseconds(0), TRIAGE_EVENT_HTTP, response(reply, request, at), ""});
    auto& end = steps.back().response->abi;
    end.body_bytes = bytes;
    end.truncated =
        std::transform_reduce(all_pieces.begin(), all_pieces.end(), std::uint64_t{0}, std::plus<>(),
                              [](const std::string& piece) { return piece.size(); }) > bytes
            ? 1
            : 0;
    return steps;
}

Reply Reply::failed(Failure why, std::string detail) {
    Reply reply;
    reply.failure_ = why;
    reply.detail_ = std::move(detail);
    switch (why) {
        case Failure::resolve:
            reply.phase_ = Phase::resolve;
            break;
        case Failure::refused:
        case Failure::unreachable:
            reply.phase_ = Phase::connect;
            break;
        case Failure::tls:
            reply.phase_ = Phase::tls;
            break;
        case Failure::timeout:
        case Failure::closed:
        case Failure::protocol:
            reply.phase_ = Phase::first_byte;
            break;
        case Failure::redirects:
            reply.phase_ = Phase::body;
            break;
        default:
            reply.phase_ = Phase::queue;
    }
    return reply;
}

Reply& Reply::at(Phase phase) {
    phase_ = phase;
    return *this;
}

Reply Reply::hang(Phase phase) {
    auto reply = failed(Failure::timeout);
    reply.hangs_ = true;
    reply.phase_ = phase;
    return reply;
}

Reply& Reply::header(std::string name, std::string value) {
    headers_.emplace_back(std::move(name), std::move(value));
    return *this;
}
Reply& Reply::body(std::string content) {
    body_ = std::move(content);
    return *this;
}
Reply& Reply::after(microseconds delay) {
    delay_ = delay;
    return *this;
}
Reply& Reply::chunks(std::vector<std::string> pieces) {
    chunks_ = std::move(pieces);
    body_ = std::accumulate(chunks_.begin(), chunks_.end(), std::string());
    return *this;
}
Reply& Reply::chunk_size(std::size_t bytes) {
    chunks_.clear();
    for (std::size_t at = 0; at < body_.size(); at += bytes) {
        chunks_.push_back(body_.substr(at, bytes));
    }
    return *this;
}
Reply& Reply::gap(microseconds between_chunks) {
    gap_ = between_chunks;
    return *this;
}
Reply& Reply::then_closed() {
    failure_ = Failure::closed;
    phase_ = Phase::body;
    return *this;
}
Reply& Reply::address(std::string host_port) {
    address_ = std::move(host_port);
    return *this;
}
Reply& Reply::http_version(std::string version) {
    http_version_ = std::move(version);
    return *this;
}
Reply& Reply::redirected_from(std::vector<std::string> urls) {
    redirects_ = std::move(urls);
    return *this;
}
Reply& Reply::certificate(Certificate certificate) {
    certificates_.push_back(std::move(certificate));
    return *this;
}

}  // namespace triage::testing
