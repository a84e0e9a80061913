/// Definitions of triage/context.hpp.
#pragma once

#include <triage/context.hpp>
#include <triage/stream.hpp>

namespace triage {

inline Ready detail::FdOperation::await_resume() const noexcept {
    return {(ready_ & TRIAGE_FD_READ) != 0, (ready_ & TRIAGE_FD_WRITE) != 0,
            (ready_ & TRIAGE_FD_ERROR) != 0, timed_out_};
}

inline detail::HttpOperation Context::http(Request request) {
    return detail::HttpOperation(loop_, std::move(request));
}

inline HttpStream Context::http_stream(const Request& request) {
    return HttpStream(loop_, request);
}

inline detail::SleepOperation Context::sleep(std::chrono::microseconds duration) {
    return detail::SleepOperation(loop_, duration);
}

inline detail::FdOperation Context::wait_fd(int fd, Interest interest,
                                            std::chrono::microseconds limit) {
    return detail::FdOperation(loop_, fd, interest, limit);
}

inline detail::FdOperation Context::wait_fd(int fd, Interest interest) {
    return detail::FdOperation(loop_, fd, interest, std::chrono::microseconds(-1));
}

template <class Work>
detail::WorkOperation<std::decay_t<Work>> Context::blocking(Work&& work) {
    static_assert(std::is_lvalue_reference_v<Work> || std::is_trivially_destructible_v<Work>,
                  "capture by reference, or make the lambda a variable first: GCC 12 miscompiles "
                  "a lambda with captures like these inside a co_await expression");
    return detail::WorkOperation<std::decay_t<Work>>(loop_, std::forward<Work>(work));
}

}  // namespace triage
