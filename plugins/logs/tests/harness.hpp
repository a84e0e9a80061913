/// What the tests share: a text scanned as a source would be.
#pragma once

#include <string_view>

#include "../scanner.hpp"

namespace logs {

inline constexpr Time test_now =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 26) + std::chrono::hours(12);

inline Reading test_reading(Wrapping wrapping = Wrapping::any) {
    return {.wrapping = wrapping, .zone = *Zone::parse("UTC"), .now = test_now};
}

/// A line by itself. Lives until the next one is read.
inline const Record& read_record(std::string_view line, const Reading& reading) {
    static Unwrapped inner;
    static Record record;
    unwrap(line, reading, inner);
    RecordReader().read(inner, reading, record);
    return record;
}

/// How a text is scanned.
struct How {
    std::vector<std::string> match, ignore;
    bool known = true, errors = true;
    Wrapping wrapping = Wrapping::any;
    std::optional<Time> since;
    std::size_t piece = 1UL << 20;  ///< blocks of about so many bytes, cut at line breaks
};

/// The usual one is compiled once: that takes most of a test's time under sanitizers.
inline std::shared_ptr<const Search> search_of(const How& how) {
    const auto make = [&] {
        return make_search(how.match, how.ignore, how.known, how.errors).value();
    };
    static const auto usual = make_search({}, {}, true, true).value();
    const bool is_usual = how.match.empty() && how.ignore.empty() && how.known && how.errors;
    return is_usual ? usual : make();
}

inline Scanned scan_text(std::string_view text, const How& how = {}) {
    const auto search = search_of(how);
    Scanner scanner(search, test_reading(how.wrapping), {how.since}, 0);
    while (!text.empty()) {
        const auto line_break = text.find('\n', std::min(how.piece, text.size()) - 1);
        const auto block = text.substr(0, line_break == text.npos ? text.npos : line_break + 1);
        scanner.lines(block);
        text.remove_prefix(block.size());
    }
    scanner.gap();
    return scanner.result();
}

}  // namespace logs
