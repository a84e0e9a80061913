/// triage/plugin.hpp: everything a plugin author includes, and the plugin itself.
///
/// A whole plugin (its id and version come from triage_add_plugin() in CMake, or from
/// -DTRIAGE_PLUGIN_ID='"ping"' -DTRIAGE_PLUGIN_VERSION='"1.0.0"'):
///
///     #include <triage/plugin.hpp>
///     using namespace std::chrono_literals;
///
///     struct Params {
///         triage::Url url;
///         static void describe(triage::Describe<Params>& d) {
///             d.required("url", &Params::url, "Where to look");
///         }
///     };
///
///     constexpr triage::Code down{"ping.down", triage::Weight::fail, "The URL does not answer",
///                                 "Start the service"};
///
///     triage::Check ping(const Params& p, triage::Context& ctx) {
///         auto response = co_await ctx.http(triage::Request("GET", p.url).timeout(3s));
///         if (response.could_not_ask()) co_return triage::could_not_tell(response.describe());
///         ctx.evaluated(down);
///         if (!response.ok()) ctx.found(down, p.url, response.describe());
///         co_return triage::done(triage::text(response.describe(), " in ", response.total()));
///     }
///
///     TRIAGE_PLUGIN(triage::Plugin("Answers whether a URL answers")
///                       .check<Params>("url", "One GET of a URL", "1 GET", ping, {down}))
///
/// No exception leaves the plugin: whatever a check throws becomes its error, with the text.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <triage/blocking.hpp>
#include <triage/check.hpp>
#include <triage/context.hpp>
#include <triage/declare.hpp>
#include <triage/detail/plugin.hpp>
#include <triage/http.hpp>
#include <triage/params.hpp>
#include <triage/report.hpp>
#include <triage/result.hpp>
#include <triage/stream.hpp>
#include <triage/task.hpp>
#include <triage/text.hpp>
#include <triage/types.hpp>

namespace triage {

/// A check as a coroutine, with parameters P: what Plugin::check usually takes.
template <class P>
using AsyncCheck = Check (*)(const P&, Context&);
/// A check as a function that blocks a pool thread.
template <class P>
using BlockingCheck = void (*)(const P&, BlockingContext&);

/// A plugin's declaration. Made once, in TRIAGE_PLUGIN; at most 64 checks.
class Plugin {
public:
    /// `doc` is one line. All `const char*` here must be literals.
    explicit Plugin(const char* doc) : parts_(std::make_unique<detail::PluginParts>(doc)) {}

    /// Adds a kind of check: `use = "PLUGIN.name"` in a runbook. P has a static describe(); `cost`
    /// is what one run costs the target ("1 GET"); `codes` and `facts` are all that it may report.
    template <class P>
    Plugin& check(const char* name, const char* doc, const char* cost,
                  std::type_identity_t<AsyncCheck<P>> function, const std::vector<Code>& codes,
                  const std::vector<FactInfo>& facts = {});
    /// The same for a function that blocks.
    template <class P>
    Plugin& check(const char* name, const char* doc, const char* cost,
                  std::type_identity_t<BlockingCheck<P>> function, const std::vector<Code>& codes,
                  const std::vector<FactInfo>& facts = {});

    /// Says of the check added last that it is costly: it runs only with --deep.
    Plugin& deep();
    /// Says of the check added last that running it twice may change the target. Without this the
    /// host may run it again when its worker process died of another check.
    Plugin& not_repeatable();

    /// State that all checks share (Reporter::state<T>()), made before the first check. What `make`
    /// throws is the error of all the plugin's checks.
    template <class T>
    Plugin& state(std::function<std::unique_ptr<T>()> make);

    /// For TRIAGE_PLUGIN: the descriptor, or nullptr if this host's ABI is another.
    const triage_plugin* descriptor(const triage_host* host, const char* id, const char* version) {
        return parts_->descriptor(host, id, version);
    }

private:
    std::unique_ptr<detail::PluginParts> parts_;
};

}  // namespace triage

#include <triage/detail/plugin_builder.hpp>

#ifndef TRIAGE_PLUGIN_CAPABILITIES
#define TRIAGE_PLUGIN_CAPABILITIES ""
#endif

/// Once in a plugin: makes the exported entry point and the ELF note. The argument is a
/// triage::Plugin expression.
#define TRIAGE_PLUGIN(...)                                                                       \
    TRIAGE_NOTE(TRIAGE_PLUGIN_ID, TRIAGE_PLUGIN_VERSION, TRIAGE_PLUGIN_CAPABILITIES);            \
    extern "C" TRIAGE_EXPORT const triage_plugin* triage_plugin_entry(const triage_host* host) { \
        return triage::detail::guarded_entry([&] {                                               \
            static triage::Plugin plugin = triage::detail::moved(__VA_ARGS__);                   \
            return plugin.descriptor(host, TRIAGE_PLUGIN_ID, TRIAGE_PLUGIN_VERSION);             \
        });                                                                                      \
    }                                                                                            \
    static_assert(true)
