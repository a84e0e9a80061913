/// Origins as browsers serialise them, and what people write instead.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cors {

/// What pages send that have no origin to name: in a sandboxed frame, from a file, or a data: URL.
inline constexpr std::string_view opaque = "null";

/// What browsers send as Origin for a page at `url`, which may be the origin itself: scheme, host
/// and port in lower case, the default port left out, no path (HTML, "ASCII serialization of an
/// origin"). Schemes of apps too: "capacitor://localhost". Else what is wrong with it and what was
/// expected, a sentence for people.
std::expected<std::string, std::string> page_origin(std::string_view url);

/// The form of such a `url`, and what has that form and is none: RE2 patterns for declarations.
inline constexpr const char* page_pattern =
    R"(null|[A-Za-z][0-9A-Za-z+.-]*://([^\s/?#\\:\[\]]*|\[[0-9A-Fa-f:.]+\])(:[0-9]*)?)"
    R"(([/?#\\]\S*)?)";
std::string no_origin_pattern();

/// The same, without the reason.
std::optional<std::string> serialised_origin(std::string_view url);

/// Text that people configure instead of an origin, and what is wrong with it.
struct NearMiss {
    std::string text;
    std::string what;  ///< "a slash at the end"
    friend bool operator==(const NearMiss&, const NearMiss&) = default;
};

/// Variants of a serialised origin that are often written by mistake, likeliest first; at most 8.
std::vector<NearMiss> near_misses(const std::string& origin);

/// The entries of a list as settings have it: commas or blanks between, JSON brackets and quotes
/// tolerated. What is between is kept byte for byte.
std::vector<std::string> entries(std::string_view setting);

/// How `entry` differs from `origin` if both mean the same place: "a slash at the end", "capital
/// letters", …; nullopt if they are equal or have nothing to do with each other.
std::optional<std::string> difference(const std::string& entry, const std::string& origin);

/// http to an address that browsers do not hold for safe, from a page that is https (Mixed
/// Content, 4.3; Secure Contexts, 3.1 exempts localhost and loopback addresses).
bool is_mixed_content(std::string_view page_origin, std::string_view url);

}  // namespace cors
