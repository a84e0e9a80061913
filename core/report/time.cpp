#include "core/report/time.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace triage::report {
namespace {

struct Parts {
    std::string date;
    std::chrono::hh_mm_ss<std::chrono::milliseconds> time;
};

Parts parts(std::int64_t us) {
    using namespace std::chrono;
    // Within the years 0 to 9999, which is all that RFC 3339 can say.
    constexpr std::int64_t first = -62'167'219'200'000'000;
    constexpr std::int64_t last = 253'402'300'799'999'999;
    const sys_time<milliseconds> point(
        floor<milliseconds>(microseconds(std::clamp(us, first, last))));
    const auto day = floor<days>(point);
    const year_month_day date(day);
    return {fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day())),
            hh_mm_ss<milliseconds>(point - day)};
}

}  // namespace

std::string rfc3339(std::int64_t us) {
    const auto [date, time] = parts(us);
    return fmt::format("{}T{:02}:{:02}:{:02}.{:03}Z", date, time.hours().count(),
                       time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

std::string utc_minutes(std::int64_t us) {
    const auto [date, time] = parts(us);
    return fmt::format("{} {:02}:{:02} UTC", date, time.hours().count(), time.minutes().count());
}

std::string utc_seconds(std::int64_t us) {
    const auto [date, time] = parts(us);
    return fmt::format("{} {:02}:{:02}:{:02} UTC", date, time.hours().count(),
                       time.minutes().count(), time.seconds().count());
}

}  // namespace triage::report
