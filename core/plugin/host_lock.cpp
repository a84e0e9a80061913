#include "core/plugin/host_lock.hpp"

#include "core/base/text.hpp"
#include "core/plugin/names.hpp"

namespace triage::plugin {
namespace {

// What took less is not stuck: there were too many of them.
constexpr std::chrono::milliseconds noticeable{100};

}  // namespace

std::string describe(const UnderWay& callback) {
    if (callback.elapsed < noticeable) {
        return "callbacks of plugins have kept triage from everything else";
    }
    const bool loading = callback.callback == Callback::load;
    return "plugin '" + quotable(callback.plugin) + "': " + std::string(name(callback.callback)) +
           (loading ? " has not ended for " : "() has not returned for ") +
           base::format_duration(callback.elapsed);
}

bool HostLock::seize(std::chrono::milliseconds patience) {
    seizing_.store(true, std::memory_order_relaxed);
    // By the wall clock: GCC 12's thread sanitizer does not know pthread_mutex_clocklock().
    const bool seized = mutex_.try_lock_until(std::chrono::system_clock::now() + patience);
    seizing_.store(false, std::memory_order_relaxed);
    seizing_.notify_one();
    return seized;
}

UnderWay HostLock::under_way() const {
    if (crumb_ == nullptr) return {};
    UnderWay now;
    now.plugin = *plugin_;
    now.callback = static_cast<Callback>(crumb_->callback.load(std::memory_order_acquire));
    now.call = CallId{crumb_->call.load(std::memory_order_relaxed)};
    const auto since = crumb_->since_us.load(std::memory_order_relaxed);
    now.elapsed = std::chrono::microseconds(coarse_now_us() - since);
    return now;
}

}  // namespace triage::plugin
