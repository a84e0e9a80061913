#include "core/broker/broker.hpp"

#include <algorithm>
#include <chrono>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/broker/permission.hpp"

namespace triage::broker {
namespace {

using std::chrono::microseconds;

// A request ends this long before its attempt does, so that "no answer" reaches the check as an
// observation about the target, before the attempt itself would end as "could not tell".
constexpr microseconds answer_margin{50'000};

// A shorter wait in our own queue is not worth moving a timer for.
constexpr microseconds noticeable_delay{10'000};

// A request that got less than this share of the time that it was to have was cut off by its
// attempt's end: that nothing came says nothing about the target.
constexpr double whole_share = 0.8;

bool is_whole(const net::Response& response) {
    return response.failure == net::Failure::none && !response.truncated;
}

}  // namespace

struct Broker::Transfer {
    plugin::CallId call;
    plugin::OpId op;
    plugin::HttpReplies* replies;
    net::Http* http;
    bool has_secrets;
    microseconds wanted;  // how long it may take, as it was asked for
    microseconds given{0};
    bool queued = true;
    // Of a stream that may echo secrets:
    redact::Tail tail{};
    std::size_t shown = 0;     // bytes that the plugin was given and has not dealt with
    std::size_t received = 0;  // the bytes that these were, and what is held back

    // The plugin has dealt with `bytes` of what it was given: so many of what came.
    std::size_t as_received(std::size_t bytes) {
        shown -= std::min(shown, bytes);
        const std::size_t done = shown == 0 ? received : std::min(received, bytes);
        received -= done;
        return done;
    }
};

struct Broker::State {
    struct CallState {
        Permit permit;
        microseconds budget{0};  // the attempt's whole time
        std::vector<net::TransferId> active;
        Refusal refused{};            // what was refused last
        loop::TimePoint still_since;  // if `stands_still`
    };

    loop::Loop& loop;
    redact::Redactor& redactor;
    HttpFactory make_http;
    std::unordered_map<std::shared_ptr<const net::Place>, std::unique_ptr<net::Http>> services;
    std::unordered_map<std::uint64_t, CallState> calls;
    std::unordered_map<std::uint64_t, Transfer> transfers;

    CallState* find(plugin::CallId call) {
        const auto found = calls.find(std::to_underlying(call));
        return found == calls.end() ? nullptr : &found->second;
    }
    Transfer* find(net::TransferId id) {
        const auto found = transfers.find(std::to_underlying(id));
        return found == transfers.end() ? nullptr : &found->second;
    }
    net::TransferId find(plugin::CallId call, plugin::OpId op) {
        const auto* state = find(call);
        if (state == nullptr) return net::TransferId::none;
        for (const auto id : state->active) {
            if (const auto* transfer = find(id); transfer != nullptr && transfer->op == op)
                return id;
        }
        return net::TransferId::none;
    }

    // Removes a transfer from both tables.
    void forget(net::TransferId id) {
        const auto found = transfers.find(std::to_underlying(id));
        if (found == transfers.end()) return;
        const Transfer transfer = std::move(found->second);
        transfers.erase(found);
        auto* call = find(transfer.call);
        if (call == nullptr) return;
        std::erase(call->active, id);
        if (!transfer.queued && stands_still(*call)) call->still_since = loop.now();
    }

    // Answers a request that is not made. Later, because the asker is still in the middle of
    // asking.
    void refuse(plugin::CallId call, plugin::OpId op, plugin::HttpReplies& replies, Refusal refusal,
                std::string url) {
        net::Response response;
        response.failure = refusal.failure;
        response.detail = std::move(refusal.detail);
        response.url = std::move(url);
        loop.defer([call, op, &replies, response = std::move(response)]() mutable {
            replies.http_done(call, op, std::move(response));
        });
    }

    base::Result<net::Http*> service(const std::shared_ptr<const net::Place>& place) {
        auto& service = services[place];
        if (!service) {
            auto made = make_http(place);
            if (!made) return std::unexpected(std::move(made.error()));
            service = std::move(*made);
        }
        return service.get();
    }

    bool stands_still(const CallState& call) {
        return !call.active.empty() && std::ranges::all_of(call.active, [this](net::TransferId id) {
            const auto* transfer = find(id);
            return transfer != nullptr && transfer->queued;
        });
    }

    // How long a request may take that leaves the queue now.
    microseconds limit(const Permit& permit) const {
        const auto left = std::chrono::duration_cast<microseconds>(permit.deadline - loop.now());
        return std::max({left - answer_margin, left * 9 / 10, microseconds(1000)});
    }

    // No answer, but the request was cut off: the check learns that it could not tell.
    void mend_timeout(CallState& call, const Transfer& transfer, net::Response& response) const {
        const auto wanted = transfer.wanted.count() > 0 ? transfer.wanted : call.budget / 2;
        const bool is_cut = std::chrono::duration<double>(transfer.given) <
                            std::chrono::duration<double>(wanted) * whole_share;
        if (response.failure != net::Failure::timeout || !is_cut) return;
        response.failure = net::Failure::local;
        const bool by_run = call.permit.ends_with_run;
        response.detail =
            fmt::format("stopped after {}, because the {} time was over; an answer may take {}",
                        base::format_duration(transfer.given),
                        by_run ? "whole run's" : "check's own", base::format_duration(wanted));
        call.refused = {.failure = response.failure,
                        .detail = response.detail,
                        .remedy = fmt::format("Raise the {} `{}`, or lower how long a request may "
                                              "take (mostly `with.timeout`).",
                                              by_run ? "runbook's" : "check's",
                                              by_run ? "deadline" : "timeout")};
    }

    // Servers echo what they were sent: what the host put in must not come back to the plugin. Nor
    // its beginning, from a body that a limit has cut in the middle of it: with one limit after the
    // other a plugin would get all but the last character.
    void scrub(net::Response& response) const {
        redact::Tail dropped;
        response.body = is_whole(response) ? redactor.scrub_known(std::move(response.body))
                                           : redactor.scrub_known(response.body, dropped);
        for (auto& header : response.headers) {
            header.name = redactor.scrub_known(std::move(header.name));
            header.value = redactor.scrub_known(std::move(header.value));
        }
        response.detail = redactor.scrub_known(std::move(response.detail));
    }
};

Broker::Broker(loop::Loop& loop, redact::Redactor& redactor, HttpFactory make_http)
    : state_(new State{.loop = loop,
                       .redactor = redactor,
                       .make_http = std::move(make_http),
                       .services = {},
                       .calls = {},
                       .transfers = {}}) {}

Broker::~Broker() = default;

void Broker::begin(plugin::CallId call, Permit permit) {
    auto& state = state_->calls[std::to_underlying(call)];
    state.budget = std::chrono::duration_cast<microseconds>(permit.deadline - state_->loop.now());
    state.permit = std::move(permit);
}

void Broker::end(plugin::CallId call) {
    const auto found = state_->calls.find(std::to_underlying(call));
    if (found == state_->calls.end()) return;
    for (const auto id : found->second.active) {
        state_->find(id)->http->cancel(id);
        state_->transfers.erase(std::to_underlying(id));
    }
    state_->calls.erase(found);
}

std::string Broker::remedy(plugin::CallId call, std::string_view error) const {
    const auto* state = state_->find(call);
    const bool quoted =
        state != nullptr && !state->refused.detail.empty() && error.contains(state->refused.detail);
    return quoted ? state->refused.remedy : std::string();
}

bool Broker::stands_still(plugin::CallId call) const {
    const auto* state = state_->find(call);
    return state != nullptr && state_->stands_still(*state);
}

void Broker::http_start(plugin::CallId call, plugin::OpId op, net::Request request,
                        plugin::HttpReplies& replies) {
    auto* state = state_->find(call);
    if (state == nullptr) return;  // the call is over: nobody waits for an answer
    if (auto refusal = check_request(request, state->permit)) {
        state->refused = *refusal;
        state_->refuse(call, op, replies, std::move(*refusal), std::move(request.url));
        return;
    }
    const auto http = state_->service(state->permit.place);
    if (!http) {
        state_->refuse(call, op, replies,
                       {net::Failure::local, http.error().message, http.error().remedy},
                       std::move(request.url));
        return;
    }
    const bool has_secrets = insert_secrets(request, state->permit);
    const auto wanted = std::max(request.timeout, microseconds(0));
    if (state->active.empty()) state->still_since = state_->loop.now();
    const auto id = (*http)->start(std::move(request), *this);
    state->active.push_back(id);
    state_->transfers.emplace(std::to_underlying(id),
                              Transfer{call, op, &replies, *http, has_secrets, wanted});
}

void Broker::http_cancel(plugin::CallId call, plugin::OpId op) {
    const auto id = state_->find(call, op);
    if (id == net::TransferId::none) return;
    state_->find(id)->http->cancel(id);
    state_->forget(id);
}

void Broker::http_consumed(plugin::CallId call, plugin::OpId op, std::size_t bytes) {
    const auto id = state_->find(call, op);
    if (id == net::TransferId::none) return;
    auto& transfer = *state_->find(id);
    if (transfer.has_secrets) bytes = transfer.as_received(bytes);
    transfer.http->consumed(id, bytes);
}

void Broker::secret_learned(plugin::CallId call, std::string text) {
    const auto* state = state_->find(call);
    const std::string source = state == nullptr ? "plugin" : state->permit.plugin;
    state_->redactor.learn(source, text);
}

std::string Broker::allow_redirect(net::TransferId id, const std::string& method,
                                   const std::string& url) {
    const auto* transfer = state_->find(id);
    if (transfer == nullptr) return "the check is over";
    auto* call = state_->find(transfer->call);
    auto refusal = check_redirect(url, method, call->permit);
    if (!refusal) return {};
    call->refused = std::move(*refusal);
    return call->refused.detail;
}

microseconds Broker::on_started(net::TransferId id) {
    auto* transfer = state_->find(id);
    if (transfer == nullptr) return microseconds::max();
    auto& call = *state_->find(transfer->call);
    if (state_->stands_still(call)) {
        const auto now = state_->loop.now();
        const auto waited = now - call.still_since;
        const bool over = call.permit.deadline <= now;  // nobody would end the attempt any more
        if (over || waited >= noticeable_delay) {
            call.permit.deadline += waited;
            call.permit.delayed(call.permit.deadline);
        }
    }
    const auto limit = state_->limit(call.permit);
    if (std::exchange(transfer->queued, false)) {
        transfer->given = transfer->wanted.count() > 0 ? std::min(transfer->wanted, limit) : limit;
    }
    return limit;
}

void Broker::on_head(net::TransferId id, const net::Response& head) {
    const auto* transfer = state_->find(id);
    if (transfer == nullptr) return;
    if (!transfer->has_secrets) {
        transfer->replies->http_head(transfer->call, transfer->op, head);
        return;
    }
    net::Response scrubbed = head;
    state_->scrub(scrubbed);
    transfer->replies->http_head(transfer->call, transfer->op, scrubbed);
}

void Broker::on_data(net::TransferId id, std::string_view chunk) {
    auto* transfer = state_->find(id);
    if (transfer == nullptr) return;
    if (!transfer->has_secrets) {
        transfer->replies->http_data(transfer->call, transfer->op, chunk);
        return;
    }
    const std::string scrubbed = state_->redactor.scrub_known(chunk, transfer->tail);
    transfer->received += chunk.size();
    transfer->shown += scrubbed.size();
    if (!scrubbed.empty()) {
        transfer->replies->http_data(transfer->call, transfer->op, scrubbed);
    } else if (transfer->shown == 0) {  // nobody else would say that it was dealt with
        transfer->http->consumed(id, transfer->as_received(0));
    }
}

void Broker::on_done(net::TransferId id, net::Response response) {
    auto* found = state_->find(id);
    if (found == nullptr) return;
    if (auto* call = state_->find(found->call)) state_->mend_timeout(*call, *found, response);
    Transfer transfer = *found;
    state_->forget(id);
    if (transfer.has_secrets) {
        if (!transfer.tail.held.empty() && is_whole(response)) {
            const std::string rest = state_->redactor.scrub_rest(transfer.tail);
            transfer.replies->http_data(transfer.call, transfer.op, rest);
        }
        state_->scrub(response);
    }
    transfer.replies->http_done(transfer.call, transfer.op, std::move(response));
}

}  // namespace triage::broker
