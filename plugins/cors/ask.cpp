#include "ask.hpp"

#include <algorithm>
#include <charconv>

#include <triage/maker.hpp>

using namespace std::chrono_literals;

namespace cors {
namespace {

// One page's four preflights, its call and the control: browsers, too, have six connections to a
// host. Less than a runbook's `limits.per-target` is, if it says nothing.
constexpr std::size_t at_once = 6;
// What would be begun with less of the check's time could say nothing.
constexpr auto least = 50ms;
// Of a body: error pages and titles are short.
constexpr std::size_t enough = 4096;

struct Work {
    std::vector<triage::Request> requests;
    Answers answers;
    std::size_t next = 0;
    bool any = false;
};

/// A body that says what answered, or that is short, so that its connection serves the next
/// request.
bool is_worth_reading(const triage::Response& head) {
    const auto type = head.header("content-type").value_or("");
    if (head.status() >= 400 || type.find("html") != type.npos) return true;
    const auto length = head.header("content-length").value_or("");
    std::size_t bytes = 0;
    const auto [last, error] = std::from_chars(length.begin(), length.end(), bytes);
    return error == std::errc() && last == length.end() && bytes <= enough;
}

triage::Task<Answer> ask(triage::Context& ctx, triage::Request request) {
    request.max_body(enough);
    auto stream = ctx.http_stream(request);
    const auto& head = co_await stream.head();
    Answer answer(head);
    if (!answer.ok() || !is_worth_reading(answer)) co_return answer;
    while (auto chunk = co_await stream.next())
        answer.start += *chunk;
    co_return answer;
}

triage::Task<bool> lane(triage::Context& ctx, Work& work) {
    while (work.next < work.requests.size() && !work.answers.silent && ctx.left() > least) {
        const auto mine = work.next++;
        auto answer = co_await ask(ctx, std::move(work.requests[mine]));
        work.any = work.any || answer.ok();
        const bool timed_out = answer.failure() == triage::Failure::timeout;
        if (timed_out && !work.any) work.answers.silent = true;
        work.answers.list[mine] = std::move(answer);
    }
    co_return true;
}

}  // namespace

std::string Answer::by() const {
    const auto who = triage::stand_in(*this, start);
    return who.empty() ? "" : ", " + who;
}

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
