/// Canned answers, and the events that each turns into.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <triage/abi.h>
#include <triage/testing/reply.hpp>

namespace triage::testing {

/// A response that owns what its ABI form points to.
class OwnedResponse {
public:
    triage_http_response abi{};

    triage_str keep(std::string text) { return to_abi(texts_.emplace_back(std::move(text))); }
    void add_header(const std::string& name, const std::string& value);
    void add_redirect(const std::string& url);
    void add_certificate(const Certificate& certificate);
    /// Points `abi` to what was added.
    void seal();

private:
    std::deque<std::string> texts_;
    std::deque<triage_http_header> headers_;
    std::deque<triage_http_certificate> certificates_;
    std::deque<triage_str> redirects_;
    std::vector<const triage_http_header*> header_pointers_;
    std::vector<const triage_http_certificate*> certificate_pointers_;
    std::vector<const triage_str*> redirect_pointers_;
};

/// One event of an answer, `wait` after the one before it.
struct HttpStep {
    std::chrono::microseconds wait{0};
    std::uint32_t kind = TRIAGE_EVENT_HTTP;
    std::shared_ptr<OwnedResponse> response;  // HEAD and HTTP
    std::string data;                         // DATA
};

/// What the test said about requests.
class CannedHttp {
public:
    void add(std::string method, std::string url, Reply reply);

    /// What this request brings, in order: one HTTP event, or HEAD, DATA…, HTTP when streamed.
    /// `limit` is the request's own timeout or, without one, more than the check has left.
    /// Nullopt if nothing was said about it.
    std::optional<std::vector<HttpStep>> perform(const triage_http_request& request,
                                                 std::chrono::microseconds limit);

    /// A failure that comes at once: for requests that cannot be put.
    static std::vector<HttpStep> fail_now(const triage_http_request& request, Failure why,
                                          const std::string& detail);

private:
    struct Answers {
        std::vector<Reply> replies;
        std::size_t next = 0;
    };
    static std::vector<HttpStep> whole(const Reply& reply, const triage_http_request& request,
                                       std::chrono::microseconds limit);
    static std::vector<HttpStep> streamed(const Reply& reply, const triage_http_request& request,
                                          std::chrono::microseconds limit);
    static std::vector<std::string> pieces(const Reply& reply, std::uint64_t limit);
    static std::shared_ptr<OwnedResponse> response(const Reply& reply,
                                                   const triage_http_request& request,
                                                   std::chrono::microseconds total);
    static HttpStep timed_out(const Reply& reply, const triage_http_request& request,
                              std::chrono::microseconds total, Phase phase);

    std::map<std::pair<std::string, std::string>, Answers> answers_;
};

}  // namespace triage::testing
