#include "seek.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "bytes.hpp"
#include "lines.hpp"

namespace logs {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t probe_size = 64UL << 10;
constexpr auto disorder = 1min;  // lines of several threads are never quite in order

/// Finds times at places of a file.
class Prober {
public:
    Prober(int fd, const Reading& reading) : fd_(fd), reading_(reading), buffer_(probe_size) {}

    /// The time of the first dated line after `offset`, within probe_size.
    std::optional<Time> after(std::uint64_t offset) {
        auto text = read(offset);
        if (offset > 0) text.remove_prefix(std::min(text.find('\n'), text.size()));
        while (const auto line = next_line(text))
            if (const auto stamp = time_of(line.text, reading_)) return stamp->at;
        return std::nullopt;
    }
    /// The time of the last dated line of the file, within probe_size of its end.
    std::optional<Time> last(std::uint64_t size) {
        auto text = read(size > probe_size ? size - probe_size : 0);
        std::optional<Time> found;
        while (const auto line = next_line(text))
            if (const auto stamp = time_of(line.text, reading_)) found = stamp->at;
        return found;
    }

    /// The start of the next line after `offset`; `offset` itself if none ends within probe_size.
    std::uint64_t next_start(std::uint64_t offset) {
        if (offset == 0) return 0;
        const auto line_break = read(offset).find('\n');
        return line_break == std::string_view::npos ? offset : offset + line_break + 1;
    }

private:
    std::string_view read(std::uint64_t offset) {
        return {buffer_.data(), read_at(fd_, buffer_, offset).value()};
    }

    int fd_;
    const Reading& reading_;
    std::vector<char> buffer_;
};

}  // namespace

Start find_since(int fd, std::uint64_t size, Time since, const Reading& reading) {
    since -= disorder;  // what lies before a line of that time may be as much later
    Prober prober(fd, reading);
    const auto first = prober.after(0), last = prober.last(size);
    Start start{.offset = 0, .dated = first || last, .jumps = false};
    if (!first || !last || *first >= since) return start;
    if (*last + disorder < *first) {
        start.jumps = true;
        return start;
    }
    std::uint64_t low = 0, high = size;
    Time at_low = *first, at_high = std::max(*last, since);
    while (high - low > probe_size) {
        const auto middle = low + (high - low) / 2;
        const auto time = prober.after(middle);
        if (!time) break;  // a long part without times: begin before it
        if (*time + disorder < at_low || *time > at_high + disorder) {
            start.jumps = true;
            return start;
        }
        if (*time < since) {
            low = middle;
            at_low = *time;
        } else {
            high = middle;
            at_high = *time;
        }
    }
    start.offset = prober.next_start(low);
    return start;
}

std::optional<std::uint64_t> next_entry(int fd, std::uint64_t offset, const Reading& reading) {
    std::vector<char> buffer(probe_size);
    std::string_view text(buffer.data(), read_at(fd, buffer, offset).value());
    const auto* const start = text.data();
    text.remove_prefix(std::min(text.find('\n'), text.size()));
    while (const auto line = next_line(text))
        if (time_of(line.text, reading))
            return offset + static_cast<std::uint64_t>(line.text.data() - start);
    return std::nullopt;
}

bool is_dated(int fd, std::uint64_t size, const Reading& reading) {
    Prober prober(fd, reading);
    return prober.last(size) || prober.after(0);
}

std::uint64_t find_tail(int fd, std::uint64_t size, std::uint64_t count) {
    std::vector<char> buffer(probe_size);
    auto end = size;
    bool at_end = true;  // the line break at the very end ends the last line
    while (end > 0) {
        const auto begin = end > probe_size ? end - probe_size : 0;
        const auto room = std::span(buffer).first(static_cast<std::size_t>(end - begin));
        const std::string_view text(buffer.data(), read_at(fd, room, begin).value());
        for (auto at = text.size(); at > 0; --at) {
            if (text[at - 1] != '\n') {
                at_end = false;
                continue;
            }
            if (std::exchange(at_end, false)) continue;
            if (--count == 0) return begin + at;
        }
        end = begin;
    }
    return 0;
}

}  // namespace logs
