#include "text.hpp"

#include <array>
#include <cerrno>
#include <cmath>
#include <system_error>

#include <triage/text.hpp>

namespace logs {

std::string age(std::chrono::microseconds duration) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(duration).count();
    if (seconds < 120) return triage::text(std::max<std::int64_t>(seconds, 0), " s");
    if (seconds < 7200) return triage::text(seconds / 60, " min");
    if (seconds < 172800) return triage::text(seconds / 3600, " h");
    return triage::text(seconds / 86400, " days");
}

std::string size_text(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 5> units{"B", "KiB", "MiB", "GiB", "TiB"};
    auto number = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (number >= 1024 && unit + 1 < units.size()) {
        number /= 1024;
        ++unit;
    }
    return triage::text(std::round(number * 10) / 10, " ", units.at(unit));
}

std::string counted(std::uint64_t count, std::string_view noun) {
    return triage::text(count, " ", noun, count == 1 ? "" : "s");
}

std::string file_error(int number) {
    const auto* remedy =
        number == EACCES ? " (run triage as a user who may read it: group adm, or sudo)" : "";
    return std::generic_category().message(number) + remedy;
}

std::string listed(const std::vector<std::string>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += i + 1 == words.size() ? " and " : ", ";
        out += words[i];
    }
    return out;
}

}  // namespace logs
