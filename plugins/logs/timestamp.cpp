#include "timestamp.hpp"

#include <array>
#include <cmath>
#include <cstring>
#include <ctime>

#include <triage/text.hpp>

#include "byte_set.hpp"

namespace logs {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Local = std::chrono::local_time<microseconds>;

constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

constexpr std::size_t iso_length = std::string_view("2026-11-23 10:21:05").size();
constexpr std::size_t minute_length = std::string_view("2026-11-23 10:21").size();
constexpr ByteSet before_time(" \t[<("), before_second(" ["), begins_zone("ZUG+-");

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Reads a line from left to right. A part that does not fit leaves it where it is.
class Cursor {
public:
    explicit Cursor(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

    std::size_t at() const { return at_; }
    char peek(std::size_t behind = 0) const {
        return at_ + behind < text_.size() ? text_[at_ + behind] : '\0';
    }
    bool eat(char c) {
        if (peek() != c || at_ >= text_.size()) return false;
        ++at_;
        return true;
    }
    bool eat(std::string_view word) {
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        return true;
    }
    bool eat_one_of(std::string_view some) {
        if (at_ >= text_.size()) return false;
        for (const char c : some)
            if (c == text_[at_]) return ++at_ > 0;
        return false;
    }
    /// Exactly so many digits (a following one does not belong to it), within the bounds.
    bool number(std::size_t count, int least, int most, int& out) {
        int value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (at_ + i >= text_.size() || !is_digit(text_[at_ + i])) return false;
            value = value * 10 + (text_[at_ + i] - '0');
        }
        if (value < least || value > most) return false;
        at_ += count;
        out = value;
        return true;
    }
    /// A month by name.
    bool month(int& out) {
        for (std::size_t i = 0; i < month_names.size(); ++i) {
            if (!eat(month_names.at(i))) continue;
            out = static_cast<int>(i) + 1;
            return true;
        }
        return false;
    }
    /// A fraction of a second, if there is one: any number of digits.
    microseconds fraction() {
        const auto before = at_;
        if (!eat_one_of(".,") || !is_digit(peek())) {
            at_ = before;
            return {};
        }
        std::int64_t value = 0, unit = 1000000;
        for (; is_digit(peek()); ++at_) {
            if (unit == 1) continue;
            unit /= 10;
            value += unit * (peek() - '0');
        }
        return microseconds(value);
    }

private:
    std::string_view text_;
    std::size_t at_;
};

struct Civil {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    microseconds fraction{};

    std::optional<Local> local() const {
        const std::chrono::year_month_day date{std::chrono::year(year),
                                               std::chrono::month(static_cast<unsigned>(month)),
                                               std::chrono::day(static_cast<unsigned>(day))};
        if (!date.ok()) return std::nullopt;
        return Local(std::chrono::local_days(date)) + hours(hour) + minutes(minute) +
               seconds(second) + fraction;
    }
};

bool read_clock(Cursor& at, Civil& out) {
    const bool read = at.number(2, 0, 23, out.hour) && at.eat(':') &&
                      at.number(2, 0, 59, out.minute) && at.eat(':') &&
                      at.number(2, 0, 60, out.second);
    if (read) out.fraction = at.fraction();
    return read;
}

/// "Z", " UTC", "+02:00", "+0200", "+02"; a letter zone that is not UTC is left to Zone.
std::optional<minutes> read_zone(Cursor& at) {
    const bool space = at.peek() == ' ';
    if (!begins_zone.has(at.peek(space ? 1 : 0))) return std::nullopt;  // as in most lines
    auto ahead = at;
    ahead.eat(' ');
    if (!space && ahead.eat('Z')) {
        at = ahead;
        return minutes(0);
    }
    if (ahead.eat("UTC") || ahead.eat("GMT")) {
        at = ahead;
        return minutes(0);
    }
    const bool minus = ahead.peek() == '-';
    int hour = 0, minute = 0;
    if (!ahead.eat_one_of("+-") || !ahead.number(2, 0, 15, hour)) return std::nullopt;
    const bool colon = ahead.eat(':');
    if (!ahead.number(2, 0, 59, minute) && (colon || space)) return std::nullopt;
    if (is_digit(ahead.peek()) || (space && ahead.peek() == '-')) return std::nullopt;
    at = ahead;
    const auto offset = hours(hour) + minutes(minute);
    return minus ? -offset : offset;
}

std::optional<Stamp> finish(Cursor& at, std::optional<Local> local, const Zone& zone) {
    if (!local) return std::nullopt;
    const auto offset = read_zone(at);
    const auto utc = offset ? Time(local->time_since_epoch()) - *offset : zone.to_utc(*local);
    return Stamp{utc, offset.has_value(), at.at()};
}

/// "2026-11-23 10:21": every part has its place. Nearly all lines begin like that, so it is read
/// without looking for where a part ends.
std::optional<Local> iso_minute(std::string_view text) {
    constexpr std::array<std::size_t, 6> pairs{0, 2, 5, 8, 11, 14};
    const bool parted =
        (text[4] == '-' || text[4] == '/') && text[7] == text[4] &&
        (text[10] == ' ' || text[10] == 'T' || text[10] == 't' || text[10] == '_') &&
        text[13] == ':';
    bool digits = true;
    std::array<int, pairs.size()> of{};
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        const auto* at = text.data() + pairs[i];
        digits &= is_digit(at[0]) && is_digit(at[1]);
        of[i] = (at[0] - '0') * 10 + (at[1] - '0');
    }
    const Civil civil{
        .year = of[0] * 100 + of[1], .month = of[2], .day = of[3], .hour = of[4], .minute = of[5]};
    const bool read =
        parted && digits && civil.year >= 1970 && civil.hour <= 23 && civil.minute <= 59;
    return read ? civil.local() : std::nullopt;  // which looks at month and day
}

/// 2026-11-23 10:21:05,976 · 2026-11-23T10:25:11.518086+00:00 · 2026/11/23 10:21:05
std::optional<Stamp> iso(std::string_view text, const Zone& zone, LastMinute& last) {
    if (text.size() < iso_length || text[minute_length] != ':') return std::nullopt;
    if (std::memcmp(text.data(), last.text, minute_length) != 0) {
        const auto minute = iso_minute(text);
        if (!minute) return std::nullopt;
        std::memcpy(last.text, text.data(), minute_length);
        last.at = *minute;
    }
    Cursor at(text, iso_length);
    const char ten = text[iso_length - 2], one = text[iso_length - 1];
    const int second = (ten - '0') * 10 + (one - '0');
    if (!is_digit(ten) || !is_digit(one) || second > 60) return std::nullopt;
    const auto fraction = at.fraction();
    return finish(at, last.at + seconds(second) + fraction, zone);
}

/// 23/Nov/2026:10:21:05 +0000 (nginx, Apache) · 23 Nov 2026 10:21:05.123 (Redis)
std::optional<Stamp> day_first(Cursor at, const Zone& zone) {
    Civil civil;
    if (!at.number(2, 1, 31, civil.day)) return std::nullopt;
    const char between = at.peek();
    if (!at.eat_one_of("/ ") || !at.month(civil.month) || !at.eat(between) ||
        !at.number(4, 1970, 9999, civil.year) || !at.eat_one_of(": ") || !read_clock(at, civil))
        return std::nullopt;
    return finish(at, civil.local(), zone);
}

/// The year that puts a date nearest to, and not a day after, `now`.
std::optional<Local> with_year(Civil civil, Time now) {
    const std::chrono::year_month_day today(std::chrono::floor<days>(now));
    for (int year = static_cast<int>(today.year()) + 1; year > 1969; --year) {
        civil.year = year;
        const auto local = civil.local();
        if (local && local->time_since_epoch() <= now.time_since_epoch() + days(1)) return local;
        if (static_cast<int>(today.year()) - year > 8) break;  // a 29th of February at the latest
    }
    return std::nullopt;
}

/// Nov 23 10:21:05 (syslog) · I1123 10:21:05.123456 (glog)
std::optional<Stamp> without_year(Cursor at, const Zone& zone, Time now) {
    Civil civil;
    if (at.month(civil.month)) {
        if (!at.eat(' ')) return std::nullopt;
        const bool padded = at.eat(' ');
        if (!at.number(padded ? 1 : 2, 1, 31, civil.day)) return std::nullopt;
    } else if (!at.eat_one_of("IWEF") || !at.number(2, 1, 12, civil.month) ||
               !at.number(2, 1, 31, civil.day)) {
        return std::nullopt;
    }
    if (!at.eat(' ') || !read_clock(at, civil)) return std::nullopt;
    const auto local = with_year(civil, now);
    if (!local) return std::nullopt;
    return Stamp{zone.to_utc(*local), false, at.at()};
}

std::string two(auto number) { return triage::text(number < 10 ? "0" : "", number); }

}  // namespace

std::optional<Zone> Zone::parse(std::string_view text) {
    Zone zone;
    zone.name_ = text;
    if (triage::same_ignoring_case(text, "UTC") || triage::same_ignoring_case(text, "GMT"))
        return zone;
    if (text == "local") {
        zone.offset_.reset();
        return zone;
    }
    Cursor at(text);
    const auto offset = read_zone(at);
    if (!offset || at.at() != text.size()) return std::nullopt;
    zone.offset_ = offset;
    return zone;
}

Time Zone::to_utc(Local local) const {
    if (offset_) return Time(local.time_since_epoch()) - *offset_;
    const auto whole = std::chrono::floor<seconds>(local);
    const std::time_t as_if_utc = whole.time_since_epoch().count();
    std::tm parts{};
    gmtime_r(&as_if_utc, &parts);
    parts.tm_isdst = -1;
    return Time(seconds(std::mktime(&parts))) + (local - whole);
}

namespace {

std::optional<Stamp> read_stamp(std::string_view text, const Zone& zone, Time now,
                                LastMinute& last) {
    const Cursor start(text);
    if (text.size() < 14) return std::nullopt;
    if (is_digit(text[0])) {
        if (auto found = iso(text, zone, last)) return found;
        return day_first(start, zone);
    }
    return without_year(start, zone, now);
}

}  // namespace

std::optional<Stamp> read_stamp(std::string_view text, const Zone& zone, Time now) {
    LastMinute none;
    return read_stamp(text, zone, now, none);
}

std::optional<Stamp> find_stamp(std::string_view line, const Zone& zone, Time now) {
    LastMinute none;
    return find_stamp(line, zone, now, none);
}

std::optional<Stamp> find_stamp(std::string_view line, const Zone& zone, Time now,
                                LastMinute& last) {
    constexpr std::size_t far = 160;  // addresses and users come before nginx's brackets
    const auto skipped = before_time.first_not_in(line);
    if (skipped == line.npos) return std::nullopt;
    const auto try_at = [&](std::size_t at) {
        auto found = read_stamp(line.substr(at), zone, now, last);
        if (found) found->end += at;
        return found;
    };
    if (auto found = try_at(skipped)) return found;
    if (const auto bracket = line.substr(0, far).find('['); bracket != line.npos && bracket > 0) {
        if (auto found = try_at(bracket + 1)) return found;
    }
    // "1234:M 23 Nov 2026 …", "<14>1 2026-…", "host-1 2026-…", "INFO 2026-…": the second word
    if (const auto space = line.substr(0, 40).find(' '); space != line.npos)
        return try_at(std::min(before_second.first_not_in(line, space), line.size()));
    return std::nullopt;
}

std::optional<Time> from_epoch(double number) {
    if (!std::isfinite(number)) return std::nullopt;
    double seconds_since = number;
    for (const double unit : {1e17, 1e14, 1e11}) {
        if (number >= unit) {
            seconds_since = number / (unit / 1e8);
            break;
        }
    }
    if (seconds_since < 1e8 || seconds_since > 1e11) return std::nullopt;
    return Time(microseconds(static_cast<std::int64_t>(seconds_since * 1e6)));
}

std::string shown(Time time, Time now) {
    const auto day = std::chrono::floor<days>(time);
    const std::chrono::year_month_day date(day);
    const auto since = std::chrono::floor<seconds>(time - day).count();
    auto clock =
        triage::text(two(since / 3600), ":", two(since / 60 % 60), ":", two(since % 60), "Z");
    if (day == std::chrono::floor<days>(now)) return clock;
    return triage::text(static_cast<int>(date.year()), "-", two(unsigned(date.month())), "-",
                        two(unsigned(date.day())), " ", clock);
}

}  // namespace logs
