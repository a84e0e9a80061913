#include "line_clock.hpp"

#include <algorithm>

using namespace std::chrono_literals;

namespace logs {

std::optional<Time> LineClock::time_of_line(const Record& record, std::string_view block,
                                            std::size_t begin, const Reading& reading) {
    if (!record.at) {
        look_back(block, begin, reading);
        zone_assumed_ |= last_ && last_assumed_;
        return last_;
    }
    looked_back_to_ = begin;
    if (latest_ && *record.at + 1min < *latest_) ++jumps_;
    latest_ = std::max(latest_.value_or(*record.at), *record.at);
    last_assumed_ = record.zone_assumed;
    zone_assumed_ |= last_assumed_;
    last_ = record.at;
    return last_;
}

void LineClock::end_block(std::string_view block, const Reading& reading) {
    look_back(block, block.size(), reading);
}

void LineClock::look_back(std::string_view block, std::size_t end, const Reading& reading) {
    constexpr std::size_t far = 32UL << 10;
    const auto known = std::min(looked_back_to_, end);
    const auto least = std::max(known, end > far ? end - far : 0);
    looked_back_to_ = std::max(looked_back_to_, end);
    while (end > least) {
        const auto before = end < 2 ? block.npos : block.rfind('\n', end - 2);
        const auto start = before == block.npos ? 0 : before + 1;
        if (const auto stamp = time_of(block.substr(start, end - start), reading)) {
            last_assumed_ = !stamp->zoned;
            last_ = stamp->at;
            return;
        }
        end = start;
    }
    // An old error must not lend its time to a new one far behind it.
    if (end > known) last_.reset();
}

}  // namespace logs
