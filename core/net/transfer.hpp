// One request on its way from start() to on_done(), and the table of all of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/loop/loop.hpp"
#include "core/net/destination.hpp"
#include "core/net/easy.hpp"
#include "core/net/fair_queue.hpp"
#include "core/net/http.hpp"
#include "core/net/reception.hpp"

namespace triage::net {

struct Transfer {
    enum class State { queued, resolving, active, ended };

    TransferId id = TransferId::none;
    Sink* sink = nullptr;
    State state = State::queued;

    // The current hop of a redirect chain.
    Request request;
    Destination to;
    std::string addresses;  // for CURLOPT_RESOLVE
    FairQueue::Target target = 0;

    Response response;
    Reception reception;
    Easy* easy = nullptr;                       // while active
    microseconds left{0};                       // of the timeout, before this hop; 0: none was set
    microseconds earlier{0};                    // what the hops before this one took
    loop::TimePoint queued_at;                  // this hop
    loop::TimePoint started_at;                 // this hop left the queue
    loop::TimePoint resolved_at;                // its name became known
    loop::TimerId timer = loop::TimerId::none;  // while resolving
};

inline Job job_of(const Transfer& transfer, microseconds timeout) {
    return {transfer.request, *transfer.to.url, transfer.to.text, transfer.addresses, timeout};
}

class Transfers {
public:
    Transfers();
    Transfer& add();
    Transfer* find(TransferId id);  // null if it is over
    void remove(TransferId id);
    template <class Function>
    void for_each(Function function) {
        for (const auto& slot : slots_) {
            if (slot->id != TransferId::none) function(*slot);
        }
    }

private:
    // An id is how often the slot has been used, the table's number and the slot's index.
    std::uint64_t number_;
    std::vector<std::unique_ptr<Transfer>> slots_;
    std::vector<std::uint32_t> uses_;
    std::vector<std::uint32_t> free_;
};

}  // namespace triage::net
