// Command line and report of the benchmark clients:
//
//   CLIENT fresh|reused COUNT IN_FLIGHT PORT…
//
// prints "<µs of CPU per request> <requests per second> <failed>".
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace triage::bench {

struct ClientOptions {
    bool fresh = false;
    int count = 0;
    int in_flight = 0;
    std::vector<std::string> urls;
};

inline ClientOptions read_options(int argc, char** argv) {
    if (argc < 5) {
        std::fprintf(stderr, "usage: %s fresh|reused COUNT IN_FLIGHT PORT…\n", argv[0]);
        std::exit(2);  // NOLINT(concurrency-mt-unsafe): there is one thread yet
    }
    ClientOptions options{.fresh = std::string(argv[1]) == "fresh",
                          .count = std::atoi(argv[2]),
                          .in_flight = std::atoi(argv[3]),
                          .urls = {}};
    for (int i = 4; i < argc; ++i) {
        options.urls.push_back("http://127.0.0.1:" + std::string(argv[i]) + "/healthz");
    }
    return options;
}

class Meter {
public:
    void report(int requests, int failed) const {
        const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start_;
        std::printf("%.3f %.0f %d\n", (cpu_us() - cpu_us_) / requests, requests / wall.count(),
                    failed);
    }

private:
    static double cpu_us() {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        const auto us = [](const timeval& t) { return double(t.tv_sec) * 1e6 + double(t.tv_usec); };
        return us(usage.ru_utime) + us(usage.ru_stime);
    }
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    double cpu_us_ = cpu_us();
};

}  // namespace triage::bench
