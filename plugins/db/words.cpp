#include "words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <triage/text.hpp>

namespace db {

std::string age(std::chrono::microseconds duration) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(duration).count();
    if (seconds < 120) return triage::text(std::max<std::int64_t>(seconds, 0), " s");
    if (seconds < 7200) return triage::text(seconds / 60, " min");
    if (seconds < 172800) return triage::text(seconds / 3600, " h");
    return triage::text(seconds / 86400, " days");
}

std::string bytes(double count) {
    constexpr std::array<std::string_view, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    while (count >= 1024 && unit + 1 < units.size()) {
        count /= 1024;
        ++unit;
    }
    return triage::text(std::round(count * 10) / 10, " ", units.at(unit));
}

}  // namespace db
