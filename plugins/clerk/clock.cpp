#include "clock.hpp"

namespace clerk {

using std::chrono::microseconds;
using std::chrono::seconds;

std::optional<microseconds> skew_of(const triage::Response& response, triage::WallTime before,
                                    triage::WallTime after, std::string& why) {
    const auto age = response.header("age");
    if (age && *age != "0") {
        why = "the answer came from a cache";
        return std::nullopt;
    }
    const auto header = response.header("date");
    const auto date = header ? triage::parse_http_date(*header) : std::nullopt;
    if (!date) {
        why = header ? "the Date header cannot be read" : "there is no Date header";
        return std::nullopt;
    }
    const microseconds least = before - (*date + seconds(1)), most = after - *date;
    if (least.count() > 0) return least;
    if (most.count() < 0) return most;
    return microseconds(0);
}

std::string describe_skew(microseconds skew) {
    if (skew.count() == 0) return "within 1 s of";
    return triage::text(std::chrono::abs(skew), skew.count() > 0 ? " ahead of" : " behind");
}

}  // namespace clerk
