#include "core/plugin/runtime.hpp"

#include <array>
#include <exception>
#include <utility>

#include "core/plugin/descriptor.hpp"
#include "core/plugin/library.hpp"
#include "core/plugin/names.hpp"
#include "core/plugin/services.hpp"

namespace triage::plugin {
namespace {

// open() and entry must not throw, but plugins are written by people.
template <class Function>
base::Result<void> without_throwing(const std::string& where, Function function) {
    try {
        function();
        return {};
    } catch (const std::exception& problem) {
        return base::fail(where + " threw an exception: " + problem.what(),
                          "This is a bug of the plugin: tell its author.");
    } catch (...) {
        return base::fail(where + " threw an exception that is not a std::exception",
                          "This is a bug of the plugin: tell its author.");
    }
}

}  // namespace

base::Result<Loaded> load_plugin(const std::string& path, Breadcrumbs& crumbs, HostLock* lock) {
    const CrumbScope scope(crumbs.threads[0], Callback::load, CallId{0});
    const OutsideHost outside(lock, path, crumbs.threads[0]);
    const auto entry = load_library(path);
    if (!entry) return std::unexpected(entry.error());
    Loaded loaded;
    if (auto called = without_throwing(path + ": " TRIAGE_ENTRY_SYMBOL "()",
                                       [&] { loaded.descriptor = (*entry)(&host()); });
        !called)
        return std::unexpected(std::move(called.error()));
    auto info = describe(loaded.descriptor, path);
    if (!info) return std::unexpected(std::move(info.error()));
    loaded.info = std::make_shared<const model::PluginInfo>(std::move(*info));
    return loaded;
}

Runtime::Runtime(loop::Loop& loop, Upstream& upstream, Loaded plugin, std::shared_ptr<Pool> pool,
                 std::shared_ptr<Breadcrumbs> crumbs, HostLock* lock)
    : plugin_(*plugin.descriptor),
      around_{.loop = loop,
              .upstream = upstream,
              .pool = std::move(pool),
              .crumbs = std::move(crumbs),
              .link = std::make_shared<LoopLink>(loop),
              .info = std::move(plugin.info),
              .fds = FdWaits(loop),
              .response_view = {},
              .lock = lock} {}

Runtime::~Runtime() {
    around_.link->cut();
    bool all_ended = true;
    for (const auto& [id, instance] : instances_)
        all_ended &= instance->abandon();
    if (!opened_ || !all_ended || plugin_.close == nullptr) return;
    const CrumbScope scope(around_.crumbs->threads[0], Callback::close, CallId{0});
    const OutsideHost outside(around_.lock, around_.info->id, around_.crumbs->threads[0]);
    // If it throws, nobody is left to be told.
    [[maybe_unused]] const auto closed =
        without_throwing("close()", [this] { plugin_.close(around_.plugin_state); });
}

base::Result<void> Runtime::open() {
    opened_ = true;
    if (plugin_.open == nullptr) return {};
    std::array<char, 1024> reason{};
    std::int32_t result = 0;
    const CrumbScope scope(around_.crumbs->threads[0], Callback::open, CallId{0});
    const OutsideHost outside(around_.lock, around_.info->id, around_.crumbs->threads[0]);
    const auto& path = around_.info->path;
    auto called = without_throwing(path + ": open()", [&] {
        result = plugin_.open(&host(), &around_.plugin_state, reason.data(), reason.size());
    });
    opened_ = called && result == 0;
    if (!called || result == 0) return called;
    reason.back() = '\0';
    const std::string words = reason[0] != '\0' ? reason.data() : "it gave no reason";
    return base::fail("plugin '" + quotable(around_.info->id) + "' could not be opened: " + words);
}

void Runtime::start(CallId id, std::size_t check_index, Call call) {
    const auto instance = std::make_shared<Instance>(around_, id, *plugin_.checks[check_index],
                                                     check_index, std::move(call));
    instances_.emplace(std::to_underlying(id), instance);
    instance->start();
}

std::shared_ptr<Instance> Runtime::find(CallId call) const {
    const auto found = instances_.find(std::to_underlying(call));
    return found == instances_.end() ? nullptr : found->second;
}

void Runtime::cancel(CallId id) {
    if (const auto instance = find(id)) instance->cancel();
}

void Runtime::http_head(CallId call, OpId op, const net::Response& head) {
    if (const auto instance = find(call)) instance->http_head(op, head);
}

void Runtime::http_data(CallId call, OpId op, std::string_view chunk) {
    if (const auto instance = find(call)) instance->http_data(op, chunk);
}

void Runtime::http_done(CallId call, OpId op, net::Response response) {
    if (const auto instance = find(call)) instance->http_done(op, response);
}

}  // namespace triage::plugin
