// The HTTP service on libcurl: brings queue, resolver and libcurl's multi handle together.
#pragma once

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/loop/loop.hpp"
#include "core/net/failure.hpp"
#include "core/net/fair_queue.hpp"
#include "core/net/http.hpp"
#include "core/net/multi.hpp"
#include "core/net/resolver.hpp"
#include "core/net/transfer.hpp"

namespace triage::net {

// Life of a transfer: queued → (resolving →) active → ended → on_done, or back to queued if it is
// redirected. Sinks are called from turn() only, never from within libcurl, so they may do
// anything.
class CurlHttp final : public Http {
public:
    CurlHttp(loop::Loop& loop, const Limits& limits, Lookup lookup,
             std::shared_ptr<const Place> place);
    ~CurlHttp() override;

    TransferId start(Request request, Sink& sink) override;
    void cancel(TransferId id) override;
    void consumed(TransferId id, std::size_t bytes) override;

private:
    void schedule();  // a turn(), once the current callback has returned
    void turn();

    void enqueue(Transfer& transfer);
    void start_waiting();
    FairQueue::Answer may_start(TransferId id);
    void leave_queue(Transfer& transfer);
    void wait_for_name(Transfer& transfer);
    void name_known(const std::vector<TransferId>& waiting, const Addresses& addresses);
    void resolved(Transfer& transfer, const Addresses& addresses);
    void send(Transfer& transfer);

    void collect_ended();
    void finish(Transfer& transfer, CURLcode code);
    void end(Transfer& transfer, Outcome outcome);  // its place in the queue becomes free
    void note_timings(Transfer& transfer, const Easy& easy) const;

    void deliver_streams();
    void deliver_stream(TransferId id);
    void deliver_ended();
    void deliver(TransferId id);
    void redirect(Transfer& transfer);
    void refuse_redirect(Transfer& transfer, Failure failure, std::string why);
    void follow(Transfer& transfer, const base::Url& next);

    loop::Loop& loop_;
    Limits limits_;
    Destinations destinations_;
    Transfers transfers_;
    FairQueue queue_;
    Resolver resolver_;
    Multi multi_;
    std::unordered_set<std::string> told_names_;  // "name:port" that libcurl's cache has for good
    std::vector<TransferId> streams_;             // active ones that stream
    std::vector<TransferId> ended_;
    bool scheduled_ = false;
    std::shared_ptr<CurlHttp*> self_;  // for deferred turns: expires with this
};

// With a resolver of the caller's choice. Throws if libcurl cannot be initialised.
std::unique_ptr<Http> make_curl_http(loop::Loop& loop, const Limits& limits, Lookup lookup);

}  // namespace triage::net
