/// Time, operations and readiness of a run.
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "run.hpp"

namespace triage::testing {

using std::chrono::microseconds;

namespace {

/// Really, until a test whose check never ends is given up.
constexpr int real_limit_ms = 10'000;
constexpr std::uint64_t stream_window = 256ULL * 1024;

}  // namespace

void Run::push(Event event, microseconds wait) {
    event.due = now_ + wait;
    event.rank = options_.seed ? random_() : next_rank_++;
    events_.push_back(std::move(event));
}

microseconds Run::now() const {
    const std::lock_guard lock(mutex_);
    return now_;
}

bool Run::cancelled() {
    const std::lock_guard lock(mutex_);
    if (check_.run != nullptr && cancel_questions_++ == options_.cancel_at) is_cancelled_ = true;
    return is_cancelled_;
}

triage_op Run::sleep(microseconds duration) {
    const std::lock_guard lock(mutex_);
    const auto op = next_op_++;
    in_flight_.insert(op);
    push({{}, 0, op, TRIAGE_EVENT_TIMER}, std::max(duration, microseconds(0)));
    return op;
}

triage_op Run::wait_fd(int fd, std::uint32_t interest) {
    const auto op = next_op_++;
    in_flight_.insert(op);
    fds_[op] = {fd, interest};
    return op;
}

triage_op Run::work(void (*fn)(void*), void* arg) {
    const std::lock_guard lock(mutex_);
    const auto op = next_op_++;
    in_flight_.insert(op);
    ++working_;
    workers_.emplace_back([this, fn, arg, op] {
        fn(arg);
        const std::lock_guard inner(mutex_);
        push({{}, 0, op, TRIAGE_EVENT_WORK}, microseconds(0));
        --working_;
        const std::uint64_t one = 1;
        if (write(wake_, &one, sizeof one) < 0) std::abort();  // an eventfd cannot be full here
    });
    return op;
}

triage_op Run::http(const triage_http_request& request) {
    const auto op = next_op_++;
    in_flight_.insert(op);
    SeenRequest seen{std::string(to_view(request.method)),
                     std::string(to_view(request.url)),
                     std::string(to_view(request.body)),
                     {},
                     now_,
                     microseconds(request.timeout_us),
                     request.flags,
                     request.max_redirects};
    std::string refused;
    for (std::uint32_t i = 0; i < request.header_count; ++i) {
        const auto& header = *request.headers[i];
        const auto* secret = values_.secret(header.secret);
        if (header.secret != 0 && secret == nullptr) refused = "no such secret handle";
        seen.headers.emplace_back(to_view(header.name),
                                  text(to_view(header.value), secret ? *secret : ""));
    }
    result_.requests.push_back(seen);
    const auto limit = request.timeout_us > 0 ? seen.timeout : options_.deadline + seen.timeout;
    auto steps = http_.perform(request, limit);
    if (!refused.empty()) {
        steps = CannedHttp::fail_now(request, Failure::bad_request, refused);
    } else if (!steps) {
        violation(text("no answer was canned for ", seen.method, " ", seen.url));
        steps = CannedHttp::fail_now(request, Failure::local, "no answer was canned");
    }
    auto& stream = streams_[op];
    stream.steps.assign(steps->begin(), steps->end());
    stream.seen = result_.requests.size() - 1;
    schedule(op, stream);
    return op;
}

/// The next event of a response, unless the check must first deal with what it has.
void Run::schedule(triage_op op, Stream& stream) {
    if (stream.scheduled || stream.steps.empty() || stream.unconsumed > stream_window) return;
    auto step = std::move(stream.steps.front());
    stream.steps.pop_front();
    stream.scheduled = true;
    const auto wait = step.wait;
    const auto kind = step.kind;
    const std::lock_guard lock(mutex_);
    push({{}, 0, op, kind, 0, std::move(step)}, wait);
}

void Run::consumed(triage_op op, std::uint64_t bytes) {
    const auto found = streams_.find(op);
    if (found == streams_.end()) return;  // after its end there is nothing to hold back
    auto& stream = found->second;
    if (bytes > stream.unconsumed) violation("consumed() says more bytes than were delivered");
    stream.unconsumed -= std::min(bytes, stream.unconsumed);
    schedule(op, stream);
}

void Run::cancel(triage_op op) {
    const std::lock_guard lock(mutex_);
    if (in_flight_.erase(op) == 0) return;
    if (const auto stream = streams_.find(op); stream != streams_.end()) {
        result_.requests[stream->second.seen].cancelled = true;
        streams_.erase(stream);
    }
    fds_.erase(op);
    std::erase_if(events_, [op](const Event& event) { return event.op == op; });
}

std::optional<Run::Event> Run::pop_due() {
    const std::lock_guard lock(mutex_);
    const auto first = std::min_element(events_.begin(), events_.end(), [](auto& a, auto& b) {
        return std::pair(a.due, a.rank) < std::pair(b.due, b.rank);
    });
    if (first == events_.end() || first->due > now_) return std::nullopt;
    auto event = std::move(*first);
    events_.erase(first);
    return event;
}

/// Looks at descriptors and workers; true if that made an event.
bool Run::poll_once(int timeout_ms) {
    std::vector<pollfd> polled{{wake_, POLLIN, 0}};
    std::vector<triage_op> ops{0};
    for (const auto& [op, waiting] : fds_) {
        const int events = ((waiting.interest & TRIAGE_FD_READ) != 0 ? POLLIN : 0) |
                           ((waiting.interest & TRIAGE_FD_WRITE) != 0 ? POLLOUT : 0);
        polled.push_back({waiting.fd, static_cast<short>(events), 0});
        ops.push_back(op);
    }
    if (poll(polled.data(), polled.size(), timeout_ms) <= 0) return false;
    if (polled[0].revents != 0) {
        std::uint64_t count = 0;
        if (read(wake_, &count, sizeof count) < 0) std::abort();
    }
    for (std::size_t i = 1; i < polled.size(); ++i) {
        const auto got = polled[i].revents;
        if (got == 0) continue;
        const auto ready = ((got & POLLIN) != 0 ? TRIAGE_FD_READ : 0u) |
                           ((got & POLLOUT) != 0 ? TRIAGE_FD_WRITE : 0u) |
                           ((got & (POLLERR | POLLHUP | POLLNVAL)) != 0 ? TRIAGE_FD_ERROR : 0u);
        fds_.erase(ops[i]);
        const std::lock_guard lock(mutex_);
        push({{}, 0, ops[i], TRIAGE_EVENT_FD, ready}, microseconds(0));
    }
    return true;
}

/// To the next event's time; false if that is beyond the deadline, or there is none.
bool Run::jump() {
    const std::lock_guard lock(mutex_);
    auto to = microseconds::max();
    for (const auto& event : events_) {
        to = std::min(to, event.due);
    }
    if (to >= options_.deadline) {
        now_ = std::max(now_, options_.deadline);
        return false;
    }
    now_ = to;
    return true;
}

/// The next event to deliver; nullopt at the deadline.
std::optional<Run::Event> Run::next() {
    while (true) {
        poll_once(0);
        if (auto event = pop_due()) return event;
        bool busy = false;
        bool has_events = false;
        {
            const std::lock_guard lock(mutex_);
            busy = working_ > 0;
            has_events = !events_.empty();
        }
        const bool nothing_else = !has_events && !fds_.empty();
        if (busy || !fds_.empty()) {
            const int patience = busy || nothing_else
                                     ? real_limit_ms
                                     : static_cast<int>(options_.fd_patience.count());
            if (poll_once(patience)) continue;
            if (busy) violation("blocking work has not returned within 10 s of real time");
            if (busy) return std::nullopt;
        }
        if (!jump()) return std::nullopt;
    }
}

void Run::join_workers() {
    for (auto& worker : workers_) {
        worker.join();
    }
    workers_.clear();
}

}  // namespace triage::testing
