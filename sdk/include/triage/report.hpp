/// triage/report.hpp: what every check can do, asynchronous or blocking: report what it found, look
/// at the clock, and use its secrets and the plugin's state.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>
#include <vector>

#include <triage/abi.h>
#include <triage/declare.hpp>
#include <triage/detail/services.hpp>
#include <triage/result.hpp>
#include <triage/text.hpp>
#include <triage/types.hpp>

namespace triage {

/// The host's monotonic clock, as std::chrono wants a clock to be. Virtual under the fake host, so
/// never ask the system's.
struct Clock {
    using duration = std::chrono::microseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<Clock, duration>;
    static constexpr bool is_steady = true;
};
/// A point in time on it; differences are durations. The origin means nothing.
using Instant = Clock::time_point;
/// A point in civil time, UTC. For dates (certificates, backups), never for durations.
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

/// Importance of a log line.
enum class Level : std::uint32_t {
    debug = TRIAGE_LOG_DEBUG,  ///< for the plugin's author
    info = TRIAGE_LOG_INFO,    ///< for whoever asked for --verbose
    warn = TRIAGE_LOG_WARN,    ///< something is odd about the check itself
};

/// A finding being said. It is reported at the end of the statement:
///
///     ctx.found(slow, p.url, "took 2 s, expected at most 500 ms").evidence("status", "200");
class [[maybe_unused]] Finding {
public:
    /// For the SDK itself: a check calls Reporter::found.
    Finding(const detail::Services& services, triage_ctx* ctx, const Code& code,
            std::string_view subject, std::string message);
    Finding(const Finding&) = delete;
    Finding& operator=(const Finding&) = delete;
    /// Reports it.
    ~Finding();

    /// What it is based on. Any value that text() takes.
    template <class V>
    Finding& evidence(std::string_view name, const V& value);
    /// What to do, where it differs from the code's own remedy.
    Finding& remedy(std::string_view what_to_do);
    /// How bad it is, where it differs from the code's own weight.
    Finding& weight(Weight how_bad) noexcept;

private:
    const detail::Services& services_;
    triage_ctx* ctx_;
    const char* code_;
    std::string subject_, message_, remedy_;
    std::uint32_t weight_override_ = 0;
    std::vector<std::pair<std::string, std::string>> evidence_;
};

/// Base of Context and BlockingContext. Owned by the SDK; lives as long as the check. Use it from
/// the check's own thread, except where a function says "any thread".
class Reporter {
public:
    Reporter(const Reporter&) = delete;
    Reporter& operator=(const Reporter&) = delete;

    /// The codes were looked for: a pass says something about them. Say it once the answer that
    /// settles them is there, whatever it is. Codes that are found count as evaluated anyway.
    template <class... Codes>
    void evaluated(const Code& code, const Codes&... more);

    /// The target is not as it should be. `subject` is what it is about (a URL, host:port, table,
    /// container); `message` is one line: what was found and what was expected.
    Finding found(const Code& code, std::string_view subject, std::string message);

    /// Something learned. A second call for the same fact replaces the first.
    template <class T>
    void fact(const Fact<T>& fact, const std::type_identity_t<T>& value);

    /// The same of one of several things alike, called `key` ("backend"): it is shown and
    /// compared as image[backend]. Of the key, 200 bytes count, and what is not a letter, digit
    /// or one of -_.:/@# becomes "_".
    template <class T>
    void fact(const Fact<T>& fact, std::string_view key, const std::type_identity_t<T>& value);

    /// A measurement; `unit` is UCUM-like: "By", "1", "{connection}".
    void metric(const char* name, double value, const char* unit);
    /// A measured duration, in ms.
    void metric(const char* name, std::chrono::microseconds value);

    /// A line for --verbose. Any thread.
    void log(std::string_view line, Level level = Level::info) const;

    /// Now, on the monotonic clock. Any thread.
    Instant now() const;
    /// When the host gives up on this attempt, on the same clock. Any thread.
    Instant deadline() const;
    /// What is left until the deadline; not negative. Any thread.
    std::chrono::microseconds left() const;
    /// What time and date it is. Any thread.
    WallTime wall_clock() const;
    /// The host has given up on this attempt. For blocking work, between waits. Any thread.
    bool cancelled() const;

    /// The text of a secret, which lives as long as the check. Needs the capability
    /// "secret.reveal"; the reason says what is missing. Do not copy it further than necessary.
    Result<std::string_view> reveal(const Secret& secret) const;
    /// A secret that the check has learned itself, such as a session's token: from now on hidden in
    /// what this plugin's checks report, and in what others do if it looks like one (16 bytes or
    /// more, letters and digits mixed, no white space); see abi.h. Say it before it is reported.
    void add_secret(std::string_view secret_text) const;

    /// The state that Plugin::state's function made. Throws if it is not a T.
    template <class T>
    T& state() const;

protected:
    Reporter(const detail::PluginState& plugin, triage_ctx* ctx) : plugin_(plugin), ctx_(ctx) {}
    ~Reporter() = default;

    const triage_check_api& api() const noexcept { return *plugin_.services.check; }
    const detail::Services& services() const noexcept { return plugin_.services; }
    triage_ctx* handle() const noexcept { return ctx_; }

private:
    template <class T>
    void fact_called(const char* name, const T& value);

    const detail::PluginState& plugin_;
    triage_ctx* ctx_;
};

}  // namespace triage

#include <triage/detail/report.hpp>
