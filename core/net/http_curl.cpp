#include "core/net/http_curl.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/text.hpp"
#include "core/net/descriptors.hpp"
#include "core/net/request_check.hpp"

namespace triage::net {
namespace {

// The flags mean nothing since libcurl 7.57; certificates are loaded at the first handshake only.
void init_libcurl() {
    static const CURLcode code = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) throw std::runtime_error(::curl_easy_strerror(code));
}

}  // namespace

CurlHttp::CurlHttp(loop::Loop& loop, const Limits& limits, Lookup lookup,
                   std::shared_ptr<const Place> place)
    : loop_(loop),
      limits_(limits),
      queue_(limits.transfers, limits.per_target),
      resolver_(std::move(lookup), limits.resolver_threads,
                [this](const auto& waiting, const auto& answer) { name_known(waiting, answer); }),
      multi_(loop, std::max(limits.transfers, 64U) * 4, std::move(place), [this] { schedule(); }),
      self_(std::make_shared<CurlHttp*>(this)) {}

CurlHttp::~CurlHttp() {
    transfers_.for_each([this](Transfer& transfer) { loop_.cancel(transfer.timer); });
}

TransferId CurlHttp::start(Request request, Sink& sink) {
    Transfer& transfer = transfers_.add();
    transfer.sink = &sink;
    transfer.left = std::max(request.timeout, microseconds(0));
    transfer.request = std::move(request);
    transfer.request.max_redirects = std::min(transfer.request.max_redirects, max_redirects);
    enqueue(transfer);
    return transfer.id;
}

void CurlHttp::enqueue(Transfer& transfer) {
    schedule();
    std::string problem = malformed(transfer.request);
    if (problem.empty()) {
        auto destination = destinations_.of(transfer.request);
        if (destination) {
            transfer.to = std::move(*destination);
        } else {
            problem = std::move(destination.error().message);
        }
    }
    if (!problem.empty()) {
        transfer.state = Transfer::State::ended;
        transfer.response.url = transfer.request.url;
        transfer.response.failure = Failure::bad_request;
        transfer.response.detail = std::move(problem);
        ended_.push_back(transfer.id);
        return;
    }
    transfer.state = Transfer::State::queued;
    transfer.queued_at = loop_.now();
    transfer.response.url = transfer.to.text;
    transfer.target = queue_.target(transfer.to.host->target);
    if (transfer.response.redirects.empty()) {
        queue_.push(transfer.target, transfer.id);
    } else {
        queue_.push_front(transfer.target, transfer.id);
    }
}

void CurlHttp::cancel(TransferId id) {
    Transfer* const transfer = transfers_.find(id);
    if (!transfer) return;
    loop_.cancel(transfer->timer);
    if (transfer->easy) {
        multi_.remove(*transfer->easy);
        multi_.give_back(*transfer->easy);
    }
    const bool has_place =
        transfer->state == Transfer::State::resolving || transfer->state == Transfer::State::active;
    if (has_place) queue_.finished(transfer->target);
    transfers_.remove(id);  // the queue drops what is no longer there
    schedule();
}

void CurlHttp::consumed(TransferId id, std::size_t bytes) {
    Transfer* const transfer = transfers_.find(id);
    if (!transfer) return;
    transfer->reception.consumed(bytes);
    if (!transfer->easy || !transfer->reception.may_resume()) return;
    transfer->reception.resumed();
    // libcurl may hand over at once what it had kept back; it goes to the sink in the next turn.
    transfer->easy->resume();
    schedule();
}

void CurlHttp::schedule() {
    if (std::exchange(scheduled_, true)) return;
    loop_.defer([weak = std::weak_ptr(self_)] {
        if (const auto self = weak.lock()) (*self)->turn();
    });
}

void CurlHttp::turn() {
    scheduled_ = false;
    start_waiting();
    multi_.run();
    collect_ended();
    deliver_streams();
    deliver_ended();
}

void CurlHttp::start_waiting() {
    const auto ask = [this](TransferId id) { return may_start(id); };
    while (const auto id = queue_.next(ask))
        leave_queue(*transfers_.find(*id));
}

FairQueue::Answer CurlHttp::may_start(TransferId id) {
    const Transfer* const transfer = transfers_.find(id);
    if (!transfer) return FairQueue::Answer::gone;
    // Waiting for one of our threads is no fault of the target: it happens in the queue.
    const bool can =
        transfer->to.host->name.empty() || resolver_.can_wait_for(transfer->to.host->name);
    return can ? FairQueue::Answer::start : FairQueue::Answer::stay;
}

void CurlHttp::leave_queue(Transfer& transfer) {
    transfer.started_at = transfer.resolved_at = loop_.now();
    const microseconds most = transfer.sink->on_started(transfer.id);
    if (most < (transfer.left.count() > 0 ? transfer.left : microseconds::max()))
        transfer.left = std::max(most, microseconds(1000));
    if (transfer.to.host->name.empty()) {
        send(transfer);
    } else if (const Addresses* const known = resolver_.find(transfer.to.host->name)) {
        resolved(transfer, *known);
    } else {
        wait_for_name(transfer);
    }
}

void CurlHttp::wait_for_name(Transfer& transfer) {
    transfer.state = Transfer::State::resolving;
    if (transfer.left.count() > 0) {
        transfer.timer = loop_.call_after(transfer.left, [this, id = transfer.id] {
            Transfer& late = *transfers_.find(id);  // or the timer would have been cancelled
            late.timer = loop::TimerId::none;
            // Of the target this says nothing: it was not asked.
            end(late,
                {.failure = Failure::local,
                 .phase = Phase::resolve,
                 .detail = fmt::format("the name service did not say within {} which address "
                                       "\"{}\" has",
                                       base::format_duration(late.left), late.to.host->name)});
        });
    }
    resolver_.wait_for(transfer.to.host->name, transfer.id);
}

void CurlHttp::name_known(const std::vector<TransferId>& waiting, const Addresses& addresses) {
    for (const TransferId id : waiting) {
        Transfer* const transfer = transfers_.find(id);
        if (!transfer || transfer->state != Transfer::State::resolving) continue;
        loop_.cancel(std::exchange(transfer->timer, loop::TimerId::none));
        transfer->resolved_at = loop_.now();
        resolved(*transfer, addresses);
    }
    queue_.unblock();
    schedule();
}

void CurlHttp::resolved(Transfer& transfer, const Addresses& addresses) {
    if (addresses.failure != Failure::none) {
        end(transfer, {addresses.failure, Phase::resolve, addresses.detail});
        return;
    }
    const std::string& name_port = transfer.to.host->name_port;
    transfer.addresses.clear();
    if (!told_names_.contains(name_port)) {
        transfer.addresses = fmt::format("{}:{}", name_port, fmt::join(addresses.texts, ","));
    }
    send(transfer);
}

void CurlHttp::send(Transfer& transfer) {
    transfer.state = Transfer::State::active;
    transfer.reception =
        Reception(transfer.request, transfer.response, limits_.stream_window_bytes);
    const auto resolving =
        std::chrono::duration_cast<microseconds>(transfer.resolved_at - transfer.started_at);
    const microseconds left = transfer.left.count() > 0
                                  ? std::max(transfer.left - resolving, microseconds(1))
                                  : transfer.left;
    Easy& easy = multi_.take();
    easy.user = transfer.id;
    const CURLcode code = easy.prepare(job_of(transfer, left), transfer.reception);
    transfer.easy = &easy;
    if (code == CURLE_OK && multi_.add(easy)) {
        if (transfer.request.stream) streams_.push_back(transfer.id);
        return;
    }
    transfer.easy = nullptr;
    multi_.give_back(easy);
    end(transfer,
        {Failure::local, Phase::connect,
         fmt::format("libcurl did not take the request: {}", ::curl_easy_strerror(code))});
}

namespace {

std::unique_ptr<Http> make(loop::Loop& loop, const Limits& limits, Lookup lookup,
                           std::shared_ptr<const Place> place) {
    raise_descriptor_limit();
    init_libcurl();
    return std::make_unique<CurlHttp>(loop, limits, std::move(lookup), std::move(place));
}

}  // namespace

std::unique_ptr<Http> make_curl_http(loop::Loop& loop, const Limits& limits, Lookup lookup) {
    return make(loop, limits, std::move(lookup), nullptr);
}

std::unique_ptr<Http> make_curl_http(loop::Loop& loop, const Limits& limits,
                                     std::shared_ptr<const Place> place) {
    auto lookup = system_lookup(loop, place);
    return make(loop, limits, std::move(lookup), std::move(place));
}

}  // namespace triage::net
