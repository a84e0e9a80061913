#include "core/plugin/plugins.hpp"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "core/base/text.hpp"
#include "core/plugin/descriptor.hpp"
#include "core/plugin/in_process.hpp"
#include "core/plugin/install_paths.hpp"
#include "core/plugin/isolated.hpp"
#include "core/plugin/names.hpp"

namespace triage::plugin {
namespace {

// The note and the descriptor are two statements of the same thing; the host has decided by the
// note.
base::Result<void> check_same(const Candidate& note, const model::PluginInfo& info) {
    const auto differ = [&](const char* what, const std::string& a, const std::string& b) {
        return base::fail(note.path + " contradicts itself: its ELF note says " + what + " '" + a +
                              "', its descriptor '" + quotable(b) + "'",
                          "Build it with triage_add_plugin().");
    };
    if (note.id != info.id) return differ("id", note.id, info.id);
    if (note.version != info.version) return differ("version", note.version, info.version);
    return {};
}

template <class Map>
std::vector<std::string> keys(const Map& map) {
    std::vector<std::string> names;
    names.reserve(map.size());
    for (const auto& entry : map)
        names.push_back(entry.first);
    return names;
}

}  // namespace

struct Plugins::State {
    loop::Loop& loop;
    HostServices& services;
    Options options;
    std::shared_ptr<FlushList> flushes;                        // isolated only
    std::shared_ptr<Pool> pool;                                // in-process only
    std::shared_ptr<Breadcrumbs> crumbs;                       // in-process only
    std::map<std::string, std::unique_ptr<Backend>> backends;  // by id
    // Of those with sockets of their own, by id and place: see backend_for().
    std::map<std::pair<std::string, std::shared_ptr<const net::Place>>, std::unique_ptr<Backend>>
        elsewhere;
    std::map<std::string, model::PluginInfo> loaded;
    std::map<std::string, base::Error> broken;
    std::unordered_set<std::uint64_t> refused;  // calls whose outcome is on its way
    std::shared_ptr<int> alive = std::make_shared<int>(0);

    std::unique_ptr<Backend> make_backend(const Candidate& candidate);
    void opened(const Candidate& candidate,
                base::Result<std::shared_ptr<const model::PluginInfo>> info);
    base::Result<std::size_t> find_check(const Call& call) const;
    base::Error why_not_loaded(const std::string& id) const;
    base::Result<Backend*> backend_for(const Call& call);
    void refuse(CallId id, base::Error reason, CallSink& sink);
    template <class Task>
    void later(Task task) {
        loop.defer([alive = std::weak_ptr(alive), task = std::move(task)]() mutable {
            if (!alive.expired()) task();
        });
    }
};

std::unique_ptr<Backend> Plugins::State::make_backend(const Candidate& candidate) {
    if (options.isolated) {
        if (!flushes) flushes = FlushList::make(loop);
        return std::make_unique<Isolated>(loop, services, flushes, options, candidate.id,
                                          candidate.path);
    }
    if (!pool) {
        pool =
            std::make_shared<Pool>(Pool::Options{.limit = max_pool_threads, .on_thread_start = {}});
        crumbs = std::make_shared<Breadcrumbs>();
    }
    return std::make_unique<InProcess>(loop, services, pool, crumbs, options.host_lock,
                                       candidate.path);
}

void Plugins::State::opened(const Candidate& candidate,
                            base::Result<std::shared_ptr<const model::PluginInfo>> info) {
    const auto reject = [&](base::Error reason) {
        broken.emplace(candidate.id, std::move(reason));
    };
    if (!info) return reject(std::move(info.error()));
    if (auto good = check_info(**info); !good) return reject(std::move(good.error()));
    if (auto same = check_same(candidate, **info); !same) return reject(std::move(same.error()));
    model::PluginInfo copy = **info;
    copy.path = candidate.path;
    copy.capabilities = candidate.capabilities;
    loaded.emplace(candidate.id, std::move(copy));
}

base::Error Plugins::State::why_not_loaded(const std::string& id) const {
    if (const auto known = broken.find(id); known != broken.end()) return known->second;
    return {"plugin '" + id + "' is not loaded." + base::did_you_mean(id, keys(loaded)),
            "Install it into a plugin folder; `triage plugins` lists what is there."};
}

base::Result<std::size_t> Plugins::State::find_check(const Call& call) const {
    const auto plugin = loaded.find(call.plugin);
    if (plugin == loaded.end()) return std::unexpected(why_not_loaded(call.plugin));
    const auto& checks = plugin->second.checks;
    const auto found = std::ranges::find(checks, call.check, &model::CheckInfo::name);
    if (found != checks.end()) return static_cast<std::size_t>(found - checks.begin());
    std::vector<std::string> names;
    names.reserve(checks.size());
    for (const auto& check : checks)
        names.push_back(check.name);
    return base::fail("plugin '" + call.plugin + "' has no check '" + call.check + "'." +
                      base::did_you_mean(call.check, names));
}

// Requests are made by the host, from any place. Sockets of the plugin's own are where its process
// is.
base::Result<Backend*> Plugins::State::backend_for(const Call& call) {
    auto& here = *backends.at(call.plugin);
    const auto& capabilities = loaded.at(call.plugin).capabilities;
    if (call.place == nullptr || std::ranges::find(capabilities, "net") == capabilities.end())
        return &here;
    if (!call.place->is_inside()) {
        return base::fail("the plugin '" + call.plugin +
                              "' makes connections of its own, and the "
                              "network of " +
                              call.place->name() + " cannot be entered",
                          "Entering a container's network takes root: run triage with sudo.");
    }
    auto& there = elsewhere[{call.plugin, call.place}];
    if (!there) there = here.at(call.place);
    if (!there) {
        return base::fail("the plugin '" + call.plugin + "' makes connections of its own, from " +
                              "this process, which looks from the host",
                          "Run triage without --in-process.");
    }
    return there.get();
}

void Plugins::State::refuse(CallId id, base::Error reason, CallSink& sink) {
    refused.insert(std::to_underlying(id));
    later([this, id, reason = std::move(reason), &sink]() mutable {
        if (refused.erase(std::to_underlying(id)) == 0) return;  // cancelled
        Outcome outcome;
        outcome.error = std::move(reason.message);
        outcome.error_remedy = std::move(reason.remedy);
        sink.on_outcome(id, std::move(outcome));
    });
}

Plugins::Plugins(loop::Loop& loop, HostServices& services, Options options)
    : state_(new State{.loop = loop,
                       .services = services,
                       .options = std::move(options),
                       .flushes = {},
                       .pool = {},
                       .crumbs = {},
                       .backends = {},
                       .elsewhere = {},
                       .loaded = {},
                       .broken = {},
                       .refused = {}}) {
    auto& worker = state_->options.worker_path;
    if (worker.empty()) worker = installed("triage-worker");
}

Plugins::~Plugins() {
    for (const auto& [id, backend] : state_->backends)
        backend->shut_down();
    for (const auto& [key, backend] : state_->elsewhere)
        backend->shut_down();
}

void Plugins::open(const std::vector<Candidate>& candidates, std::function<void()> done) {
    const auto pending = std::make_shared<std::size_t>(candidates.size());
    const auto finish = std::make_shared<std::function<void()>>(std::move(done));
    if (candidates.empty()) return state_->later([finish] { (*finish)(); });
    for (const auto& candidate : candidates) {
        auto& backend = state_->backends[candidate.id];
        backend = state_->make_backend(candidate);
        backend->open([this, candidate, pending, finish](auto info) {
            state_->opened(candidate, std::move(info));
            if (--*pending == 0) (*finish)();
        });
    }
}

const std::map<std::string, model::PluginInfo>& Plugins::loaded() const { return state_->loaded; }

const std::map<std::string, base::Error>& Plugins::broken() const { return state_->broken; }

void Plugins::start(CallId id, Call call, CallSink& sink) {
    const auto check = state_->find_check(call);
    if (!check) {
        state_->refuse(id, check.error(), sink);
        return;
    }
    const auto backend = state_->backend_for(call);
    if (!backend) {
        state_->refuse(id, backend.error(), sink);
        return;
    }
    (*backend)->start(id, *check, std::move(call), sink);
}

void Plugins::cancel(CallId id) {
    if (state_->refused.erase(std::to_underlying(id)) > 0) return;
    for (const auto& [name, backend] : state_->backends)
        backend->cancel(id);
    for (const auto& [key, backend] : state_->elsewhere)
        backend->cancel(id);
}

}  // namespace triage::plugin
