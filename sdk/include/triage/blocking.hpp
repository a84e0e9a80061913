/// triage/blocking.hpp: a check as an ordinary function on a pool thread.
///
///     void restore(const Params& p, triage::BlockingContext& ctx) {
///         const auto rows = query_that_blocks(p.dsn, ctx.left());
///         ctx.summary(triage::text(rows, " rows restored"));
///     }
///
/// For libraries that only block. It occupies a thread for as long as it runs, so prefer
/// Context::blocking for the one call that blocks. Between waits look at cancelled().
#pragma once

#include <string_view>

#include <triage/report.hpp>

namespace triage {

/// What a blocking check is given. Pool thread, the one that runs the check.
class BlockingContext : public Reporter {
public:
    /// One line that says what was measured, also when all is well. Say it before returning.
    void summary(std::string_view text) { api().summary(handle(), to_abi(text)); }

    /// The check does not know: why, and what to do. Throwing any exception does the same with the
    /// exception's text.
    void could_not_tell(std::string_view reason) { api().error(handle(), to_abi(reason)); }

    /// For the SDK itself.
    BlockingContext(const detail::PluginState& plugin, triage_ctx* ctx) : Reporter(plugin, ctx) {}
};

}  // namespace triage
