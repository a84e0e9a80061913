// The second half of a transfer's life: libcurl is done with it; redirects; its sink hears of it.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "core/net/http_curl.hpp"
#include "core/net/redirect.hpp"

namespace triage::net {
namespace {

bool was_asked(const Response& response, const std::string& url) {
    return response.url == url ||
           std::ranges::find(response.redirects, url) != response.redirects.end();
}

void limit_certificates(Response& response, Outcome& outcome) {
    const std::size_t sent = response.certificates.size();
    if (sent <= max_certificates) return;
    response.certificates.resize(max_certificates);
    if (outcome.failure != Failure::none) return;
    outcome = {.failure = Failure::tls,
               .phase = Phase::tls,
               .detail = fmt::format("{} sent {} certificates, at most {} make a chain",
                                     response.address, sent, max_certificates)};
}

}  // namespace

void CurlHttp::collect_ended() {
    while (const auto ended = multi_.ended()) {
        multi_.remove(*ended->easy);
        if (Transfer* const transfer = transfers_.find(ended->easy->user)) {
            finish(*transfer, ended->code);
        }
        multi_.give_back(*ended->easy);
    }
}

void CurlHttp::finish(Transfer& transfer, CURLcode code) {
    const Easy& easy = *std::exchange(transfer.easy, nullptr);
    Response& response = transfer.response;
    Outcome outcome = judge(code, easy, job_of(transfer, {}), transfer.reception, response);
    response.url = transfer.to.text;
    response.address = easy.connected_to();
    response.reused = easy.trace().tried.empty() && !response.address.empty();
    if (transfer.request.want_certificates) {
        response.certificates = easy.tls().certificates();
        limit_certificates(response, outcome);
    }
    note_timings(transfer, easy);
    if (!transfer.addresses.empty() && !easy.trace().tried.empty()) {
        told_names_.insert(transfer.to.host->name_port);
    }
    end(transfer, std::move(outcome));
}

void CurlHttp::note_timings(Transfer& transfer, const Easy& easy) const {
    const auto looked_up = easy.time(CURLINFO_NAMELOOKUP_TIME_T);
    const auto connected = easy.time(CURLINFO_CONNECT_TIME_T);
    const auto secured = easy.time(CURLINFO_APPCONNECT_TIME_T);
    const auto sent = easy.time(CURLINFO_PRETRANSFER_TIME_T);
    const auto answered = easy.time(CURLINFO_STARTTRANSFER_TIME_T);
    const auto between = [](microseconds from, microseconds to) {
        return std::max(to - from, microseconds(0));
    };
    Timings& timings = transfer.response.timings;
    if (!transfer.response.reused) {
        timings.connect = between(looked_up, connected);
        if (secured.count() > 0) timings.tls = between(connected, secured);
    }
    if (sent.count() > 0) timings.first_byte = between(sent, answered);
}

void CurlHttp::end(Transfer& transfer, Outcome outcome) {
    using std::chrono::duration_cast;
    Response& response = transfer.response;
    response.failure = outcome.failure;
    response.phase = outcome.phase;
    response.detail = std::move(outcome.detail);
    response.timings.queue = duration_cast<microseconds>(transfer.started_at - transfer.queued_at);
    response.timings.resolve =
        duration_cast<microseconds>(transfer.resolved_at - transfer.started_at);
    response.timings.total =
        transfer.earlier + duration_cast<microseconds>(loop_.now() - transfer.started_at);
    transfer.state = Transfer::State::ended;
    queue_.finished(transfer.target);
    ended_.push_back(transfer.id);
    schedule();
}

void CurlHttp::deliver_streams() {
    if (streams_.empty()) return;
    for (const TransferId id : std::vector(streams_))
        deliver_stream(id);
    std::erase_if(streams_, [this](TransferId id) {
        const Transfer* const transfer = transfers_.find(id);
        return !transfer || transfer->state != Transfer::State::active;
    });
}

void CurlHttp::deliver_stream(TransferId id) {
    Transfer* transfer = transfers_.find(id);
    if (transfer && transfer->reception.head_ready()) {
        transfer->reception.head_delivered();
        std::string body = std::exchange(transfer->response.body, {});
        const Response head = transfer->response;  // the sink may cancel while it reads it
        transfer->sink->on_head(id, head);
        transfer = transfers_.find(id);
        if (transfer) transfer->response.body = std::move(body);
    }
    if (!transfer || transfer->response.body.empty()) return;
    const std::string chunk = std::exchange(transfer->response.body, {});
    transfer->sink->on_data(id, chunk);
}

void CurlHttp::deliver_ended() {
    for (const TransferId id : std::exchange(ended_, {})) {
        if (Transfer* const transfer = transfers_.find(id)) {
            const bool complete = transfer->response.failure == Failure::none;
            if (complete && transfer->reception.redirects()) {
                redirect(*transfer);
            } else {
                deliver(id);
            }
        }
    }
}

void CurlHttp::deliver(TransferId id) {
    if (transfers_.find(id)->request.stream) deliver_stream(id);
    Transfer* const transfer = transfers_.find(id);
    if (!transfer) return;
    Sink& sink = *transfer->sink;
    Response response = std::move(transfer->response);
    transfers_.remove(id);
    sink.on_done(id, std::move(response));
}

void CurlHttp::redirect(Transfer& transfer) {
    const TransferId id = transfer.id;
    Response& response = transfer.response;
    const std::string location = find_header(response.headers, "location")->value;
    const auto next = resolve_location(*transfer.to.url, location);
    if (!next) return refuse_redirect(transfer, Failure::redirects, next.error().message);
    const std::string url = next->request_url();
    if (was_asked(response, url) && transfer.request.method == "GET") {
        return refuse_redirect(
            transfer, Failure::redirects,
            url == response.url
                ? fmt::format("{} redirects to itself", url)
                : fmt::format("redirected in a circle: {} leads back to {}", response.url, url));
    }
    if (response.redirects.size() >= transfer.request.max_redirects) {
        return refuse_redirect(transfer, Failure::redirects,
                               fmt::format("more than {} redirects: {} leads on to {}",
                                           transfer.request.max_redirects, response.url, url));
    }
    const std::string method = redirected_method(transfer.request.method, response.status);
    std::string refusal = transfer.sink->allow_redirect(id, method, url);
    Transfer* const still = transfers_.find(id);  // the sink may have cancelled it
    if (!still) return;
    if (!refusal.empty()) return refuse_redirect(*still, Failure::denied, std::move(refusal));
    follow(*still, *next);
}

void CurlHttp::refuse_redirect(Transfer& transfer, Failure failure, std::string why) {
    transfer.response.failure = failure;
    transfer.response.detail = std::move(why);
    deliver(transfer.id);
}

void CurlHttp::follow(Transfer& transfer, const base::Url& next) {
    Response answered = std::exchange(transfer.response, {});
    transfer.reception = {};  // the next name may have no address
    const auto hop = answered.timings.total - transfer.earlier;
    // The timeout is for all hops together, without the time in the queue.
    if (transfer.left.count() > 0)
        transfer.left = std::max(transfer.left - hop, microseconds(1000));
    transfer.earlier += hop;
    redirect_request(transfer.request, answered.status, *transfer.to.url, next);
    answered.redirects.push_back(std::move(answered.url));
    transfer.response.redirects = std::move(answered.redirects);
    enqueue(transfer);
}

}  // namespace triage::net
