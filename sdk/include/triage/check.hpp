/// triage/check.hpp: an asynchronous check, written as a coroutine.
///
///     triage::Check ping(const Params& p, triage::Context& ctx) {
///         auto response = co_await ctx.http(triage::Request("GET", p.url).timeout(3s));
///         ctx.evaluated(down);
///         if (!response.ok()) ctx.found(down, p.url, response.describe());
///         co_return triage::done("…");
///     }
///
/// `p` and `ctx` live until the check's end. The host may give up at any co_await: the coroutine is
/// then destroyed there, and destructors release what it holds.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace triage {

/// What a check returns: what it measured, or why it could not tell.
class [[nodiscard]] Outcome {
public:
    /// One line that says what was measured, also when all is well: "200 in 12 ms". The verdict
    /// follows from the findings.
    static Outcome done(std::string summary) { return {true, std::move(summary)}; }
    /// The check does not know (a missing permission, a broken answer of a helper): why, and what
    /// to do. Never for a target that is bad: that is a finding.
    static Outcome could_not_tell(std::string reason) { return {false, std::move(reason)}; }

    /// done() made it, not could_not_tell().
    bool told() const noexcept { return told_; }
    /// The summary, or the reason.
    const std::string& text() const noexcept { return text_; }

private:
    Outcome(bool told, std::string text) : told_(told), text_(std::move(text)) {}

    bool told_;
    std::string text_;
};

/// `co_return triage::done("200 in 12 ms");`
inline Outcome done(std::string summary) { return Outcome::done(std::move(summary)); }
/// `co_return triage::could_not_tell("no permission for …: allow it in [allow]");`
inline Outcome could_not_tell(std::string reason) {
    return Outcome::could_not_tell(std::move(reason));
}

/// The coroutine type of a check. The SDK runs it; a check function only names it.
class Check {
public:
    /// What the compiler needs to make a coroutine of a function that returns Check.
    struct promise_type {
        std::optional<Outcome> outcome;  // one of the two, once it has finished
        std::exception_ptr thrown;

        Check get_return_object() {
            return Check(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_value(Outcome value) { outcome.emplace(std::move(value)); }
        void unhandled_exception() noexcept { thrown = std::current_exception(); }
    };

    /// None; finished().
    Check() = default;
    /// Move-only: it owns the coroutine.
    Check(Check&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    Check& operator=(Check&& other) noexcept {
        std::swap(frame_, other.frame_);
        return *this;
    }
    /// Destroys the coroutine wherever it waits.
    ~Check() {
        if (frame_) frame_.destroy();
    }

    /// For the SDK: run to the first wait.
    void start() { frame_.resume(); }
    /// For the SDK: it will not run on.
    bool finished() const noexcept { return !frame_ || frame_.done(); }
    /// For the SDK, when finished: the outcome, or throws what the check threw.
    const Outcome& outcome() const {
        if (frame_.promise().thrown) std::rethrow_exception(frame_.promise().thrown);
        return *frame_.promise().outcome;
    }

private:
    explicit Check(std::coroutine_handle<promise_type> frame) : frame_(frame) {}

    std::coroutine_handle<promise_type> frame_;
};

}  // namespace triage
