// The plugins of a run: found, loaded, asked.
//
// Isolated (the default), each plugin lives in a worker process of its own and whatever it does
// costs its own checks an error and nothing else. In-process, it is loaded into this process and
// trusted. Both ways run the same adapter of the same ABI (runtime.hpp) and behave alike to the
// caller.
//
// All calls and callbacks on the loop's thread.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/loop/loop.hpp"
#include "core/model/schema.hpp"
#include "core/plugin/call.hpp"

namespace triage::plugin {

// What is known of a plugin file without running any of its code.
struct Candidate {
    std::string id;
    std::string version;
    std::string abi;
    std::vector<std::string> capabilities;
    std::string path;
    std::string build_id;  // tells one build from another; empty: unknown
};

struct Found {
    std::map<std::string, Candidate> usable;  // by id; the first folder wins
    std::map<std::string, base::Error>
        broken;                         // by file path: truncated, wrong architecture, no plugin, …
    std::vector<std::string> searched;  // folders, in order
};

// Looks at the *.so files of `folders` (a missing folder is no error). Reads ELF headers and the
// triage note; loads nothing.
Found find_plugins(const std::vector<std::string>& folders);

// --plugins folders, then TRIAGE_PLUGIN_PATH (colon-separated), then lib/triage/plugins of the
// installation.
std::vector<std::string> default_folders(const std::vector<std::string>& from_flags);

class HostLock;

struct Options {
    bool isolated = true;
    std::string worker_path;  // empty: ../lib/triage/triage-worker beside the program
    // How long one callback of a plugin may keep its worker's loop from turning.
    std::chrono::milliseconds callback_budget{2000};
    std::chrono::milliseconds open_timeout{3000};  // spawn, load and describe
    HostLock* host_lock = nullptr;                 // in-process: for who watches; it outlives all
};

class Plugins final : public Executor {
public:
    // `services` must outlive this.
    Plugins(loop::Loop& loop, HostServices& services, Options options);
    ~Plugins() override;  // ends every worker; never blocks on one

    // Loads these and asks what they declare, all at the same time; `done` when all are known.
    void open(const std::vector<Candidate>& candidates, std::function<void()> done);
    const std::map<std::string, model::PluginInfo>& loaded() const;  // by id
    const std::map<std::string, base::Error>& broken() const;        // by id: why

    // If the plugin is not loaded, or its worker cannot be had any more, the outcome is an error
    // that says so.
    void start(CallId id, Call call, CallSink& sink) override;
    void cancel(CallId id) override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace triage::plugin
