/// triage/testing.hpp: a fake host for the unit tests of plugins.
///
/// It runs a plugin's checks in the test's process, through the C ABI alone, so that it fits
/// plugins in C as well:
///
///     using namespace triage::testing;
///
///     TEST(Ping, SaysWhatIsDown) {
///         FakeHost host;                                    // the plugin linked into this test
///         host.answer("GET", "http://a/", Reply::failed(triage::Failure::refused));
///         const auto result = host.run("url", Params().set("url", "http://a/"));
///         EXPECT_TRUE(result.found("ping.down"));
///         EXPECT_THAT(result.violations, testing::IsEmpty());
///     }
///
/// HTTP is canned. Time is virtual: it stands still while the check runs, and jumps to the next
/// event when nothing else can happen, so a timeout of an hour takes no time. File descriptors and
/// blocking work are real: time does not jump while work runs, nor before a descriptor has had
/// FakeHost::fd_patience to become ready.
///
/// The contract of abi.h is enforced on the way; whatever breaks it is in Result::violations.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <triage/abi.h>
#include <triage/http.hpp>
#include <triage/testing/params.hpp>
#include <triage/testing/reply.hpp>
#include <triage/testing/result.hpp>

namespace triage::testing {

using Entry = const triage_plugin* (*)(const triage_host*);

/// The entry point of a built plugin file. Throws std::runtime_error with the loader's text. The
/// library is never unloaded.
Entry load_plugin(const std::string& path);

/// A host with one plugin. Not thread-safe: one per test.
class FakeHost {
public:
    /// Opens the plugin that is linked into this program, or another one. Throws if it refuses.
    explicit FakeHost(Entry entry = &triage_plugin_entry);
    /// The same with services withheld, for example {TRIAGE_HTTP_API}: an older host.
    FakeHost(Entry entry, std::vector<std::string> withheld_services);
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;
    ~FakeHost();

    /// The next answer to this method and URL (compared as text). Answers are given in order, the
    /// last one again and again. A request that nothing was said about is a violation.
    FakeHost& answer(std::string method, std::string url, Reply reply);

    /// Ends of the same moment come in an order that follows from `seed`, instead of in the order
    /// in which they were started.
    FakeHost& shuffle(std::uint64_t seed);
    /// The attempt's deadline; then the check is cancelled. 10 s without this.
    FakeHost& deadline(std::chrono::microseconds after_start);
    /// Cancels the check instead of delivering event number `event` (START is 0). A blocking check
    /// sees it from call number `event` of cancelled() on.
    FakeHost& cancel_at(int event);
    /// Where the wall clock stands at the start of a run. 2026-01-01T00:00:00Z without this.
    FakeHost& wall_clock(std::chrono::sys_time<std::chrono::microseconds> at_start);
    /// How long, really, an idle descriptor holds back the next jump of the clock. 100 ms without
    /// this.
    FakeHost& fd_patience(std::chrono::milliseconds real_time);
    /// Lets checks see their secrets' texts. Without this reveal() says that it is not allowed.
    FakeHost& allow_reveal();

    /// Runs one check to its end: create, step or run, destroy. Throws std::invalid_argument if
    /// the check or a parameter does not exist, or a value does not fit its declaration.
    Result run(const std::string& check, const Params& params = {});

    /// What is wrong with the declaration itself: names, texts, defaults, sizes.
    std::vector<std::string> declaration_violations() const;

    /// What the plugin has declared.
    const triage_plugin& plugin() const;

    /// What runs share; defined in the library.
    struct State;

private:
    std::unique_ptr<State> state_;
};

}  // namespace triage::testing
