/// self.clock: what was seen of this machine's clock, and what it means.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "words.hpp"

namespace self {

/// What the kernel says of its clock.
struct KernelClock {
    std::string unreadable;  ///< "": it could be asked
    bool synchronised = false;
    std::chrono::microseconds estimated_error{0};
};

/// A server's clock, by its Date header.
struct Reading {
    std::string host;
    std::string why_not;                 ///< "": it told the time
    bool own = false;                    ///< on this machine, so it has the same clock
    std::chrono::microseconds ahead{0};  ///< this machine of the server; negative: behind
    std::chrono::microseconds give{0};   ///< how much it may be off: the header has whole seconds
};

struct ClockLimits {
    bool expect_synchronised = true;
    std::chrono::microseconds warn, fail;
};

/// What the answer, whose question left at `sent` and whose head was there at `came`, tells.
Reading reading_of(std::string host, const triage::Response& response, triage::WallTime sent,
                   triage::WallTime came);

/// Codes that self.clock may find.
std::vector<triage::Code> clock_codes();

triage::Judgement judge_clock(const ClockLimits& limits, const KernelClock& kernel,
                              const std::vector<Reading>& readings);

}  // namespace self
