/// triage/stream.hpp: a response body in chunks, for logs, event streams and bodies of any size.
///
///     auto stream = ctx.http_stream(triage::Request("GET", p.url).timeout(10s));
///     const triage::Response& head = co_await stream.head();
///     while (auto chunk = co_await stream.next()) parse(*chunk);
///     const triage::Response& end = stream.end();
///
/// The host stops reading from the server while much is waiting here, so memory stays bounded
/// however long the body is. Destroying the stream ends the request.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <triage/detail/stream_state.hpp>
#include <triage/http.hpp>

namespace triage {

/// One streamed request. Move-only. Loop thread; at most one coroutine waits for it at a time.
class HttpStream {
public:
    /// `co_await stream.head()`: status and headers, as soon as they are there; or, if no response
    /// came, the failure. A const Response& that lives as long as the stream.
    [[nodiscard]] detail::AwaitHead head() { return detail::AwaitHead(*state_); }

    /// `co_await stream.next()`: the next chunk as std::optional<std::string>, cut wherever the
    /// network cut it; nullopt at the end, be it good or bad: see end().
    [[nodiscard]] detail::AwaitChunk next() { return detail::AwaitChunk(*state_); }

    /// After next() gave nullopt: how it ended (failure(), body_bytes(), timings()).
    const Response& end() const { return state_->end(); }

    /// For the SDK itself; a check calls Context::http_stream().
    HttpStream(detail::Loop& loop, const Request& request)
        : state_(std::make_unique<detail::StreamState>(loop, request)) {}

private:
    std::unique_ptr<detail::StreamState> state_;
};

}  // namespace triage
