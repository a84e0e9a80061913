// Takes in what a server sends, and stops when it is too much or no HTTP.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/text.hpp"
#include "core/net/http.hpp"

namespace triage::net {

// A server that sends more of these than any real one must not fill memory.
inline constexpr std::size_t max_header_bytes = 256 * 1024;  // all heads of one answer together
inline constexpr unsigned max_informational = 32;            // 1xx answers before the real one
inline constexpr std::size_t max_redirect_body_bytes = 64 * 1024;
// Of what is not HTTP: enough to show, and to find a secret in that is cut off where it is shown.
inline constexpr std::size_t max_foreign_bytes = 1024;

class Reception {
public:
    // Why no more was read.
    enum class Stop { none, body_cap, headers, header_bytes, informational, lengths, not_http };
    enum class Take { all, pause, stop };

    Reception() = default;  // of a request that is not sent yet: nothing comes
    // Fills `response` on behalf of `request`; both must outlive this.
    Reception(const Request& request, Response& response, std::size_t stream_window_bytes)
        : request_(&request), response_(&response), window_(stream_window_bytes) {}

    bool header_line(std::string_view line);  // false: stop
    Take body(std::string_view chunk);

    // Streaming: the head and the bytes that were not yet handed on.
    bool head_ready() const;  // and not yet delivered
    std::string take_chunk();
    void consumed(std::size_t bytes);
    bool paused() const { return paused_; }
    bool may_resume() const { return paused_ && in_hand_ < window_; }
    void resumed() { paused_ = false; }
    void head_delivered() { head_delivered_ = true; }

    bool head_complete() const { return head_complete_; }
    Stop stopped() const { return stop_; }
    // The answer sends elsewhere, and the request wants that followed.
    bool redirects() const;

private:
    bool status_line(std::string_view line);
    bool field(std::string_view line);

    const Request* request_ = nullptr;
    Response* response_ = nullptr;
    std::size_t window_ = 0;
    std::size_t in_hand_ = 0;  // streamed bytes that nobody has dealt with
    std::size_t header_bytes_ = 0;
    unsigned informational_ = 0;
    bool head_complete_ = false;
    bool head_delivered_ = false;
    bool paused_ = false;
    Stop stop_ = Stop::none;
};

// The first header of that name (any case), or null.
const Header* find_header(const std::vector<Header>& headers, std::string_view name);
using base::equal_ignoring_case;

}  // namespace triage::net
