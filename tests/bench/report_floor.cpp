// What a run from a list cannot be without, in straight code: the bare program, and a runbook read
// by the TOML library, each URL by the URL library, for each check the lines that `triage run -f
// json` writes about it, kept until the end, and the whole in an SQLite file. No validation, no
// plan, no plugin, no deadline, no redaction, no comparison: whoever does these takes more.
//
//   report_floor RUNBOOK IN_FLIGHT HISTORY
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <boost/url/parse.hpp>
#include <curl/curl.h>
#include <fmt/format.h>
#include <toml++/toml.h>

#include "core/history/sqlite.hpp"
#include "tests/bench/bare_client.hpp"

namespace {

using triage::bench::ClientOptions;
using triage::bench::Handle;
using Clock = std::chrono::steady_clock;

constexpr std::string_view result_format =
    R"({{"id":"c[{}]","step":"s","use":"health.endpoint","title":"","layer":"","vantage":"host",)"
    R"("verdict":"pass","summary":"{} in {:.1f} ms, {} bytes","remedy":"","waived":"",)"
    R"("findings":[],"evaluated":["health.dns","health.refused","health.unreachable","health.tls",)"
    R"("health.no-answer","health.closed","health.not-http","health.bad-http","health.redirect",)"
    R"("health.status","health.too-large"],"facts":{{"address":"{}:{}","http_status":{}}},)"
    R"("metrics":[{{"name":"connect","value":{},"unit":"ms"}},{{"name":"first-byte","value":{},)"
    R"("unit":"ms"}},{{"name":"total","value":{},"unit":"ms"}}],"attempts":[{{"verdict":"pass",)"
    R"("summary":"{} in {:.1f} ms, {} bytes","started_ms":{:.3f},"duration_ms":{:.3f}}}],"log":[],)"
    R"("duration_ms":{:.3f}}},)"
    "\n";

ClientOptions read_runbook(const char* path, int in_flight) {
    ClientOptions options{.fresh = true, .count = 0, .in_flight = in_flight, .urls = {}};
    const toml::table table = toml::parse_file(path);
    for (const auto& url : *table["vars"]["urls"].as_array())
        options.urls.push_back(url.as_string()->get());
    options.count = int(options.urls.size());
    return options;
}

class Reporter final : public triage::bench::BareClient {
public:
    explicit Reporter(const ClientOptions& options)
        : BareClient(options), results_(options.urls.size()), begun_(options.urls.size()) {}

    std::string take_all() const {
        std::size_t size = 16;
        for (const auto& result : results_)
            size += result.size();
        std::string all;
        all.reserve(size);
        all = "{\"results\":[\n";
        for (const auto& result : results_)
            all += result;
        return all += "]}\n";
    }

private:
    void begin(Handle& handle) override {
        begun_[handle.at] = Clock::now();
        if (!boost::urls::parse_uri(url_of(handle))) std::terminate();
    }

    void end(Handle& handle, long status) override {
        char* address = nullptr;
        long port = 0;
        ::curl_easy_getinfo(handle.easy, CURLINFO_PRIMARY_IP, &address);
        ::curl_easy_getinfo(handle.easy, CURLINFO_PRIMARY_PORT, &port);
        const double total = ms_of(handle, CURLINFO_TOTAL_TIME_T);
        const double start = since(start_, begun_[handle.at]);
        const double duration = since(begun_[handle.at], Clock::now());
        std::string& text = results_[handle.at];
        text.reserve(result_format.size() + 120);
        fmt::format_to(std::back_inserter(text), result_format, url_of(handle), status, total,
                       handle.body.size(), address, port, status,
                       ms_of(handle, CURLINFO_CONNECT_TIME_T),
                       ms_of(handle, CURLINFO_STARTTRANSFER_TIME_T), total, status, total,
                       handle.body.size(), start, duration, duration);
    }

    static double ms_of(const Handle& handle, CURLINFO what) {
        curl_off_t us = 0;
        ::curl_easy_getinfo(handle.easy, what, &us);
        return double(us) / 1e3;
    }
    static double since(Clock::time_point from, Clock::time_point to) {
        return std::chrono::duration<double, std::milli>(to - from).count();
    }

    std::vector<std::string> results_;
    std::vector<Clock::time_point> begun_;
    Clock::time_point start_ = Clock::now();
};

bool keep(const std::string& path, std::string_view text) {
    auto db = triage::history::Database::open(path);
    if (!db) return false;
    const auto made = db->execute(
        "PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
        "CREATE TABLE IF NOT EXISTS run (document TEXT)");
    return made && db->prepare("INSERT INTO run VALUES (?)").bind(text).end();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: %s RUNBOOK IN_FLIGHT HISTORY\n", argv[0]);
        return 2;
    }
    const ClientOptions options = read_runbook(argv[1], std::atoi(argv[2]));
    Reporter reporter(options);
    const int failed = reporter.run();
    const std::string report = reporter.take_all();
    if (std::fwrite(report.data(), 1, report.size(), stdout) != report.size()) return 1;
    return failed == 0 && keep(argv[3], report) ? 0 : 1;
}
