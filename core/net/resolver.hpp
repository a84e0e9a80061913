// Names to addresses: each name is looked up once per run, off the loop.
//
// libcurl's own resolver starts a thread per request and joins it when the request times out, which
// stalls everything; here a lookup outlives those who wait for it and serves those who come later.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/loop/loop.hpp"
#include "core/net/http.hpp"

namespace triage::net {

struct Addresses {
    std::vector<std::string> texts;   // numeric, IPv6 without brackets; empty if failure is set
    Failure failure = Failure::none;  // resolve, or local: this machine could not ask
    std::string detail;
};

// Looks `name` up somewhere else and calls `done` on the loop's thread, later.
using Lookup = std::function<void(const std::string& name, std::function<void(Addresses)> done)>;

// What it means that getaddrinfo has failed with `code`, and with `system_error` in errno.
Addresses lookup_failed(const std::string& name, int code, int system_error);

// getaddrinfo on a detached thread each, in `place`: a thread that hangs holds up nobody, not even
// the end.
Lookup system_lookup(loop::Loop& loop, std::shared_ptr<const Place> place = nullptr);

class Resolver {
public:
    using Known = std::function<void(const std::vector<TransferId>& waiting, const Addresses&)>;

    // At most `max_running` lookups at a time. `known` is called whenever one has ended: then
    // another may start.
    Resolver(Lookup lookup, unsigned max_running, Known known);

    // Null as long as the answer is not there.
    const Addresses* find(const std::string& name) const;
    // Whether wait_for() would be waiting for the name service, not for a free thread.
    bool can_wait_for(const std::string& name) const;
    void wait_for(const std::string& name, TransferId waiting);

private:
    struct Entry {
        bool running = false;
        Addresses addresses;
        std::vector<TransferId> waiting;
    };
    // Outlives the resolver while lookups run.
    struct State {
        std::unordered_map<std::string, Entry> entries;
        unsigned running = 0;
        Known known;
        void done(const std::string& name, Addresses addresses);
    };

    Lookup lookup_;
    unsigned max_running_;
    std::shared_ptr<State> state_;
};

}  // namespace triage::net
