#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/report/report.hpp"

namespace triage::report {
namespace {

constexpr std::size_t fewest_columns = 40;
constexpr std::size_t most_columns = 120;  // longer lines are hard to read

std::string_view environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string_view() : value;
}

bool has_color(bool terminal) {
    if (!environment("NO_COLOR").empty()) return false;
    const std::string_view force = environment("CLICOLOR_FORCE");
    if (!force.empty() && force != "0") return true;
    const std::string_view term = environment("TERM");
    return terminal && !term.empty() && term != "dumb";
}

// What the locale says, by the precedence of POSIX.
bool has_unicode() {
    std::string locale;
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        if (locale.empty()) locale = environment(name);
    }
    std::ranges::transform(locale, locale.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return locale.contains("utf-8") || locale.contains("utf8");
}

std::size_t columns_of(int fd, bool terminal) {
    winsize size{};
    if (terminal && ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    const std::string_view text = environment("COLUMNS");
    std::size_t columns = 0;
    const auto result = std::from_chars(text.begin(), text.end(), columns);
    const bool whole = result.ec == std::errc() && result.ptr == text.end();
    return whole && columns > 0 ? columns : Style().columns;
}

}  // namespace

Style style_for(int fd) {
    const bool terminal = ::isatty(fd) == 1;
    return {.columns = std::clamp(columns_of(fd, terminal), fewest_columns, most_columns),
            .color = has_color(terminal),
            .unicode = has_unicode()};
}

}  // namespace triage::report
