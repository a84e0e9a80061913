#include "clock.hpp"

#include <array>
#include <charconv>

namespace clerk {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

/// The number that the whole text is, or -1.
int number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? value : -1;
}

unsigned month_of(std::string_view name) {
    static constexpr std::array<std::string_view, 12> names = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (unsigned i = 0; i < names.size(); ++i) {
        if (names[i] == name) return i + 1;
    }
    return 0;
}

}  // namespace

std::optional<triage::WallTime> parse_http_date(std::string_view text) {
    // Sun, 06 Nov 1994 08:49:37 GMT
    if (text.size() != 29 || text[4] != ' ' || text[19] != ':' || text[22] != ':' ||
        text.substr(25) != " GMT") {
        return std::nullopt;
    }
    const std::chrono::year_month_day date(
        std::chrono::year(number(text.substr(12, 4))),
        std::chrono::month(month_of(text.substr(8, 3))),
        std::chrono::day(static_cast<unsigned>(number(text.substr(5, 2)))));
    const int h = number(text.substr(17, 2)), m = number(text.substr(20, 2)),
              s = number(text.substr(23, 2));
    if (!date.ok() || h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 60) return std::nullopt;
    return std::chrono::sys_days(date) + std::chrono::hours(h) + std::chrono::minutes(m) +
           seconds(s);
}

std::optional<microseconds> skew_of(const triage::Response& response, triage::WallTime before,
                                    triage::WallTime after, std::string& why) {
    const auto age = response.header("age");
    if (age && *age != "0") {
        why = "the answer came from a cache";
        return std::nullopt;
    }
    const auto header = response.header("date");
    const auto date = header ? parse_http_date(*header) : std::nullopt;
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
