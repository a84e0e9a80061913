/// Points in time as the engine writes them, and as people read them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <triage/report.hpp>

namespace deploy {

using triage::WallTime;

/// Of "2026-11-23T10:21:05.976543210Z" or with an offset instead of the Z. Nullopt for anything
/// else, and for the engine's "never" (the year 1).
std::optional<WallTime> parse_time(std::string_view text);

/// "2026-11-23 10:21:05 UTC"
std::string shown(WallTime moment);
/// "2026-11-23 10:21 UTC"
std::string shown_minutes(WallTime moment);
/// "12 min ago"; "just now" if it is not past, as another machine's clock may say.
std::string ago(WallTime moment, WallTime now);

}  // namespace deploy
