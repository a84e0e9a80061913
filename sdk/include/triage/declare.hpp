/// triage/declare.hpp: what a check can find and learn, declared once.
///
/// The host prints these in `triage plugins NAME`, validates reports against them, and other tools
/// (diagnosis, waivers, "what changed") refer to them by name. Declare them as constants:
///
///     constexpr triage::Code down{"ping.down", triage::Weight::fail, "The URL does not answer",
///                                 "Start the service"};
///     constexpr triage::Fact<std::string> server{"server", "The Server header"};
#pragma once

#include <cstdint>
#include <string>

#include <triage/abi.h>

namespace triage {

/// How bad it is when a code is found.
enum class Weight : std::uint32_t {
    info = TRIAGE_WEIGHT_INFO,  ///< worth knowing; the check still passes
    warn = TRIAGE_WEIGHT_WARN,  ///< not as it should be, and bearable
    fail = TRIAGE_WEIGHT_FAIL,  ///< the target is bad
};

/// Something a check can find out about the target. All texts must outlive the plugin: literals.
struct Code {
    const char* name;              ///< "PLUGIN.KEBAB-NAME"
    Weight weight = Weight::fail;  ///< unless a finding says otherwise
    const char* doc = "";          ///< what it means; one line
    const char* remedy = nullptr;  ///< what to do about it; one line; may be absent
};

/// A fact without its C++ type; what lists of facts hold.
struct FactInfo {
    const char* name;    ///< ^[a-z][a-z0-9_]*$
    const char* doc;     ///< one line
    std::uint32_t type;  ///< TRIAGE_TYPE_BOOL, INT, FLOAT or STRING
};

namespace detail {
template <class T>
inline constexpr std::uint32_t fact_type = 0;
template <>
inline constexpr std::uint32_t fact_type<bool> = TRIAGE_TYPE_BOOL;
template <>
inline constexpr std::uint32_t fact_type<std::int64_t> = TRIAGE_TYPE_INT;
template <>
inline constexpr std::uint32_t fact_type<double> = TRIAGE_TYPE_FLOAT;
template <>
inline constexpr std::uint32_t fact_type<std::string> = TRIAGE_TYPE_STRING;
}  // namespace detail

/// Something a check can learn. T is bool, std::int64_t, double or std::string.
template <class T>
struct Fact : FactInfo {
    static_assert(detail::fact_type<T> != 0,
                  "a fact is a bool, std::int64_t, double or std::string");
    /// `fact_name` is ^[a-z][a-z0-9_]*$, so that ${fact.CHECK.NAME} reads well; `fact_doc` is one
    /// line. Both must be literals.
    constexpr Fact(const char* fact_name, const char* fact_doc)
        : FactInfo{fact_name, fact_doc, detail::fact_type<T>} {}
};

}  // namespace triage
