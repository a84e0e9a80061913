#include "core/plugin/worker_process.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "core/base/text.hpp"

namespace triage::plugin {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t max_unsent_bytes = std::size_t{64} << 20;
constexpr std::size_t max_requests = 4096;  // under way; then its frames wait
constexpr std::size_t max_described_bytes = 1 << 20;
constexpr std::uint64_t allowed_stray_frames = 10'000;
constexpr milliseconds time_to_exit{200};  // between the end of its socket and its own

}  // namespace

WorkerProcess::WorkerProcess(loop::Loop& loop, std::shared_ptr<FlushList> flushes,
                             const Options& options, Spawned spawned, WorkerOwner& owner)
    : loop_(loop),
      options_(options),
      owner_(owner),
      process_(std::move(spawned.process)),
      crumbs_(std::move(spawned.crumbs)),
      output_fd_(std::move(spawned.output)),
      channel_(loop, std::move(flushes), std::move(spawned.socket), *this),
      opened_by_(loop.now() + options.open_timeout) {
    loop_.watch(process_.pidfd(), loop::ready_read, [this](std::uint32_t) { on_exit(); });
    loop_.watch(output_fd_.get(), loop::ready_read, [this](std::uint32_t) { on_output(); });
    watch_over();
}

WorkerProcess::~WorkerProcess() {
    loop_.cancel(watch_timer_);
    loop_.cancel(exit_timer_);
    loop_.unwatch(process_.pidfd());
    if (output_fd_) loop_.unwatch(output_fd_.get());
}

// ---- To the worker

net::Response too_large_answer() {
    net::Response response;
    response.failure = net::Failure::local;
    response.detail = "the answer is larger than 32 MiB, more than can be given to a plugin";
    return response;
}

template <class Write>
bool WorkerProcess::send(Write write) {
    if (!channel_.send(write)) return false;
    if (channel_.unsent() > max_unsent_bytes)
        break_off("was ended: it does not read its messages (64 MiB of them wait)");
    return true;
}

bool WorkerProcess::tell(const std::shared_ptr<const CallArgument>& argument) {
    if (told_.contains(argument)) return true;
    const bool sent = send([&](std::string& out) { write_argument(out, *argument); });
    if (sent) told_.emplace(argument, told_.size());
    return sent;
}

bool WorkerProcess::start(CallId id, std::size_t check_index, const Call& call) {
    const auto remaining = duration_cast<microseconds>(call.deadline - loop_.now()).count();
    bool sent = true;
    std::vector<std::uint64_t> common;
    common.reserve(call.common.size());
    for (const auto& argument : call.common) {
        sent = sent && tell(argument);
        if (sent) common.push_back(told_.at(argument));
    }
    sent = sent && send([&](std::string& out) {
               write_start(out, id, check_index, remaining, call, common);
           });
    if (sent) ++calls_sent_;
    return sent || !channel_.is_open();  // its death will be told
}

void WorkerProcess::cancel(CallId id) {
    send([&](std::string& out) {
        write_call(out, FrameType::cancel, {.call = id, .op = {}, .count = 0, .data = {}});
    });
}

bool WorkerProcess::http_head(CallId call, OpId op, const net::Response& head) {
    const bool sent =
        send([&](std::string& out) { write_response(out, FrameType::http_head, call, op, head); });
    return sent || !channel_.is_open();
}

bool WorkerProcess::http_data(CallId call, OpId op, std::string_view chunk) {
    const bool sent = send([&](std::string& out) {
        write_call(out, FrameType::http_data, {.call = call, .op = op, .count = 0, .data = chunk});
    });
    return sent || !channel_.is_open();
}

void WorkerProcess::http_done(CallId call, OpId op, const net::Response& response) {
    const auto write = [&](const net::Response& what) {
        return send(
            [&](std::string& out) { write_response(out, FrameType::http_done, call, op, what); });
    };
    if (write(response) || !channel_.is_open()) return;
    write(too_large_answer());
}

// ---- From the worker

void WorkerProcess::on_frame(FrameType type, std::string_view payload) {
    switch (type) {
        case FrameType::described:
            return on_described(payload);
        case FrameType::failed:
            return on_failed(payload);
        case FrameType::outcome:
            return on_outcome(payload);
        case FrameType::http_start:
            return on_http_start(payload);
        case FrameType::ended:
        case FrameType::http_cancel:
        case FrameType::http_consumed:
        case FrameType::secret:
            return on_call(type, payload);
        default:
            protocol_error("a message of type " + std::to_string(std::to_underlying(type)));
    }
}

void WorkerProcess::on_described(std::string_view payload) {
    DescribedMessage message;
    if (std::exchange(described_, true) || payload.size() > max_described_bytes ||
        !read(payload, message))
        return protocol_error("a bad description");
    if (message.protocol != protocol_version) {
        owner_.on_failed(*this, {"the worker " + options_.worker_path + " speaks protocol " +
                                     std::to_string(message.protocol) + ", this triage " +
                                     std::to_string(protocol_version),
                                 "The two are of different installations: install triage again."});
        return;
    }
    owner_.on_described(*this, std::move(message.info));
}

void WorkerProcess::on_failed(std::string_view payload) {
    base::Error reason;
    if (std::exchange(described_, true) || !read(payload, reason))
        return protocol_error("a bad failure");
    owner_.on_failed(*this, std::move(reason));
}

void WorkerProcess::on_outcome(std::string_view payload) {
    OutcomeMessage message;
    if (!read(payload, message)) return protocol_error("a bad outcome");
    owner_.on_outcome(*this, std::move(message));
}

void WorkerProcess::on_http_start(std::string_view payload) {
    RequestMessage message;
    if (!read(payload, message)) return protocol_error("a bad request");
    owner_.on_http_start(*this, std::move(message));
}

void WorkerProcess::on_call(FrameType type, std::string_view payload) {
    CallMessage message;
    if (!read(payload, message)) return protocol_error("a bad message about a call");
    owner_.on_call(*this, type, message);
}

void WorkerProcess::protocol_error(const std::string& what) {
    break_off("was ended: it sent " + what + ", which triage does not understand");
}

// Nothing it says counts any more.
void WorkerProcess::break_off(std::string because) {
    channel_.close();
    kill(std::move(because), true);
}

void WorkerProcess::set_requests(std::size_t count) { channel_.pause(count > max_requests); }

void WorkerProcess::count_stray_frame() {
    if (++stray_frames_ > allowed_stray_frames + 10 * calls_sent_)
        break_off("was ended: it floods triage with messages about checks that are over");
}

void WorkerProcess::on_output() {
    if (!output_.read(output_fd_.get())) {
        loop_.unwatch(output_fd_.get());
        output_fd_.reset();
    } else if (output_.is_flood()) {
        kill("was ended: it flooded its standard output with more than 16 MiB", true);
    }
}

// ---- Its end

// A socket ends a moment before its process does. Who closes it and lives on has lost its reason.
void WorkerProcess::on_closed(const std::string& problem) {
    if (!problem.empty()) return protocol_error(problem);
    exit_timer_ = loop_.call_after(
        time_to_exit, [this] { kill("was ended: it closed its connection to triage", true); });
}

void WorkerProcess::kill(std::string because, bool its_fault) {
    if (!killed_because_.empty() || dead_) return;
    killed_because_ = std::move(because);
    ended_by_host_ = !its_fault;
    process_.kill();  // its pidfd becomes readable
}

void WorkerProcess::on_exit() {
    if (dead_) return;
    channel_.drain();  // what it said before
    const auto status = process_.reap();
    if (!status) return;
    dead_ = true;
    while (output_fd_ && !output_.is_flood()) {
        const auto bytes_before = output_.size();
        if (!output_.read(output_fd_.get()) || output_.size() == bytes_before) break;
    }
    channel_.close();
    loop_.unwatch(process_.pidfd());
    loop_.cancel(watch_timer_);
    loop_.cancel(exit_timer_);
    auto death = explain_death(*status, *crumbs_, killed_because_,
                               [this](CallId call) { return owner_.label_of(call); });
    death.ended_by_host = ended_by_host_;
    if (const auto words = output_.last_words(); !words.empty() && !ended_by_host_)
        death.what += "; its last output: " + words;
    owner_.on_death(*this, death);
}

// Often enough to notice a stuck callback within one and a half of its budget.
void WorkerProcess::watch_over() {
    const auto budget = options_.callback_budget;
    const auto elapsed = time_in_callback(*crumbs_);
    if (!described_ && loop_.now() > opened_by_) {
        kill("was ended: it did not say what it declares within " +
                 base::format_duration(options_.open_timeout),
             true);
    } else if (described_ && elapsed && *elapsed > budget) {
        kill("was ended: one callback has kept its event loop from turning for more than " +
                 base::format_duration(budget),
             true);
    }
    const auto pause = described_ ? milliseconds(budget) / 2
                                  : std::min(milliseconds(budget) / 2, options_.open_timeout / 4);
    watch_timer_ = loop_.call_after(std::max(pause, milliseconds(1)), [this] { watch_over(); });
}

void WorkerProcess::shut_down() { channel_.finish_sending(); }

void WorkerProcess::wait_for_end(std::chrono::steady_clock::time_point until) {
    const auto left = duration_cast<milliseconds>(until - std::chrono::steady_clock::now());
    process_.wait(static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1000)));
}

}  // namespace triage::plugin
