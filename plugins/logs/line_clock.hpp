/// When lines were written, those without a time included.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "record.hpp"

namespace logs {

/// A line without a time is of the time of the dated line before it. Looks at lines once only,
/// and at those before a line that matters: of most lines nobody asks for the time.
class LineClock {
public:
    void begin_block() { looked_back_to_ = 0; }
    /// Lines of the block up to there need not be looked at again.
    void looked_at(std::size_t up_to) { looked_back_to_ = up_to; }
    /// What has come of the block before is looked at for its last time.
    void end_block(std::string_view block, const Reading& reading);
    /// What comes next does not follow what came.
    void gap() { last_.reset(); }

    /// Of the line that begins at `begin` in `block` and was read as `record`.
    std::optional<Time> time_of_line(const Record& record, std::string_view block,
                                     std::size_t begin, const Reading& reading);

    /// How often times went back by more than a minute.
    std::uint64_t jumps() const { return jumps_; }
    bool zone_assumed() const { return zone_assumed_; }

private:
    /// The last time in the block before `end`; none if it was not looked for far enough.
    void look_back(std::string_view block, std::size_t end, const Reading& reading);

    std::optional<Time> last_, latest_;
    std::size_t looked_back_to_ = 0;
    std::uint64_t jumps_ = 0;
    bool last_assumed_ = false, zone_assumed_ = false;  // its zone
};

}  // namespace logs
