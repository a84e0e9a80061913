#include "core/plugin/isolated.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/plugin/outcome.hpp"
#include "core/plugin/upstream.hpp"

namespace triage::plugin {
namespace {

constexpr unsigned max_crashes = 3;
constexpr std::size_t max_retired = 8;
constexpr std::chrono::milliseconds time_to_close{100};  // for close(), when all is over

constexpr const char* plugin_bug = "This is a bug of the plugin: tell its author.";

// The host knows a request by the worker's number and the generation of the call, so that a late
// answer to a call's first life is not taken for one to its second.
constexpr unsigned generation_shift = 48;
constexpr std::uint64_t max_worker_op = (std::uint64_t{1} << generation_shift) - 1;

OpId to_host(OpId op, std::uint64_t generation) {
    return OpId{std::to_underlying(op) | generation << generation_shift};
}

OpId to_worker(OpId op) { return OpId{std::to_underlying(op) & max_worker_op}; }

// Once more by the rules of a contract that the worker may have broken.
Outcome hold_to_contract(const model::CheckInfo& check, Outcome said) {
    OutcomeBuilder outcome(check);
    if (!said.error.empty()) outcome.error(said.error, said.error_remedy);
    if (!said.summary.empty()) outcome.summary(said.summary);
    for (const auto code : said.evaluated)
        outcome.evaluated(code);
    for (auto& finding : said.findings) {
        const auto weight = finding.weight;
        outcome.finding(std::move(finding), weight);
    }
    for (auto& fact : said.facts)
        outcome.fact(fact.key, std::move(fact.value));
    for (const auto& metric : said.metrics)
        outcome.metric(metric.name, metric.value, metric.unit);
    Outcome held = outcome.take();
    held.log = std::move(said.log);  // as many as may be: read() has seen to that
    for (auto& line : held.log) {
        line.level = std::min<std::uint8_t>(line.level, 2);
        if (line.text.size() > max_log_line_bytes) line.text.resize(max_log_line_bytes);
    }
    return held;
}

bool are_same(const model::PluginInfo& a, const model::PluginInfo& b) {
    std::string a_bytes;
    std::string b_bytes;
    write_described(a_bytes, a);
    write_described(b_bytes, b);
    return a_bytes == b_bytes;
}

}  // namespace

Isolated::Isolated(loop::Loop& loop, HostServices& services, std::shared_ptr<FlushList> flushes,
                   const Options& options, std::string id, std::string path)
    : loop_(loop),
      services_(services),
      flushes_(std::move(flushes)),
      options_(options),
      id_(std::move(id)),
      path_(std::move(path)) {}

Isolated::Isolated(const Isolated& opened, std::shared_ptr<const net::Place> place)
    : loop_(opened.loop_),
      services_(opened.services_),
      flushes_(opened.flushes_),
      options_(opened.options_),
      id_(opened.id_),
      path_(opened.path_),
      place_(std::move(place)),
      info_(opened.info_) {}

Isolated::~Isolated() {
    for (auto& [id, entry] : entries_) {
        loop_.cancel(entry.grace);
        cancel_requests(CallId{id}, entry);
    }
    if (current_) current_->wait_for_end(end_by_);
}

void Isolated::shut_down() {
    end_by_ = std::chrono::steady_clock::now() + time_to_close;
    if (current_) current_->shut_down();
}

template <class Task>
void Isolated::later(Task task) {
    loop_.defer([alive = std::weak_ptr(alive_), task = std::move(task)]() mutable {
        if (!alive.expired()) task();
    });
}

// ---- Start

void Isolated::open(Opened opened) {
    opened_ = std::move(opened);
    if (auto worker = current_worker(); !worker) {
        later([this, reason = worker.error()] {
            std::exchange(opened_, {})(std::unexpected(reason));
        });
    }
}

base::Result<std::unique_ptr<WorkerProcess>> Isolated::make_worker() {
    if (given_up_) return std::unexpected(*given_up_);
    auto spawned = spawn_worker(options_.worker_path, path_, place_.get());
    if (!spawned) return std::unexpected(std::move(spawned.error()));
    WorkerOwner& owner = *this;
    return std::make_unique<WorkerProcess>(loop_, flushes_, options_, std::move(*spawned), owner);
}

base::Result<WorkerProcess*> Isolated::current_worker() {
    if (given_up_) return std::unexpected(*given_up_);
    if (current_) return current_.get();
    auto made = make_worker();
    if (!made) return std::unexpected(std::move(made.error()));
    current_ = std::move(*made);
    return current_.get();
}

void Isolated::on_described(WorkerProcess& worker, model::PluginInfo info) {
    if (opened_) {
        info_ = std::make_shared<const model::PluginInfo>(std::move(info));
        std::exchange(opened_, {})(info_);
    } else if (!are_same(info, *info_)) {
        // Calls name checks by number.
        given_up_ = {"the plugin '" + id_ + "' declares something else than before: " + path_ +
                         " was replaced while triage was running",
                     "Run triage again."};
        worker.kill("was replaced while triage was running", true);
    }
}

void Isolated::on_failed(WorkerProcess& worker, base::Error reason) {
    if (opened_) {
        worker.kill("could not be opened", false);
        std::exchange(opened_, {})(std::unexpected(std::move(reason)));
    } else {
        given_up_ = std::move(reason);
        worker.kill("could not be opened again", true);
    }
}

void Isolated::start(CallId id, std::size_t check_index, Call call, CallSink& sink) {
    auto& entry = entries_[std::to_underlying(id)];
    entry.sink = &sink;
    entry.check_index = check_index;
    entry.call = std::move(call);
    send(id, entry, current_worker());
}

// What is in the way comes as an outcome, later.
void Isolated::send(CallId id, Entry& entry, const base::Result<WorkerProcess*>& worker) {
    const auto refuse = [&](base::Error reason) {
        entry.starts_later = true;
        later([this, id, reason = std::move(reason)] {
            deliver_error(id, reason.message, reason.remedy);
            forget(id);
        });
    };
    entry.worker = nullptr;
    if (!worker) return refuse(worker.error());
    entry.worker = *worker;
    entry.order = (*worker)->calls_sent();
    ++entry.generation;
    if (!(*worker)->start(id, entry.check_index, entry.call))
        refuse({"the check's parameters are larger than 32 MiB together", "Make them smaller."});
}

// ---- What a worker says

Isolated::Entry* Isolated::find(CallId id) {
    const auto found = entries_.find(std::to_underlying(id));
    return found == entries_.end() ? nullptr : &found->second;
}

Isolated::Entry* Isolated::find(CallId id, const WorkerProcess& worker) {
    Entry* const entry = find(id);
    return entry != nullptr && entry->worker == &worker ? entry : nullptr;
}

std::string Isolated::label_of(CallId call) const {
    const auto found = entries_.find(std::to_underlying(call));
    return found == entries_.end() ? "" : found->second.call.label;
}

void Isolated::on_outcome(WorkerProcess& worker, OutcomeMessage message) {
    const Entry* const entry = find(message.call, worker);
    if (entry == nullptr || entry->sink == nullptr) return worker.count_stray_frame();
    auto outcome = hold_to_contract(info_->checks[entry->check_index], std::move(message.outcome));
    for (auto& line : worker.output().take()) {
        if (outcome.log.size() < max_log_lines)
            outcome.log.push_back({1, "[output] " + std::move(line)});
    }
    deliver(message.call, std::move(outcome));
}

void Isolated::on_http_start(WorkerProcess& worker, RequestMessage message) {
    Entry* const entry = find(message.call, worker);
    if (entry == nullptr || entry->sink == nullptr || entry->requests.size() >= max_operations ||
        std::to_underlying(message.op) > max_worker_op)
        return worker.count_stray_frame();
    const OpId op = to_host(message.op, entry->generation);
    entry->requests.push_back(op);
    count_requests(worker, +1);
    HttpReplies& replies = *this;
    services_.http_start(message.call, op, std::move(message.request), replies);
}

void Isolated::on_call(WorkerProcess& worker, FrameType type, const CallMessage& message) {
    Entry* const entry = find(message.call, worker);
    if (entry == nullptr) return worker.count_stray_frame();
    if (type == FrameType::ended) {
        const bool silent = entry->sink != nullptr;
        if (silent) deliver_error(message.call, "the check ended without an outcome", plugin_bug);
        forget(message.call);
        end_if_unused(worker);
        return;
    }
    if (type == FrameType::secret) {
        services_.secret_learned(message.call,
                                 std::string(message.data.substr(0, max_string_bytes)));
        return;
    }
    const OpId op = to_host(message.op, entry->generation);
    const auto request = std::ranges::find(entry->requests, op);
    if (request == entry->requests.end()) return worker.count_stray_frame();
    if (type == FrameType::http_consumed) {
        services_.http_consumed(message.call, op, message.count);
    } else {
        entry->requests.erase(request);
        count_requests(worker, -1);
        services_.http_cancel(message.call, op);
    }
}

// ---- What the host answers

bool Isolated::is_under_way(const Entry& entry, OpId op) {
    return std::ranges::find(entry.requests, op) != entry.requests.end();
}

void Isolated::http_head(CallId call, OpId op, const net::Response& head) {
    const Entry* const entry = find(call);
    if (entry == nullptr || !is_under_way(*entry, op)) return;
    if (!entry->worker->http_head(call, to_worker(op), head)) give_up_request(call, op);
}

void Isolated::http_data(CallId call, OpId op, std::string_view chunk) {
    const Entry* const entry = find(call);
    if (entry == nullptr || !is_under_way(*entry, op)) return;
    if (!entry->worker->http_data(call, to_worker(op), chunk)) give_up_request(call, op);
}

// A part of a stream that cannot be passed on must not be missing silently.
void Isolated::give_up_request(CallId call, OpId op) {
    http_done(call, op, too_large_answer());
    services_.http_cancel(call, op);
}

void Isolated::http_done(CallId call, OpId op, net::Response response) {
    Entry* const entry = find(call);
    if (entry == nullptr || std::erase(entry->requests, op) == 0) return;
    count_requests(*entry->worker, -1);
    entry->worker->http_done(call, to_worker(op), response);
}

void Isolated::count_requests(WorkerProcess& worker, int change) {
    auto& count = requests_[&worker];
    count += static_cast<std::size_t>(change);
    worker.set_requests(count);
}

void Isolated::cancel_requests(CallId id, Entry& entry) {
    for (const OpId op : std::exchange(entry.requests, {})) {
        count_requests(*entry.worker, -1);
        services_.http_cancel(id, op);
    }
}

// ---- The end of a call

void Isolated::deliver(CallId id, Outcome outcome) {
    Entry* const entry = find(id);
    if (entry == nullptr || entry->sink == nullptr) return;
    if (entry->worker != nullptr) cancel_requests(id, *entry);
    std::exchange(entry->sink, nullptr)->on_outcome(id, std::move(outcome));
}

void Isolated::deliver_error(CallId id, std::string message, std::string remedy) {
    Outcome outcome;
    outcome.error = std::move(message);
    outcome.error_remedy = std::move(remedy);
    deliver(id, std::move(outcome));
}

void Isolated::forget(CallId id) {
    const auto found = entries_.find(std::to_underlying(id));
    if (found == entries_.end()) return;
    loop_.cancel(found->second.grace);
    if (found->second.worker != nullptr) cancel_requests(id, found->second);
    entries_.erase(found);
}

void Isolated::cancel(CallId id) {
    Entry* const entry = find(id);
    if (entry == nullptr || entry->sink == nullptr) return;
    entry->sink = nullptr;
    if (entry->starts_later) return;  // what is deferred finds no sink
    cancel_requests(id, *entry);
    entry->worker->cancel(id);
    entry->grace = loop_.call_after(options_.callback_budget, [this, id] { on_grace_over(id); });
}

void Isolated::on_grace_over(CallId id) {
    if (const Entry* const entry = find(id))
        retire(*entry->worker,
               "was ended: check '" + entry->call.label + "' did not end after it was cancelled");
}

// ---- The end of a worker

void Isolated::retire(WorkerProcess& worker, const std::string& because) {
    if (current_.get() == &worker) retired_.push_back(std::move(current_));
    end_if_unused(worker);
    if (retired_.size() > max_retired) retired_.front()->kill(because, false);
}

void Isolated::end_if_unused(WorkerProcess& worker) {
    if (current_.get() == &worker) return;
    const bool used = std::ranges::any_of(entries_, [&](const auto& item) {
        return item.second.worker == &worker && item.second.sink != nullptr;
    });
    if (!used) worker.kill("was ended: it is not needed any more", false);
}

std::vector<CallId> Isolated::calls_of(const WorkerProcess& worker) const {
    std::vector<CallId> calls;
    for (const auto& [id, entry] : entries_)
        if (entry.worker == &worker && !entry.starts_later) calls.push_back(CallId{id});
    std::ranges::sort(calls);
    return calls;
}

// Not yet destroyed: it is in the middle of telling its death.
void Isolated::bury(const WorkerProcess& worker) {
    auto grave = std::make_shared<std::unique_ptr<WorkerProcess>>();
    if (current_.get() == &worker) *grave = std::move(current_);
    for (auto& retired : retired_)
        if (retired.get() == &worker) *grave = std::move(retired);
    std::erase(retired_, nullptr);
    requests_.erase(&worker);
    later([grave] {});
}

void Isolated::on_death(WorkerProcess& worker, const Death& death) {
    const std::string plugin = "the plugin '" + id_ + "' ";
    if (!death.ended_by_host && ++crashes_ > max_crashes && !given_up_)
        given_up_ = {plugin + "was given up after " + std::to_string(crashes_) +
                         " crashes; the last time it " + death.what,
                     plugin_bug};
    if (opened_) {
        given_up_ = {plugin + death.what, plugin_bug};
        std::exchange(opened_, {})(std::unexpected(*given_up_));
    }
    const auto calls = calls_of(worker);
    for (const CallId id : calls)
        cancel_requests(id, *find(id));
    bury(worker);  // first: an outcome may start calls
    judge_death(calls, death);
}

void Isolated::judge_death(const std::vector<CallId>& calls, const Death& death) {
    std::vector<CallId> again;
    for (const CallId id : calls) {
        auto& entry = *find(id);
        const bool begun = entry.order < death.begun;
        if (entry.sink == nullptr) {
            forget(id);
        } else if (death.culprit == id) {
            deliver_error(id, "the plugin '" + id_ + "' " + death.what, plugin_bug);
            forget(id);
        } else if (const auto reason = begun ? why_not_again(entry) : ""; !reason.empty()) {
            deliver_error(id,
                          "the check was lost with its worker: the plugin '" + id_ + "' " +
                              death.what + "; " + reason,
                          plugin_bug);
            forget(id);
        } else {
            entry.was_lost |= begun;
            again.push_back(id);
        }
    }
    restart(again);
}

// Those that were under way together in a worker of their own, so that another bad one among those
// that were not begun yet cannot take them down a second time.
void Isolated::restart(const std::vector<CallId>& calls) {
    std::optional<base::Result<WorkerProcess*>> rescue;
    for (const CallId id : calls) {
        Entry* const entry = find(id);  // an outcome may have cancelled it
        if (entry == nullptr) continue;
        if (entry->sink == nullptr) {
            forget(id);
        } else if (!entry->was_lost) {
            send(id, *entry, current_worker());
        } else {
            if (!rescue) rescue = rescue_worker();
            send(id, *entry, *rescue);
        }
    }
}

base::Result<WorkerProcess*> Isolated::rescue_worker() {
    auto made = make_worker();
    if (!made) return std::unexpected(std::move(made.error()));
    return retired_.emplace_back(std::move(*made)).get();
}

std::string Isolated::why_not_again(const Entry& entry) const {
    if (!info_->checks[entry.check_index].repeatable)
        return "it is not run again, because it is not declared repeatable";
    if (entry.was_lost) return "it is not run again, because this was its second time";
    if (entry.call.deadline <= loop_.now()) return "there is no time left to run it again";
    return "";
}

}  // namespace triage::plugin
