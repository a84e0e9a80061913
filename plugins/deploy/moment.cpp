#include "moment.hpp"

#include <charconv>

#include <triage/text.hpp>

namespace deploy {
namespace {

using namespace std::chrono;

/// Digits at a fixed place.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
    if (at + count > text.size()) return std::nullopt;
    int value = 0;
    const auto* const end = text.data() + at + count;
    const auto read = std::from_chars(text.data() + at, end, value);
    if (read.ec != std::errc() || read.ptr != end || value < 0) return std::nullopt;
    return value;
}

/// Of "Z", "+02:00", "-05:30".
std::optional<minutes> offset(std::string_view zone) {
    if (zone == "Z") return minutes(0);
    const auto hour = digits(zone, 1, 2), minute = digits(zone, 4, 2);
    if (zone.size() != 6 || zone[3] != ':' || !hour || !minute) return std::nullopt;
    if (zone[0] != '+' && zone[0] != '-') return std::nullopt;
    const auto distance = hours(*hour) + minutes(*minute);
    return zone[0] == '-' ? -distance : distance;
}

std::string padded(unsigned value) { return triage::text(value < 10 ? "0" : "", value); }

}  // namespace

std::optional<WallTime> parse_time(std::string_view text) {
    const auto y = digits(text, 0, 4), mo = digits(text, 5, 2), d = digits(text, 8, 2);
    const auto h = digits(text, 11, 2), mi = digits(text, 14, 2), s = digits(text, 17, 2);
    if (!y || !mo || !d || !h || !mi || !s || *y < 1970) return std::nullopt;
    const year_month_day date{year(*y), month(unsigned(*mo)), day(unsigned(*d))};
    if (!date.ok() || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
    auto zone_at = std::size_t{19};
    if (zone_at < text.size() && text[zone_at] == '.')
        zone_at = std::min(text.find_first_not_of("0123456789", zone_at + 1), text.size());
    const auto zone = offset(text.substr(zone_at));
    if (!zone) return std::nullopt;
    return WallTime(sys_days(date) + hours(*h) + minutes(*mi) + seconds(*s) - *zone);
}

std::string shown(WallTime moment) {
    const auto midnight = floor<days>(moment);
    const year_month_day date(midnight);
    const hh_mm_ss time(floor<seconds>(moment - midnight));
    return triage::text(int(date.year()), "-", padded(unsigned(date.month())), "-",
                        padded(unsigned(date.day())), " ", padded(unsigned(time.hours().count())),
                        ":", padded(unsigned(time.minutes().count())), ":",
                        padded(unsigned(time.seconds().count())), " UTC");
}

std::string shown_minutes(WallTime moment) {
    constexpr std::size_t seconds_and_zone = std::string_view(":05 UTC").size();
    const auto whole = shown(moment);
    return whole.substr(0, whole.size() - seconds_and_zone) + " UTC";
}

std::string ago(WallTime moment, WallTime now) {
    const auto past = now - moment;
    if (past < 1s) return "just now";
    if (past < 2min) return triage::text(floor<seconds>(past).count(), " s ago");
    if (past < 2h) return triage::text(floor<minutes>(past).count(), " min ago");
    if (past < 48h) return triage::text(floor<hours>(past).count(), " h ago");
    return triage::text(floor<days>(past).count(), " days ago");
}

}  // namespace deploy
