#include "line_clock.hpp"

#include <algorithm>

using namespace std::chrono_literals;

namespace logs {

std::optional<Time> LineClock::time_of_line(const Record& record, std::string_view block,
                                            std::size_t begin, const Reading& reading) {
    constexpr std::size_t look_back = 32UL << 10;
    const auto least = std::max(looked_back_to_, begin > look_back ? begin - look_back : 0);
    looked_back_to_ = begin;
    if (record.at) {
        if (latest_ && *record.at + 1min < *latest_) ++jumps_;
        latest_ = std::max(latest_.value_or(*record.at), *record.at);
        zone_assumed_ |= record.zone_assumed;
        last_ = record.at;
        return last_;
    }
    for (auto end = begin; end > least;) {
        const auto before = end < 2 ? block.npos : block.rfind('\n', end - 2);
        const auto start = before == block.npos ? 0 : before + 1;
        if (const auto stamp = time_of(block.substr(start, end - start), reading)) {
            zone_assumed_ |= !stamp->zoned;
            last_ = stamp->at;
            break;
        }
        end = start;
    }
    return last_;
}

}  // namespace logs
