/// What a streamed response has brought so far, and who waits for more.
#pragma once

#include <coroutine>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include <triage/detail/operations.hpp>
#include <triage/http.hpp>

namespace triage::detail {

/// Stays at its address while the request runs.
class StreamState final : Sink {
public:
    enum class Wants { head, chunk };

    StreamState(Loop& loop, const Request& request) : loop_(loop), timeout_(request.timeout()) {
        op_ = http().start(loop.ctx(), RequestAbi(request, TRIAGE_HTTP_STREAM).get());
        loop.watch(op_, this);
    }
    StreamState(const StreamState&) = delete;
    StreamState& operator=(const StreamState&) = delete;
    ~StreamState() {
        if (!end_) loop_.forget(op_);
    }

    bool has(Wants what) const {
        return end_ || (what == Wants::head ? head_.has_value() : !chunks_.empty());
    }
    void wait(std::coroutine_handle<> waiter, Wants what) {
        waiter_ = waiter;
        wants_ = what;
    }
    const Response& head() const { return head_ ? *head_ : *end_; }
    const Response& end() const {
        if (!end_) throw CouldNotTell("HttpStream::end() was asked before the end");
        return *end_;
    }
    /// The host may read on from the server once a chunk is in the check's hands.
    std::optional<std::string> pop() {
        if (chunks_.empty()) return std::nullopt;
        auto chunk = std::move(chunks_.front());
        chunks_.pop_front();
        http().consumed(loop_.ctx(), op_, chunk.size());
        return chunk;
    }

private:
    const triage_http_api& http() const {
        return Services::need(loop_.services().http, TRIAGE_HTTP_API);
    }
    void take(const triage_event& event) override {
        switch (event.kind) {
            case TRIAGE_EVENT_HTTP_DATA:
                chunks_.emplace_back(to_view(event.data));
                break;
            case TRIAGE_EVENT_HTTP_HEAD:
                head_ = to_response(*event.http, timeout_);
                break;
            default:
                end_ = to_response(*event.http, timeout_);
        }
        if (waiter_ && has(wants_)) std::exchange(waiter_, nullptr).resume();
    }

    Loop& loop_;
    triage_op op_ = 0;
    std::chrono::microseconds timeout_;
    std::optional<Response> head_, end_;
    std::deque<std::string> chunks_;
    std::coroutine_handle<> waiter_;
    Wants wants_ = Wants::head;
};

class AwaitHead {
public:
    explicit AwaitHead(StreamState& state) : state_(state) {}
    bool await_ready() const { return state_.has(StreamState::Wants::head); }
    void await_suspend(std::coroutine_handle<> waiter) {
        state_.wait(waiter, StreamState::Wants::head);
    }
    const Response& await_resume() const { return state_.head(); }

private:
    StreamState& state_;
};

class AwaitChunk {
public:
    explicit AwaitChunk(StreamState& state) : state_(state) {}
    bool await_ready() const { return state_.has(StreamState::Wants::chunk); }
    void await_suspend(std::coroutine_handle<> waiter) {
        state_.wait(waiter, StreamState::Wants::chunk);
    }
    std::optional<std::string> await_resume() const { return state_.pop(); }

private:
    StreamState& state_;
};

}  // namespace triage::detail
