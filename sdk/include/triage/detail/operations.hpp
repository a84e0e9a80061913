/// Operations that a check waits for: each starts one with the host when it is awaited, and resumes
/// the coroutine when the event comes.
#pragma once

#include <algorithm>
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include <triage/abi.h>
#include <triage/detail/services.hpp>
#include <triage/http.hpp>

namespace triage {
struct Ready;
enum class Interest : std::uint32_t;
}  // namespace triage

namespace triage::detail {

/// Takes the events of an operation.
class Sink {
public:
    virtual void take(const triage_event& event) = 0;

protected:
    ~Sink() = default;
};

/// The operations of one check that have been started and not answered.
class Loop {
public:
    Loop(const Services& services, triage_ctx* ctx) : services_(services), ctx_(ctx) {}

    const Services& services() const noexcept { return services_; }
    triage_ctx* ctx() const noexcept { return ctx_; }

    /// From now on `sink` takes the events of `op`, which an API function has just returned.
    void watch(triage_op op, Sink* sink) {
        if (op == 0) throw CouldNotTell("the host did not start an operation of the check");
        waiting_.emplace_back(op, sink);
    }

    /// Nobody waits for `op` any more.
    void forget(triage_op op) {
        if (remove(op) != nullptr) services_.check->cancel(ctx_, op);
    }

    /// Hands an event to whoever waits for it; late events of forgotten operations fall through.
    void deliver(const triage_event& event) {
        const bool more_to_come =
            event.kind == TRIAGE_EVENT_HTTP_HEAD || event.kind == TRIAGE_EVENT_HTTP_DATA;
        if (auto* sink = more_to_come ? find(event.op) : remove(event.op)) sink->take(event);
    }

    bool idle() const noexcept { return waiting_.empty(); }

    /// Blocking work in progress: it refers to the coroutine's frame, which must therefore stay.
    int working = 0;

private:
    using Entry = std::pair<triage_op, Sink*>;

    std::vector<Entry>::iterator position(triage_op op) {
        return std::find_if(waiting_.begin(), waiting_.end(),
                            [op](const Entry& entry) { return entry.first == op; });
    }
    Sink* find(triage_op op) {
        const auto at = position(op);
        return at == waiting_.end() ? nullptr : at->second;
    }
    Sink* remove(triage_op op) {
        const auto at = position(op);
        if (at == waiting_.end()) return nullptr;
        auto* sink = at->second;
        waiting_.erase(at);
        return sink;
    }

    const Services& services_;
    triage_ctx* ctx_;
    std::vector<Entry> waiting_;
};

/// Base of awaitables. The operation is started in await_ready, where an exception simply reaches
/// the coroutine; its event can only come later, from the loop.
class Operation : protected Sink {
public:
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

    bool await_ready() {
        start();
        return false;
    }
    void await_suspend(std::coroutine_handle<> waiter) noexcept { waiter_ = waiter; }

protected:
    explicit Operation(Loop& loop) : loop_(loop) {}
    ~Operation() {
        if (op_ != 0) loop_.forget(op_);
    }

    virtual void start() = 0;
    void watch(triage_op op) {
        loop_.watch(op, this);
        op_ = op;
    }
    void finished() noexcept { op_ = 0; }
    Loop& loop() noexcept { return loop_; }
    /// Runs the coroutine on. It may destroy this object: nothing may follow.
    void resume() { waiter_.resume(); }

private:
    Loop& loop_;
    triage_op op_ = 0;
    std::coroutine_handle<> waiter_;
};

class HttpOperation final : public Operation {
public:
    HttpOperation(Loop& loop, Request request) : Operation(loop), request_(std::move(request)) {}
    Response await_resume() { return std::move(*response_); }

private:
    void start() override {
        const auto& http = Services::need(loop().services().http, TRIAGE_HTTP_API);
        watch(http.start(loop().ctx(), RequestAbi(request_, 0).get()));
    }
    void take(const triage_event& event) override {
        response_ = to_response(*event.http, request_.timeout());
        finished();
        resume();
    }

    Request request_;
    std::optional<Response> response_;
};

class SleepOperation final : public Operation {
public:
    SleepOperation(Loop& loop, std::chrono::microseconds duration)
        : Operation(loop), duration_(duration) {}
    void await_resume() noexcept {}

private:
    void start() override {
        watch(loop().services().check->sleep(loop().ctx(), duration_.count()));
    }
    void take(const triage_event&) override {
        finished();
        resume();
    }

    std::chrono::microseconds duration_;
};

/// A descriptor raced against a timer (of -1 us: no timer).
class FdOperation final : public Operation {
public:
    FdOperation(Loop& loop, int fd, Interest interest, std::chrono::microseconds limit)
        : Operation(loop), fd_(fd), interest_(interest), limit_(limit) {}
    ~FdOperation() { stop_timer(); }
    Ready await_resume() const noexcept;

private:
    void start() override {
        const auto& check = *loop().services().check;
        watch(check.wait_fd(loop().ctx(), fd_, static_cast<std::uint32_t>(interest_)));
        if (limit_.count() < 0) return;
        const auto timer = check.sleep(loop().ctx(), limit_.count());
        loop().watch(timer, this);
        timer_ = timer;
    }
    void take(const triage_event& event) override {
        timed_out_ = event.kind == TRIAGE_EVENT_TIMER;
        ready_ = timed_out_ ? 0 : event.ready;
        if (timed_out_) {
            timer_ = 0;  // the descriptor's operation is forgotten by ~Operation
        } else {
            finished();
            stop_timer();
        }
        resume();
    }
    void stop_timer() {
        if (timer_ != 0) loop().forget(std::exchange(timer_, 0));
    }

    int fd_;
    Interest interest_;
    std::chrono::microseconds limit_;
    triage_op timer_ = 0;
    std::uint32_t ready_ = 0;
    bool timed_out_ = false;
};

/// Holds what `Work` gave: a value, nothing, or an exception.
template <class R>
class WorkResult {
public:
    template <class Work>
    void run(Work& work) noexcept {
        try {
            value_.emplace(work());
        } catch (...) {
            thrown_ = std::current_exception();
        }
    }
    R take() {
        if (thrown_) std::rethrow_exception(thrown_);
        return std::move(*value_);
    }

private:
    std::optional<R> value_;
    std::exception_ptr thrown_;
};

template <>
class WorkResult<void> {
public:
    template <class Work>
    void run(Work& work) noexcept {
        try {
            work();
        } catch (...) {
            thrown_ = std::current_exception();
        }
    }
    void take() const {
        if (thrown_) std::rethrow_exception(thrown_);
    }

private:
    std::exception_ptr thrown_;
};

template <class Work>
class WorkOperation final : public Operation {
public:
    using R = std::invoke_result_t<Work&>;
    WorkOperation(Loop& loop, Work work) : Operation(loop), work_(std::move(work)) {}
    R await_resume() { return result_.take(); }

private:
    void start() override {
        watch(loop().services().check->work(loop().ctx(), &WorkOperation::on_pool_thread, this));
        ++loop().working;
    }
    static void on_pool_thread(void* self) {
        auto* operation = static_cast<WorkOperation*>(self);
        operation->result_.run(operation->work_);
    }
    void take(const triage_event&) override {
        --loop().working;
        finished();
        resume();
    }

    Work work_;
    WorkResult<R> result_;
};

}  // namespace triage::detail
