#include "ask.hpp"

#include <algorithm>

using namespace std::chrono_literals;

namespace cors {
namespace {

// One page's four preflights, its call and the control. Less than what a runbook allows for one
// target (8), else requests would wait in the host's queue, and the check's time run out there.
constexpr std::size_t at_once = 6;
// To judge and to report in, so that what is known by then is said.
constexpr auto reserve = 250ms;
// A request with less time than this would say nothing.
constexpr auto least = 50ms;

struct Work {
    std::vector<triage::Request> requests;
    Answers answers;
    std::size_t next = 0;
    bool any = false;
};

triage::Task<bool> lane(triage::Context& ctx, Work& work) {
    while (work.next < work.requests.size() && !work.answers.silent) {
        const auto mine = work.next++;
        const auto left = ctx.left() - reserve;
        if (left < least) break;
        auto request = work.requests[mine];
        const bool cut = request.timeout() > left;
        if (cut) request.timeout(left);
        auto answer = co_await ctx.http(std::move(request));
        work.any = work.any || answer.ok();
        const bool timed_out = answer.failure() == triage::Failure::timeout;
        if (timed_out && cut) continue;
        if (timed_out && !work.any) work.answers.silent = true;
        work.answers.list[mine] = std::move(answer);
    }
    co_return true;
}

}  // namespace

triage::Task<Answers> ask_all(triage::Context& ctx, std::vector<triage::Request> requests) {
    Work work;
    work.answers.list.resize(requests.size());
    work.requests = std::move(requests);
    std::vector<triage::Task<bool>> lanes;
    for (std::size_t i = 0; i < std::min(at_once, work.requests.size()); ++i)
        lanes.push_back(lane(ctx, work));
    co_await triage::all(std::move(lanes));
    co_return std::move(work.answers);
}

}  // namespace cors
