/// triage/context.hpp: the asynchronous operations of a check.
///
/// Each is awaited: `co_await ctx.http(request)`. While one check waits, the thread serves others,
/// so thousands can be in flight. Several operations of one check at the same time are several
/// tasks (triage/task.hpp). An operation whose coroutine is destroyed is cancelled.
#pragma once

#include <chrono>
#include <string>
#include <type_traits>
#include <utility>

#include <triage/detail/operations.hpp>
#include <triage/http.hpp>
#include <triage/report.hpp>

namespace triage {

class HttpStream;

/// What to wait for at a file descriptor, and what it became ready for.
struct Ready {
    bool read = false;
    bool write = false;
    bool error = false;      ///< error or hang-up; look at it with a read
    bool timed_out = false;  ///< nothing happened in the time that was given
};

/// For Context::wait_fd.
enum class Interest : std::uint32_t {
    read = TRIAGE_FD_READ,
    write = TRIAGE_FD_WRITE,
    read_write = TRIAGE_FD_READ | TRIAGE_FD_WRITE,
};

/// What an asynchronous check is given. Loop thread only, except Reporter's "any thread".
class Context : public Reporter {
public:
    /// Performs a request: `Response r = co_await ctx.http(Request("GET", p.url).timeout(3s));`
    /// Never throws for what the network or server does: see Response::failure().
    [[nodiscard]] detail::HttpOperation http(Request request);

    /// Starts a request whose body is read in chunks; see triage/stream.hpp.
    [[nodiscard]] HttpStream http_stream(const Request& request);

    /// `co_await ctx.sleep(250ms);`
    [[nodiscard]] detail::SleepOperation sleep(std::chrono::microseconds duration);

    /// `Ready r = co_await ctx.wait_fd(fd, Interest::read, 3s);` Waits once until the check's own
    /// `fd` is ready, at most as long as `limit`. The fd must stay open until then.
    [[nodiscard]] detail::FdOperation wait_fd(int fd, Interest interest,
                                              std::chrono::microseconds limit);
    /// The same without a limit of its own: the check's deadline ends it.
    [[nodiscard]] detail::FdOperation wait_fd(int fd, Interest interest);

    /// Runs `work` on a pool thread: `auto rows = co_await ctx.blocking([&] { return query(); });`
    /// Gives what it returns or throws what it throws. It may refer to the check's variables (they
    /// stay until it has returned, even when the check is cancelled) but must not use `ctx`, except
    /// what says "any thread". It cannot be interrupted: look at cancelled() between waits.
    /// Captures by value that have a destructor need a variable, `auto work = [copy] { … };`: GCC
    /// 12 destroys such a lambda twice when it is made inside a co_await expression.
    template <class Work>
    [[nodiscard]] detail::WorkOperation<std::decay_t<Work>> blocking(Work&& work);

    /// For the SDK itself.
    Context(const detail::PluginState& plugin, triage_ctx* ctx)
        : Reporter(plugin, ctx), loop_(services(), ctx) {}
    detail::Loop& loop() noexcept { return loop_; }

private:
    detail::Loop loop_;
};

}  // namespace triage

#include <triage/detail/context.hpp>
