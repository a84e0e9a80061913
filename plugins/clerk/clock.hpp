/// This machine's clock against a server's.
#pragma once

#include <optional>
#include <string>

#include <triage/plugin.hpp>

namespace clerk {

namespace code {
inline constexpr triage::Code clock_skew{
    "clerk.clock-skew", triage::Weight::warn, "This machine's clock and Clerk's differ",
    "Set the clock by NTP (timedatectl), on the machine of each service that verifies tokens"};
inline constexpr triage::Code clock_wrong{
    "clerk.clock-wrong", triage::Weight::fail,
    "This machine's clock is so wrong that valid tokens are refused",
    "Set the clock by NTP (timedatectl), on the machine of each service that verifies tokens"};
}  // namespace code

/// How far this machine is ahead of the server, as far as the answer proves it: the header has
/// whole seconds, and the answer took its time. Negative if it is behind. Nullopt, and `why`, if
/// the answer does not tell.
std::optional<std::chrono::microseconds> skew_of(const triage::Response& response,
                                                 triage::WallTime before, triage::WallTime after,
                                                 std::string& why);

/// "2 min ahead of", "12 s behind", "within 1 s of".
std::string describe_skew(std::chrono::microseconds skew);

}  // namespace clerk
