// 200 requests whose names take 2 s to resolve, 500 ms timeout, 20 at once: prints the seconds they
// take. Ideal are 5.0.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

#include "core/loop/loop.hpp"
#include "core/net/http_curl.hpp"

namespace {

using namespace triage;
using namespace std::chrono_literals;

// As the system's, with a name service that is slow.
net::Lookup slow_lookup(loop::Loop& loop) {
    return [&loop](const std::string&, std::function<void(net::Addresses)> done) {
        std::thread([&loop, done = std::move(done)] {
            std::this_thread::sleep_for(2s);
            loop.post([done] { done({.texts = {"127.0.0.1"}, .detail = {}}); });
        }).detach();
    };
}

class Counter final : public net::Sink {
public:
    void on_done(net::TransferId, net::Response response) override {
        ++ended;
        if (response.failure == net::Failure::local && response.phase == net::Phase::resolve) {
            ++timed_out;
        }
    }
    int ended = 0;
    int timed_out = 0;
};

}  // namespace

int main() {
    loop::Loop loop;
    Counter counter;
    const auto http = net::make_curl_http(loop, {.transfers = 20}, slow_lookup(loop));
    const auto start = loop.now();
    for (int i = 0; i < 200; ++i) {
        http->start({.url = "http://n" + std::to_string(i) + ".test/", .timeout = 500ms}, counter);
    }
    loop.run_until([&] { return counter.ended == 200; });
    const std::chrono::duration<double> took = loop.now() - start;
    std::printf("%.3f %d\n", took.count(), counter.timed_out);
    std::fflush(stdout);
    ::_exit(counter.timed_out == 200 ? 0 : 1);  // the last lookups still sleep
}
