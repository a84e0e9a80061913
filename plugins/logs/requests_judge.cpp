/// What shares of failed requests mean.
#include <algorithm>
#include <cmath>

#include "codes.hpp"
#include "requests.hpp"
#include "text.hpp"

namespace logs {
namespace {

using triage::text;
using triage::Weight;

constexpr std::size_t shown_groups = 5;
constexpr std::size_t broad = 3;  // routes: then it is what they share

double share(std::uint64_t part, std::uint64_t all) {
    return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

std::string percent(std::uint64_t part, std::uint64_t all) {
    return text(std::round(share(part, all) * 1000) / 10, " %");
}

using Groups = std::map<std::string, Group, std::less<>>;

/// "GET /boards 12 of 40, …": those with the most of something.
template <class Count>
std::string most_of(const Groups& groups, Count count) {
    std::vector<std::pair<std::uint64_t, const Groups::value_type*>> some;
    for (const auto& one : groups)
        if (const auto number = count(one.second); number > 0) some.emplace_back(number, &one);
    std::ranges::stable_sort(some, std::greater(), [](const auto& one) { return one.first; });
    std::string out;
    for (const auto& [number, one] : std::span(some).first(std::min(some.size(), shown_groups)))
        out += text(out.empty() ? "" : "\n", one->first, ": ", number, " of ", one->second.total);
    if (some.size() > shown_groups) out += text("\nand ", some.size() - shown_groups, " more");
    return out;
}

std::uint64_t failed(const Group& group) { return group.server_errors; }

class RequestsJudge {
public:
    RequestsJudge(const RequestsParams& params, const std::string& name,
                  const RequestCounter& counter, triage::Judgement& out)
        : params_(params), name_(name), counter_(counter), counts_(counter.counts()), out_(out) {}

    void run() {
        out_.say(text(name_, ": ", counted(counts_.total, "request"), ", ", counts_.server_errors,
                      " with 5xx (", percent(counts_.server_errors, counts_.total), "), ",
                      counts_.unauthorized, " with 401 or 403, ", counts_.limited, " with 429",
                      counter_.zone_assumed() ? text("; times taken as ", params_.zone) : ""));
        if (counts_.total < static_cast<std::uint64_t>(params_.min_requests)) return;
        out_.evaluated(code::broad_5xx);
        out_.evaluated(code::route_5xx);
        out_.evaluated(code::rate_limited);
        out_.evaluated(code::unauthorized);
        if (!counts_.clients.empty()) out_.evaluated(code::client_errors);
        server_errors();
        refused();
        slow();
    }

private:
    triage::Found& found(const triage::Code& code, std::string message) {
        auto& one = out_.found(code, name_, std::move(message));
        one.evidence.emplace_back("layer", "api");
        return one;
    }
    static void show(triage::Found& one, const char* name, std::string value) {
        if (!value.empty()) one.evidence.emplace_back(name, std::move(value));
    }

    /// The one client that nearly all 5xx come from, while the others' requests are fine.
    const Groups::value_type* lone_client() const {
        const auto worst = std::ranges::max_element(
            counts_.clients, {}, [](const auto& one) { return one.second.server_errors; });
        if (worst == counts_.clients.end()) return nullptr;
        const auto others = counts_.total - worst->second.total;
        const auto their_errors = counts_.server_errors - worst->second.server_errors;
        const bool enough = others * 2 >= static_cast<std::uint64_t>(params_.min_requests);
        const bool lone = share(worst->second.server_errors, counts_.server_errors) >= 0.9;
        return enough && lone && share(their_errors, others) < params_.share_warn ? &*worst
                                                                                  : nullptr;
    }

    /// A route of which most fails, however few of all requests that are.
    bool a_route_is_down() const {
        return std::ranges::any_of(counts_.routes, [&](const auto& one) {
            return one.second.total * 2 >= static_cast<std::uint64_t>(params_.min_requests) &&
                   share(one.second.server_errors, one.second.total) >= 0.5;
        });
    }

    void server_errors() {
        const auto part = share(counts_.server_errors, counts_.total);
        const bool much = counts_.server_errors > 0 && part >= params_.share_warn;
        if (!much && !a_route_is_down()) return;
        const auto routes = static_cast<std::size_t>(std::ranges::count_if(
            counts_.routes, [](const auto& one) { return one.second.server_errors > 0; }));
        const auto of_all = text(counts_.server_errors, " of ", counts_.total, " requests (",
                                 percent(counts_.server_errors, counts_.total), ") end with 5xx");
        if (const auto* client = lone_client()) {
            auto& one =
                found(code::client_errors, text(of_all, ", nearly all of them of ", client->first));
            show(one, "by client", most_of(counts_.clients, failed));
            show(one, "by route", most_of(counts_.routes, failed));
            return;
        }
        auto& one = routes >= broad
                        ? found(code::broad_5xx, text(of_all, ", on ", routes, " routes"))
                        : found(code::route_5xx,
                                text(of_all, ", on ", routes == 1 ? "one route" : "two routes"));
        if (part < params_.share_fail && !a_route_is_down()) one.weight = Weight::warn;
        show(one, "by route", most_of(counts_.routes, failed));
        show(one, "by client", most_of(counts_.clients, failed));
    }

    void refused() {
        const auto by_client =
            most_of(counts_.clients, [](const Group& group) { return group.client_errors; });
        const auto by_route =
            most_of(counts_.routes, [](const Group& group) { return group.client_errors; });
        if (counts_.limited > 0 &&
            share(counts_.limited, counts_.total) >= params_.rate_limited_warn) {
            auto& one =
                found(code::rate_limited,
                      text(counts_.limited, " of ", counts_.total, " requests (",
                           percent(counts_.limited, counts_.total), ") were refused with 429"));
            show(one, "4xx by client", by_client);
            show(one, "4xx by route", by_route);
        }
        if (counts_.unauthorized > 0 &&
            share(counts_.unauthorized, counts_.total) >= params_.unauthorized_warn) {
            auto& one = found(code::unauthorized,
                              text(counts_.unauthorized, " of ", counts_.total, " requests (",
                                   percent(counts_.unauthorized, counts_.total),
                                   ") were refused with 401 or 403"));
            show(one, "4xx by client", by_client);
            show(one, "4xx by route", by_route);
        }
    }

    void slow() {
        const auto* timed = counter_.timed();
        if (timed == nullptr || timed->timed < static_cast<std::uint64_t>(params_.min_requests))
            return;
        out_.evaluated(code::slow_requests);
        if (timed->slow == 0 || share(timed->slow, timed->timed) < params_.slow_share_warn) return;
        auto& one =
            found(code::slow_requests, text(timed->slow, " of ", timed->timed, " requests (",
                                            percent(timed->slow, timed->timed), ") took over ",
                                            triage::to_text(params_.slow)));
        std::vector<std::pair<double, std::string>> slowest;
        for (const auto& [route, group] : timed->routes)
            slowest.emplace_back(-group.slowest_ms, route);
        std::ranges::sort(slowest);
        std::string shown;
        for (const auto& [ms, route] :
             std::span(slowest).first(std::min(slowest.size(), shown_groups)))
            shown += text(shown.empty() ? "" : "\n", route, ": ", std::llround(-ms), " ms");
        show(one, "slowest", shown);
    }

    const RequestsParams& params_;
    const std::string& name_;
    const RequestCounter& counter_;
    const RequestCounts& counts_;
    triage::Judgement& out_;
};

}  // namespace

std::vector<triage::Code> requests_codes() {
    return {code::broad_5xx,    code::route_5xx,     code::client_errors, code::rate_limited,
            code::unauthorized, code::slow_requests, code::few_requests,  code::silent};
}

void judge_requests(const RequestsParams& params, const std::string& name,
                    const RequestCounter& counter, triage::Judgement& out) {
    RequestsJudge(params, name, counter, out).run();
}

}  // namespace logs
