// The same work as http_floor, by core/net.
#include <cstddef>
#include <string>
#include <utility>

#include "core/loop/loop.hpp"
#include "core/net/http.hpp"
#include "tests/bench/client_options.hpp"

namespace {

using namespace triage;

class Driver final : public net::Sink {
public:
    Driver(net::Http& http, const bench::ClientOptions& options) : http_(http), options_(options) {}

    void start_next() {
        if (started_ == options_.count) return;
        const auto& urls = options_.urls;
        http_.start({.url = urls[std::size_t(started_++) % urls.size()],
                     .timeout = std::chrono::seconds(10),
                     .fresh_connection = options_.fresh},
                    *this);
    }
    void on_done(net::TransferId, net::Response response) override {
        const bool fine = response.failure == net::Failure::none && response.status == 200 &&
                          response.body.size() == 43;
        if (!fine) ++failed;
        ++ended;
        start_next();
    }

    int ended = 0;
    int failed = 0;

private:
    net::Http& http_;
    const bench::ClientOptions& options_;
    int started_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
    const auto options = bench::read_options(argc, argv);
    loop::Loop loop;
    const auto in_flight = unsigned(options.in_flight);
    const auto http = net::make_curl_http(loop, {.transfers = in_flight, .per_target = in_flight});
    Driver driver(*http, options);

    const bench::Meter meter;
    // Twice as many outstanding as in flight, as the scheduler has it.
    for (int i = 0; i < 2 * options.in_flight; ++i)
        driver.start_next();
    loop.run_until([&] { return driver.ended == options.count; });
    meter.report(options.count, driver.failed);
    return driver.failed == 0 ? 0 : 1;
}
