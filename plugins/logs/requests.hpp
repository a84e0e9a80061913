/// Parameters, counting and judgement of logs.requests.
#pragma once

#include <array>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <triage/judgement.hpp>

#include "access.hpp"
#include "intake.hpp"
#include "line_clock.hpp"
#include "patterns.hpp"
#include "sources.hpp"

namespace logs {

struct RequestsParams : SourceParams {
    std::int64_t min_requests;
    double share_warn, share_fail, rate_limited_warn, unauthorized_warn, slow_share_warn;
    std::chrono::microseconds slow;
    std::vector<std::string> ignore_routes;

    static void describe(triage::Describe<RequestsParams>& d);
};

/// Requests of one route or client.
struct Group {
    std::uint64_t total = 0, server_errors = 0, client_errors = 0;
    double slowest_ms = 0;
};

/// Requests of one form in one source.
struct RequestCounts {
    std::uint64_t total = 0, server_errors = 0, unauthorized = 0, limited = 0, timed = 0, slow = 0;
    std::map<std::string, Group, std::less<>> routes, clients;

    void add(const Access& access, double slow_ms);
    void merge(const RequestCounts& other);
};

/// Counts the access lines of one source.
class RequestCounter final : public Intake {
public:
    RequestCounter(const Patterns& patterns, const RequestsParams& params, Reading reading,
                   Window window, std::size_t source);

    /// What access lines have in them.
    static triage::Result<Patterns> patterns();

    void lines(std::string_view whole) override;
    void gap() override { clock_.gap(); }

    std::size_t source() const { return source_; }
    /// What another part of the same source has told.
    void merge(const RequestCounter& other);
    bool zone_assumed() const { return zone_assumed_ || clock_.zone_assumed(); }
    /// Of the form of which there are most: others tell of the same requests.
    const RequestCounts& counts() const;
    /// Of the form that says how long requests took, if any does.
    const RequestCounts* timed() const;

private:
    void line(std::string_view block, std::size_t begin, std::size_t end);

    Searcher searcher_;
    const RequestsParams& params_;
    Reading reading_;
    Window window_;
    std::size_t source_;
    LineClock clock_;
    RecordReader reader_;
    Unwrapped inner_;  // of the line that is looked at
    Record record_;
    std::array<RequestCounts, 4> forms_;
    bool zone_assumed_ = false;  // by a part that was merged
};

/// The codes that judge_requests() may find.
std::vector<triage::Code> requests_codes();

/// What requests of one log say together.
void judge_requests(const RequestsParams& params, const std::string& name,
                    const RequestCounter& counter, triage::Judgement& out);

}  // namespace logs
